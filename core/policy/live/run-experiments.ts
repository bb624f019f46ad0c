import type { ExperimentOutcome } from '../../model/lab.ts';
import { type Problem, ProblemError, problem, toProblem } from '../../model/problem.ts';
import { isSafeToRepeat } from '../prove-it.ts';
import { EXPERIMENTS } from './catalog.ts';
import { LabContext, type LabPorts } from './context.ts';
import { cannotTell, type Experiment, type Finding, notApplicable } from './experiment.ts';
import { mendOf } from './mend.ts';
import { tidyUp, unexplainedRecords } from './tidy-up.ts';

export interface RunResult {
  readonly state: 'done' | 'cancelled' | 'failed';
  readonly outcomes: readonly ExperimentOutcome[];
  /** Store and records are as they were. */
  readonly restored: boolean;
  /** Sessions of the run that could not be ended, by shortened id, in words. */
  readonly leftOver: readonly string[];
  /** What did not repeat: errors that came by chance. */
  readonly unsteady: readonly string[];
  readonly problem?: Problem;
}

/** Requests that only a policy can name. */
export const ACTS: ReadonlySet<string> = new Set([
  'act',
  'privilege_change',
  'password_change',
  'logout_everywhere',
  'disable_user',
  'sensitive_change',
]);

/** @throws ProblemError `no-experiment` for an id that is not in the catalog */
export function experimentsOf(ids: readonly string[]): Experiment[] {
  const unknown = ids.filter((id) => !EXPERIMENTS.some(({ meta }) => meta.id === id));
  if (unknown.length > 0) {
    throw problem('no-experiment', `There is no experiment ${unknown.join(', ')}`, {
      remedy: `There are: ${EXPERIMENTS.map(({ meta }) => meta.id).join(', ')}`,
    });
  }
  return EXPERIMENTS.filter(({ meta }) => ids.includes(meta.id));
}

/**
 * What must be confirmed before these experiments run, in words; empty when nothing writes and no request may change
 * things.
 */
export function toConfirm(
  experiments: readonly Experiment[],
  ports: Pick<LabPorts, 'verification' | 'logout' | 'acts'>,
): string[] {
  const asked: string[] = [];
  const writing = experiments.filter(({ meta }) => meta.writes).map(({ meta }) => meta.id);
  if (writing.length > 0) {
    asked.push(
      `${writing.join(', ')} write into the application's store or may make it write; all is undone afterwards`,
    );
  }
  for (const { meta } of experiments) {
    const act = meta.needs.find((need) => ACTS.has(need));
    if (meta.forGood === undefined || (act !== undefined && ports.acts?.[act] === undefined)) continue;
    asked.push(`${meta.id} ${meta.forGood}: that cannot be undone`);
  }
  const { method, url } = ports.verification.request;
  if (!isSafeToRepeat(ports.verification)) asked.push(`${method} ${url} may change things each time it is sent`);
  if (ports.logout !== undefined && experiments.some(({ meta }) => meta.needs.includes('logout'))) {
    asked.push(
      `${ports.logout.request.method} ${ports.logout.request.url} logs the session out; its record is restored`,
    );
  }
  return asked;
}

/**
 * Runs experiments one after another, tells each outcome, and puts everything back, also after a failure or when it was
 * cancelled. An experiment that fails is `cannot-tell` with the reason; the others go on.
 */
