import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionDetail } from '../../core/model/app.ts';
import type { FlowSummary } from '../../core/model/flow.ts';
import type { ExperimentMeta, Matrix } from '../../core/model/lab.ts';
import { sampleSessions, sampleStores } from '../../renderer/src/fake/fake-data.ts';
import {
  defaultLiveForm,
  offeredFlows,
  plan,
  recordedFlow,
  runRequest,
} from '../../renderer/src/features/lab/live/live-form.ts';
import { exactSpan, nearest, outcomeAt, questionOf, runsOf } from '../../renderer/src/features/lab/matrix-cells.ts';
import {
  DETAIL,
  defaultMatrixForm,
  ladder,
  matrixQuestion,
  parseAddresses,
} from '../../renderer/src/features/lab/matrix-form.ts';
import { en } from '../../renderer/src/i18n/en.ts';
import type { Translate } from '../../renderer/src/i18n/index.ts';
import { defaultPolicyForm } from '../../renderer/src/state/policy-form.ts';

const t: Translate = (key, values = {}) =>
  (en as unknown as Record<string, string>)[key]?.replace(/\{\{(\w+)[^}]*\}\}/g, (_, name) => String(values[name])) ??
  key;

describe('the ladder of spans', () => {
  it('ascends from the first to the last in whole seconds, and is never longer than asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 2, max: 200 }),
        (first, more, count) => {
          const steps = ladder(first, first + more, count);
          expect(steps[0]).toBe(first);
          expect(steps.at(-1)).toBe(first + more);
          expect(steps.length).toBeLessThanOrEqual(count);
          for (let i = 1; i < steps.length; i++) {
            expect(Number.isInteger(steps[i])).toBe(true);
            expect(steps[i]).toBeGreaterThan(steps[i - 1] ?? Number.POSITIVE_INFINITY);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('has the spans that people know', () => {
    expect(ladder(300, 604_800, 24)).toEqual(
      expect.arrayContaining([600, 1_800, 3_600, 7_200, 28_800, 86_400, 172_800]),
    );
  });

  it('gives the matrix close to as many cells as its detail says', () => {
    for (const [detail, [rows, columns]] of Object.entries(DETAIL)) {
      const question = matrixQuestion(
        { ...defaultMatrixForm, detail: detail as keyof typeof DETAIL },
        defaultPolicyForm,
      );
      if ('bad' in question) throw new Error(question.bad);
      expect(question.timeouts.length).toBe(rows);
      expect(question.ages.length).toBe(columns);
    }
  });
});

describe('the form of the matrix', () => {
  it.each([
    ['profiles', { profiles: [] }],
    ['addresses', { addresses: 'localhost' }],
    ['addresses', { addresses: '' }],
    ['timeouts', { timeoutFrom: '7 d', timeoutTo: '5 min' }],
    ['timeouts', { timeoutFrom: 'soon' }],
    ['ages', { ageTo: '' }],
    ['ages', { ageFrom: '-5' }],
  ] as const)('names %s when it cannot be read', (bad, change) => {
    expect(matrixQuestion({ ...defaultMatrixForm, ...change }, defaultPolicyForm)).toEqual({ bad });
  });

  it('takes addresses apart at commas and spaces, each once', () => {
    expect(parseAddresses('127.0.0.1,127.0.0.2  ::1, 127.0.0.1')).toEqual(['127.0.0.1', '127.0.0.2', '::1']);
    expect(parseAddresses(Array.from({ length: 21 }, (_, i) => `10.0.0.${i}`).join())).toBeNull();
  });
});

describe('the cells of the matrix', () => {
  const matrix: Matrix = {
    question: {
      profiles: ['0.62', 'intended'],
      addresses: ['127.0.0.1', '127.0.0.2', '::1'],
      timeouts: [60, 3_600],
      ages: [1, 61, 90_000, 90_001],
      ignore_expiry: false,
      ignore_change_ip: true,
      cleanup: 'not-due',
    },
    cells: Array.from({ length: 48 }, (_, i) =>
      i % 4 === 0 ? 'accepted' : i % 4 === 3 ? 'server-error' : 'new-session',
    ),
    tookMs: 1,
  };

  it('are found where the engine puts them, and ask what they are the answer to', () => {
    const cells = matrix.cells.map((_, i) => (i === 42 ? ('expired-message' as const) : ('accepted' as const)));
    // ((1 * 3 + 2) * 2 + 0) * 4 + 2
    expect(outcomeAt({ ...matrix, cells }, { p: 1, a: 2 }, { t: 0, n: 2 })).toBe('expired-message');
    expect(questionOf(matrix.question, { p: 1, a: 2 }, { t: 0, n: 2 })).toEqual({
      parameters: { timeout: 60, ignore_expiry: false, ignore_change_ip: true },
      profile: 'intended',
      afterSeconds: 90_000,
      fromAddress: '::1',
      cleanup: 'not-due',
    });
  });

  it('are drawn as runs that cover the row', () => {
    expect(runsOf(matrix, { p: 0, a: 0 }, 1)).toEqual([
      { outcome: 'accepted', from: 0, to: 1 },
      { outcome: 'new-session', from: 1, to: 3 },
      { outcome: 'server-error', from: 3, to: 4 },
    ]);
  });

  it('are found near a number', () => {
    expect(nearest([60, 3_600, 86_400], 80_000)).toBe(2);
    expect(nearest([60, 3_600, 86_400], 0)).toBe(0);
  });

  it.each([
    [0, '0 s'],
    [1, '1 s'],
    [60, '1 min'],
    [90, '90 s'],
    [130, '2 min 10 s'],
    [3_600, '1 h'],
    [5_700, '95 min'],
    [90_000, '25 h'],
    [86_401, '1 d 1 s'],
    [604_800, '7 d'],
    [273_600, '3 d 4 h'],
  ])('%d s is said as %s', (seconds, said) => {
    expect(exactSpan(seconds, t)).toBe(said);
  });
});

describe('the plan of a check-up', () => {
  const flow = (id: string, path: string, more: Partial<FlowSummary> = {}): FlowSummary => ({
    id,
    startedAt: 1_000 + Number(id.slice(1)),
    method: 'GET',
    url: `http://shop.test${path}`,
    status: 200,
    requestBytes: 0,
    responseBytes: 100,
    kind: 'http',
    sessions: ['s1'],
    ...more,
  });
  const summary = sampleSessions(0)[0];
  if (summary === undefined) throw new Error('no sample session');
  const record = { storeId: 'disk1', id: summary.id, revision: 'r1', bytes: 1, rawBase64: '', rawKept: 0 };
  const detail: SessionDetail = {
    summary,
    cookie: null,
    record: { ...record, lastUsed: null, layers: [], value: null, lossless: true, warnings: [] },
    edits: [],
    flows: [
      flow('f1', '/account'),
      flow('f2', '/account'),
      flow('f3', '/logout', { method: 'POST', status: 303 }),
      flow('f4', '/site.css'),
      flow('f5', '/login', { method: 'POST' }),
      flow('f6', '/other', { origin: { replayOf: 'f1' } }),
      flow('f7', '/broken', { status: 500 }),
    ],
  };
  const meta = (id: string, needs: ExperimentMeta['needs']): ExperimentMeta => ({
    ...{
      id,
      needs,
      title: id,
      why: '',
      cause: '',
      act: '',
      control: '',
      severity: 'medium',
      mend: '',
      writes: true,
      wstg: [],
      asvs: [],
    },
  });
  const catalog = [
    meta('address-change', ['request']),
    meta('idle-limit', ['request', 'record', 'age']),
    meta('logout', ['request', 'logout']),
    meta('absolute-lifetime', ['request', 'record']),
  ];

  it('verifies with the newest page that answered, and finds the logout', () => {
    const asked = plan(defaultLiveForm, detail, sampleStores, catalog);
    expect(asked.verification?.id).toBe('f2');
    expect(asked.logout?.id).toBe('f3');
    expect(asked.chosen.map(({ id }) => id)).toEqual(['address-change', 'idle-limit', 'logout']);
    expect(asked.lacks.get('absolute-lifetime')).toEqual(['absolute']);
    expect(offeredFlows(detail.flows).map(({ id }) => id)).toEqual(['f7', 'f5', 'f4', 'f3', 'f2']);
  });

  it('plans on a host that browsers refuse as on any other', () => {
    const odd = detail.flows.map((one) => ({ ...one, url: one.url.replace('shop.test', 'a%zz.localhost:81') }));
    const asked = plan(defaultLiveForm, { ...detail, flows: odd }, sampleStores, catalog);
    expect([asked.verification?.id, asked.logout?.id]).toEqual(['f2', 'f3']);
    expect(recordedFlow(odd, new Set())?.id).toBe('f1');
  });

  it('without a record leaves out what needs it, and says so', () => {
    const asked = plan({ ...defaultLiveForm, logout: '' }, { ...detail, record: null }, sampleStores, catalog);
    expect(asked.chosen.map(({ id }) => id)).toEqual(['address-change']);
    expect(asked.lacks.get('idle-limit')).toEqual(['record', 'age']);
    expect(asked.lacks.get('logout')).toEqual(['logout']);
  });

  it('asks for what was chosen, in seconds', () => {
    const form = { ...defaultLiveForm, idle: '30 min', absolute: '12 h', chosen: new Set(['idle-limit', 'gone']) };
    const asked = plan(form, detail, sampleStores, catalog);
    expect(runRequest('s1', form, asked, true)).toEqual({
      key: 's1',
      experiments: ['idle-limit'],
      settings: {
        idleSeconds: 1_800,
        absoluteSeconds: 43_200,
        addressMayChange: false,
        addresses: ['127.0.0.2', '::1'],
      },
      verificationFlowId: 'f2',
      logoutFlowId: 'f3',
      confirmed: true,
    });
  });

  it.each([
    ['idle', { idle: '' }],
    ['idle', { idle: '0' }],
    ['absolute', { absolute: 'x' }],
    ['addresses', { addresses: 'here' }],
  ] as const)('names %s when it cannot be read', (bad, change) => {
    expect(plan({ ...defaultLiveForm, ...change }, detail, sampleStores, catalog).bad).toBe(bad);
  });
});

describe('recording a request', () => {
  const flow = (id: string, startedAt: number, change: Partial<FlowSummary> = {}) =>
    ({
      id,
      startedAt,
      kind: 'http',
      method: 'GET',
      url: `http://shop.test/${id}`,
      status: 200,
      ...change,
    }) as FlowSummary;

  it('takes the first answered page that came since', () => {
    const known = new Set(['old']);
    const flows = [flow('later', 30), flow('first', 20), flow('old', 10)];
    expect(recordedFlow(flows, known)?.id).toBe('first');
    expect(recordedFlow([flow('old', 10)], known)).toBeUndefined();
  });

  it('waits for the answer, and leaves out pictures, WebSockets and what was sent from here', () => {
    const { status: _, ...unanswered } = flow('unanswered', 1);
    const flows = [
      unanswered as FlowSummary,
      flow('logo.png', 2),
      flow('socket', 3, { kind: 'websocket' } as Partial<FlowSummary>),
      flow('replay', 4, { origin: { replayOf: 'x' } } as unknown as Partial<FlowSummary>),
    ];
    expect(recordedFlow(flows, new Set())).toBeUndefined();
    expect(recordedFlow([...flows, flow('page', 5)], new Set())?.id).toBe('page');
  });
});
