import type { PolicyOutcome, PolicyQuestion } from '../../../model/app.ts';
import type { Matrix, MatrixQuestion } from '../../../model/lab.ts';
import { problem } from '../../../model/problem.ts';
import type { Sandbox } from '../stores/sandbox.ts';
import { outcomeOf } from './ask.ts';
import { earlierCleanup, type PolicySubject, runExperiment, storedValues } from './experiment.ts';

/** More combinations than this are refused: a map of them could not be read. */
export const MOST_CELLS = 100_000;
/** Cells between two looks at the clock of the event loop. */
const SLICE = 1_000;
/** Nearer to a limit than so (seconds), stores may round differently: such cells are asked one by one. */
const NEAR = 0.002;
/** Seconds beyond which dates leave the calendars of Python and the databases. */
const FAR = 1e10;

/**
 * Asks every combination of profiles, addresses, timeouts and ages of a scratch copy of one record. Gives way to other
 * work between slices; `clock` in milliseconds, for the time it took.
 * @throws ProblemError `too-many-cells`, `cancelled`, and what the store throws
 */
export async function computeMatrix(
  sandbox: Sandbox,
  subject: PolicySubject,
  question: MatrixQuestion,
  options: { clock: () => number; signal?: AbortSignal },
): Promise<Matrix> {
  const { profiles, addresses, timeouts, ages } = question;
  const count = profiles.length * addresses.length * timeouts.length * ages.length;
  if (count > MOST_CELLS) {
    throw problem('too-many-cells', `${count} combinations are more than the ${MOST_CELLS} that are computed at once`, {
      remedy: 'Choose fewer timeouts, ages or addresses.',
    });
  }
  const began = options.clock();
  const stop = () => {
    if (options.signal?.aborted === true) throw problem('cancelled', 'The matrix was cancelled');
  };
  await sandbox.refresh([subject.recordId]);
  const lastUsed = (await sandbox.look(subject.recordId))?.lastUsed ?? subject.now;
  const owner = (await storedValues(sandbox, subject.recordId))?.get('ip');
  const cells: PolicyOutcome[] = [];
  // Cells of one case end alike: the whole of web.py runs once for each.
  const known = new Map<string, PolicyOutcome>();
  for (const profile of profiles) {
    for (const fromAddress of addresses) {
      // Addresses are only ever compared with the one in the record.
      const who = typeof owner === 'string' ? String((question.proxyAddress ?? fromAddress) === owner) : fromAddress;
      for (const timeout of timeouts) {
        for (const afterSeconds of ages) {
          const asked = cellQuestion(question, { profile, fromAddress, timeout, afterSeconds });
          const key = `${profile} ${who} ${caseOf(lastUsed, timeout, asked)}`;
          let outcome = known.get(key);
          if (outcome === undefined) {
            stop();
            known.set(key, (outcome = outcomeOf(await runExperiment(sandbox, subject, asked))));
          }
          cells.push(outcome);
          if (cells.length % SLICE !== 0) continue;
          stop();
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
  }
  return { question, cells, tookMs: options.clock() - began };
}

type Cell = Pick<PolicyQuestion, 'profile' | 'fromAddress' | 'afterSeconds'> & { readonly timeout: number };

/** The single question that a cell is the answer to. */
function cellQuestion(question: MatrixQuestion, { timeout, ...cell }: Cell): PolicyQuestion {
  const { ignore_expiry, ignore_change_ip, cleanup, others, initializer, proxyAddress } = question;
  return {
    ...cell,
    parameters: { ...others, timeout, ignore_expiry, ignore_change_ip },
    cleanup,
    ...(initializer === undefined ? {} : { initializer }),
    ...(proxyAddress === undefined ? {} : { proxyAddress }),
  };
}

/**
 * All that an outcome depends on besides profile, address and the flags: which cleanups are due and whether they take the
 * record (section 6 of the reference). The same arithmetic as the session core's, so that limits fall alike.
 */
function caseOf(lastUsed: number, timeout: number, { afterSeconds, cleanup }: PolicyQuestion): string {
  const asked = lastUsed + afterSeconds * 1000;
  if (isDelicate(timeout, afterSeconds)) return `${timeout} ${afterSeconds}`;
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

/** Where the arithmetic of a store may differ from that of the session core. */
function isDelicate(timeout: number, age: number): boolean {
  if (!(Math.abs(timeout) < FAR && Math.abs(age) < FAR)) return true;
  if (Number.isInteger(timeout) && Number.isInteger(age)) return false;
  return Math.abs(age - timeout) < NEAR || Math.abs(age - 2 * timeout) < NEAR;
}
