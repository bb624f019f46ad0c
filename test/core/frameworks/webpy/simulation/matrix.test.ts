import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { askPolicy } from '../../../../../core/frameworks/webpy/simulation/ask.ts';
import type { PolicySubject } from '../../../../../core/frameworks/webpy/simulation/experiment.ts';
import { computeMatrix } from '../../../../../core/frameworks/webpy/simulation/matrix.ts';
import { openSandbox } from '../../../../../core/frameworks/webpy/stores/sandbox.ts';
import type { PolicyQuestion } from '../../../../../core/model/app.ts';
import { sqlitePlace } from '../../../../contract/places.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
const NOW = Date.UTC(2026, 10, 23, 16);

const place = await sqlitePlace();
const store = await place.open();
const bench = await openSandbox(place.url);
afterAll(async () => {
  await bench.dispose();
  await store.close();
  await place.dispose();
});

async function subjectWith(ip: string | null | undefined, cookieValue = ID): Promise<PolicySubject> {
  const values = new Map<unknown, unknown>([
    ['session_id', ID],
    ['count', 1],
  ]);
  if (ip !== undefined) values.set('ip', ip);
  await store.remove(ID);
  await store.create(ID, encodeSession(values), NOW);
  return { recordId: ID, cookieName: 'webpy_session_id', cookieValue, now: NOW };
}

describe('computeMatrix', () => {
  it('gives for each cell what policy.ask answers to the same question', { timeout: 240_000 }, async () => {
    let cells = 0;
    const seconds = fc.oneof(
      fc.constantFrom(-1, 0, 1, 1_800, 3_600, 7_200, 7_201, 86_400, 1e9, 3e9, Number.POSITIVE_INFINITY),
      fc.double({ min: 0.001, max: 200_000, noNaN: true }),
    );
    const ages = fc.oneof(
      fc.constantFrom(0, 1, 1_800, 3_600, 3_600.25, 7_200, 7_201, 86_400, 172_800, 2e9),
      fc.double({ min: 0, max: 400_000, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          profiles: fc.uniqueArray(fc.constantFrom('0.37', '0.40', '0.62', 'intended'), {
            minLength: 1,
          }) as fc.Arbitrary<PolicyQuestion['profile'][]>,
          addresses: fc.uniqueArray(fc.constantFrom('127.0.0.1', '127.0.0.2', '::1'), { minLength: 1, maxLength: 2 }),
          timeouts: fc.array(seconds, { minLength: 1, maxLength: 3 }),
          ages: fc.array(ages, { minLength: 1, maxLength: 3 }),
          ignore_expiry: fc.boolean(),
          ignore_change_ip: fc.boolean(),
          cleanup: fc.constantFrom('at-request' as const, 'not-due' as const),
        }),
        fc.constantFrom('127.0.0.1', null, undefined),
        fc.constantFrom(ID, `${ID.slice(0, -1)}0`, 'not-an-id'),
        async (question, ip, cookie) => {
          const subject = await subjectWith(ip, cookie);
          const matrix = await computeMatrix(bench, subject, question, { clock: () => 0 });
          let at = 0;
          for (const profile of question.profiles) {
            for (const fromAddress of question.addresses) {
              for (const timeout of question.timeouts) {
                for (const afterSeconds of question.ages) {
                  const { ignore_expiry, ignore_change_ip, cleanup } = question;
                  const parameters = { timeout, ignore_expiry, ignore_change_ip };
                  const asked = { parameters, profile, afterSeconds, fromAddress, cleanup };
                  expect(matrix.cells[at++], JSON.stringify(asked)).toBe(
                    (await askPolicy(bench, subject, asked)).outcome,
                  );
                  cells += 1;
                }
              }
            }
          }
          expect(matrix.cells).toHaveLength(at);
        },
      ),
      { numRuns: 80, seed: 7 },
    );
    console.log(`${cells} cells of matrices equal the answers of policy.ask`);
  });

  it('refuses a map that nobody could read, and stops when told to', async () => {
    const subject = await subjectWith('127.0.0.1');
    const many = Array.from({ length: 500 }, (_, i) => i);
    const question = {
      profiles: ['0.62'] as const,
      addresses: ['127.0.0.1'],
      timeouts: many,
      ages: many,
      ignore_expiry: true,
      ignore_change_ip: true,
      cleanup: 'at-request' as const,
    };
    await expect(computeMatrix(bench, subject, question, { clock: () => 0 })).rejects.toMatchObject({
      problem: { kind: 'too-many-cells' },
    });
    const stop = new AbortController();
    stop.abort();
    const fewer = { ...question, timeouts: many.slice(0, 10) };
    await expect(computeMatrix(bench, subject, fewer, { clock: () => 0, signal: stop.signal })).rejects.toMatchObject({
      problem: { kind: 'cancelled' },
    });
  });
});