export async function runExperiments(
  experiments: readonly Experiment[],
  ports: LabPorts,
  notify: (outcome: ExperimentOutcome) => void = () => {},
): Promise<RunResult> {
  const lab = new LabContext(ports);
  const outcomes: ExperimentOutcome[] = [];
  let failure: Problem | undefined;
  try {
    await lab.begin(experiments.some(({ meta }) => meta.needs.includes('age')));
    for (const experiment of experiments) {
      const began = ports.clock();
      const { proof, ...finding } = await perform(experiment, lab);
      const outcome: ExperimentOutcome = {
        experimentId: experiment.meta.id,
        ...finding,
        ...(proof === undefined ? {} : { difference: proof.difference }),
        ...(finding.verdict === 'does-not-hold' ? { mend: mendOf(experiment.meta, ports.cookie.name) } : {}),
        evidence: lab.takeEvidence(),
        tookMs: ports.clock() - began,
      };
      outcomes.push(outcome);
      notify(outcome);
    }
  } catch (error) {
    failure = toProblem(error);
  }
  let restored = true;
  let leftOver: readonly string[] = [];
  try {
    leftOver = await tidyUp(lab);
  } catch (error) {
    failure ??= toProblem(error);
  }
  try {
    const left = await lab.end();
    if (left.length > 0) {
      failure ??= { kind: 'changed-meanwhile', message: `Not everything was put back: ${left.join('; ')}.` };
    }
    leftOver = [...leftOver, ...(await unexplainedRecords(lab))];
  } catch (error) {
    restored = false;
    failure = toProblem(error);
  }
  try {
    // What is not undone stays in the journal. One that cannot be cleared is carried out once more at the next start,
    // which changes nothing then.
    if (restored) await ports.journal.write(null);
  } catch (error) {
    failure ??= toProblem(error);
  }
  const cancelled = ports.signal?.aborted === true;
  const state = cancelled ? 'cancelled' : failure === undefined ? 'done' : 'failed';
  return {
    state,
    outcomes,
    restored,
    leftOver,
    unsteady: lab.unsteady,
    ...(failure === undefined || (cancelled && restored) ? {} : { problem: failure }),
  };
}

async function perform(experiment: Experiment, lab: LabContext): Promise<Finding> {
  const act = experiment.meta.needs.find((need) => ACTS.has(need));
  if (act !== undefined && lab.ports.acts?.[act] === undefined) {
    return notApplicable(`The policy names no ${act} under target.`);
  }
  const missing = missingNeed(experiment, lab);
  if (missing !== undefined) return cannotTell(missing);
  let finding: Finding;
  try {
    finding = await experiment.run(lab);
  } catch (error) {
    if (lab.ports.signal?.aborted === true) throw error;
    if (!(error instanceof ProblemError)) throw error;
    const { kind, message, remedy } = error.problem;
    const how = kind === 'control-failed' ? '' : 'It could not be finished: ';
    finding = cannotTell(`${how}${message}${remedy === undefined ? '' : `. ${remedy}`}`);
  }
  if ((await lab.settle()) || experiment.endsAccess === true) return finding;
  if (finding.verdict === 'not-applicable' || finding.verdict === 'cannot-tell') return finding;
  return cannotTell(
    `Afterwards the session was not accepted even with its record restored, so this says nothing for certain: ${finding.sentence}`,
  );
}

function missingNeed({ meta, worksBlind }: Experiment, lab: LabContext): string | undefined {
  if (lab.met === 'removed')
    return 'Somebody else ended the session while the experiments ran: its record was removed.';
  if (meta.needs.includes('request') && !lab.canTell && worksBlind !== true) {
    return lab.blind ?? 'Nothing was learnt from the verification.';
  }
  if (meta.needs.includes('logout') && lab.ports.logout === undefined) {
    return 'No logout request was given: log out once through the proxy, or name the request.';
  }
  if (meta.needs.includes('login') && lab.ports.renew === undefined) {
    return 'The run cannot log in by itself: name the login in a policy.';
  }
  if (meta.needs.includes('record') && !lab.hasRecord) {
    return lab.ports.storeButNoRecord === true
      ? 'The record of this session was not found in the store: its name there is not derived from the cookie in a way that is known here.'
      : 'It needs the record of this session: attach the store of the application.';
  }
  if (meta.needs.includes('age') && !lab.canAge) return 'The last use in this store cannot be back-dated.';
  return undefined;
}
