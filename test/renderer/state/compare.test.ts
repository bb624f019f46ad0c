import { describe, expect, it } from 'vitest';
import { fakeFlowDetail } from '../../../renderer/src/fake/fake-answers.ts';
import { cookieOf, flow, session } from '../../../renderer/src/fake/fake-data.ts';
import { compareFacts, cookieFacts, flowFacts } from '../../../renderer/src/state/compare.ts';

const NOW = 1_000_000_000_000;

describe('comparisons', () => {
  it('says nothing about two equal flows', () => {
    const detail = fakeFlowDetail(flow(1, NOW), session(1, NOW));
    expect(compareFacts(flowFacts(detail), flowFacts(detail))).toEqual([]);
  });

  it('names each changed cookie, header and the status on a line of its own', () => {
    const left = fakeFlowDetail(flow(1, NOW), session(1, NOW, { id: 'aaa' }));
    const right = fakeFlowDetail(
      flow(2, NOW, { url: 'http://shop.test/count', responseBytes: 1417 }),
      session(1, NOW, { id: 'bbb' }),
    );
    const lines = compareFacts(flowFacts(left), flowFacts(right));
    expect(lines.map((line) => line.at)).toEqual(['status', '→ cookie sid', '← set-cookie sid']);
    expect(lines[1]).toEqual({ at: '→ cookie sid', left: 'aaa', right: 'bbb' });
  });

  it('numbers repeated headers and tells an absent one from an empty one', () => {
    const detail = fakeFlowDetail(flow(1, NOW), session(1, NOW));
    const { response } = detail.flow;
    if (response === undefined) throw new Error('the sample has a response');
    const more = {
      ...detail,
      flow: { ...detail.flow, response: { ...response, rawHeaders: [...response.rawHeaders, 'Date', ''] } },
    };
    expect(compareFacts(flowFacts(detail), flowFacts(more))).toEqual([{ at: '← date (2)', right: '' }]);
  });

  it('compares the attributes of two cookies', () => {
    const a = cookieOf(session(1, NOW), NOW);
    const b = cookieOf(session(1, NOW, { flags: { httpOnly: false, secure: true } }), NOW);
    expect(compareFacts(cookieFacts(a), cookieFacts(b)).map((line) => line.at)).toEqual([
      'Secure',
      'HttpOnly',
      'SameSite',
    ]);
    expect(compareFacts(cookieFacts(null), cookieFacts(null))).toEqual([]);
  });
});
