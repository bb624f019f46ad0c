import type { PolicyOutcome, PolicyQuestion } from '../model/app.ts';
import type { Matrix, MatrixQuestion } from '../model/lab.ts';
import { problem } from '../model/problem.ts';
import { askOutcome, earlierCleanup, type PolicySubject } from './ask.ts';

/** More combinations than this are refused: a map of them could not be read. */
export const MOST_CELLS = 100_000;
/** Cells between two looks at the clock of the event loop. */
const SLICE = 1_000;

/**
 * Asks every combination of profiles, addresses, timeouts and ages of a scratch copy of one record. Gives way to other
 * work between slices; `clock` in milliseconds, for the time it took.
 * @throws ProblemError `too-many-cells`, `cancelled`
 */
export async function computeMatrix(
  subject: PolicySubject,
  question: MatrixQuestion,
  options: { clock: () => number; signal?: AbortSignal },
): Promise<Matrix> {
  const { profiles, addresses, timeouts, ages, ignore_change_ip, ignore_expiry, cleanup } = question;
  const count = profiles.length * addresses.length * timeouts.length * ages.length;
  if (count > MOST_CELLS) {
    throw problem('too-many-cells', `${count} combinations are more than the ${MOST_CELLS} that are computed at once`, {
      remedy: 'Choose fewer timeouts, ages or addresses.',
    });
  }
  const began = options.clock();
  const cells: PolicyOutcome[] = [];
  // Cells of one case end alike: the whole of web.py runs once for each.
  const known = new Map<string, PolicyOutcome>();
  for (const profile of profiles) {
    for (const fromAddress of addresses) {
      for (const timeout of timeouts) {
        for (const afterSeconds of ages) {
          const asked: PolicyQuestion = {
            parameters: { timeout, ignore_expiry, ignore_change_ip },
            profile,
            afterSeconds,
            fromAddress,
            cleanup,
          };
          const key = `${profile} ${fromAddress} ${caseOf(subject, asked)}`;
          let outcome = known.get(key);
          if (outcome === undefined) known.set(key, (outcome = await askOutcome(subject, asked)));
          cells.push(outcome);
          if (cells.length % SLICE !== 0) continue;
          if (options.signal?.aborted === true) throw problem('cancelled', 'The matrix was cancelled');
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  }
  return { question, cells, tookMs: options.clock() - began };
}

/**
 * All that an outcome depends on besides profile, address and the flags: which cleanups are due and whether they take the
 * record (section 6 of the reference). The same arithmetic as the session core's, so that limits fall alike.
 */
function caseOf({ record, now: today }: PolicySubject, { parameters, afterSeconds, cleanup }: PolicyQuestion): string {
  const { timeout } = parameters;
  const lastUsed = record.lastUsed ?? today;
  const asked = lastUsed + afterSeconds * 1000;
  if (!Number.isFinite(timeout) || !Number.isFinite(asked)) return `${timeout} ${afterSeconds}`;
  const takes = (at: number) => (at - lastUsed) / 1000 > timeout;
  if (cleanup === 'at-request') {
    const due = asked / 1000 > timeout;
    return `${due} ${due && takes(asked)}`;
  }
  const earlier = earlierCleanup(lastUsed, asked, timeout);
  const dueBefore = earlier / 1000 > timeout;
  const due = asked / 1000 - (dueBefore ? earlier / 1000 : 0) > timeout;
  return `${dueBefore} ${dueBefore && takes(earlier)} ${due} ${due && takes(asked)}`;
}
