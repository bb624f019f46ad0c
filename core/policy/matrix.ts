import type { PolicyOutcome } from '../model/app.ts';
import type { Matrix, MatrixQuestion } from '../model/lab.ts';
import { problem } from '../model/problem.ts';
import { askOutcome, type PolicySubject } from './ask.ts';

/** More combinations than this are refused: a map of them could not be read. */
export const MOST_CELLS = 100_000;
/** Cells between two looks at the clock of the event loop. */
const SLICE = 200;

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
  for (const profile of profiles) {
    for (const fromAddress of addresses) {
      for (const timeout of timeouts) {
        for (const afterSeconds of ages) {
          const parameters = { timeout, ignore_expiry, ignore_change_ip };
          cells.push(await askOutcome(subject, { parameters, profile, afterSeconds, fromAddress, cleanup }));
          if (cells.length % SLICE !== 0) continue;
          if (options.signal?.aborted === true) throw problem('cancelled', 'The matrix was cancelled');
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  }
  return { question, cells, tookMs: options.clock() - began };
}
