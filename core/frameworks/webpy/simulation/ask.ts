import type { PolicyAnswer, PolicyBand, PolicyOutcome, PolicyQuestion } from '../../../model/app.ts';
import { duration } from '../../../model/duration.ts';
import { PROFILES, type ProfileId } from '../session/profiles.ts';
import type { Sandbox, SandboxRecord } from '../stores/sandbox.ts';
import { type Experiment, type PolicySubject, runExperiment } from './experiment.ts';
import { pythonTimeout, timeoutSeconds } from './python-timeout.ts';
import { reasons } from './reasons.ts';

/**
 * Would web.py still accept this session after so many seconds, from that address? Answered by our own web.py on a
 * scratch copy with a movable clock; nothing of the real store is touched.
 * @throws ProblemError `bad-timeout`, and what the store throws
 */
export async function askPolicy(
  sandbox: Sandbox,
  subject: PolicySubject,
  question: PolicyQuestion,
): Promise<PolicyAnswer> {
  const experiment = await runExperiment(sandbox, subject, question);
  const { result, before, after, asked } = experiment;
  const outcome = outcomeOf(experiment);
  return {
    question,
    outcome,
    sentence: sentence(question, outcome),
    reasons: reasons(experiment, question, sandbox),
    evidence: {
      status: result.status,
      setCookie: result.headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value),
      body: result.body.slice(0, 2_000),
      recordBefore: describe(before, asked),
      recordAfter: describe(after, asked),
      storeCalls: result.storeCalls.map((call) =>
        [
          call.call,
          call.id,
          call.timeout === undefined ? undefined : `older than ${call.timeout} s`,
          call.found === undefined ? undefined : call.found ? 'found' : 'not found',
          call.error,
        ]
          .filter((word) => word !== undefined)
          .join(' '),
      ),
    },
  };
}

/** The same question to every profile, for answers side by side: oldest version first. */
export async function askProfiles(
  sandbox: Sandbox,
  subject: PolicySubject,
  question: PolicyQuestion,
): Promise<PolicyAnswer[]> {
  const answers: PolicyAnswer[] = [];
  for (const profile of Object.keys(PROFILES) as ProfileId[]) {
    answers.push(await askPolicy(sandbox, subject, { ...question, profile }));
  }
  return answers;
}

/** How the visitor fares: refused by an error or a message, let in with a new session, or with the one he had. */
export function outcomeOf({ result, pageRan }: Pick<Experiment, 'result' | 'pageRan'>): PolicyOutcome {
  if (result.status >= 500) return 'server-error';
  if (!pageRan) return 'expired-message';
  return result.madeId ? 'new-session' : 'accepted';
}

/**
 * From when a session may, and from when it must be gone (seconds after its last use): the cleanup runs at most once in
 * `timeout` seconds, so up to twice the timeout may pass. Null: never. Section 6 of the reference.
 * @throws ProblemError `bad-timeout`
 */
export function policyBand({ parameters, profile }: Pick<PolicyQuestion, 'parameters' | 'profile'>): PolicyBand {
  const seconds = timeoutSeconds(pythonTimeout(parameters.timeout), PROFILES[profile].oddTimeout === 'unwrap');
  if (seconds === undefined || !Number.isFinite(seconds)) return { mayBeGoneAfter: null, mustBeGoneAfter: null };
  return { mayBeGoneAfter: Math.max(0, seconds), mustBeGoneAfter: Math.max(0, seconds * 2) };
}

function sentence({ afterSeconds, fromAddress, proxyAddress }: PolicyQuestion, outcome: PolicyOutcome): string {
  const from = proxyAddress === undefined ? fromAddress : `${fromAddress} through the proxy ${proxyAddress}`;
  const used = `Used again ${afterSeconds === 0 ? 'at once' : `after ${duration(afterSeconds)}`} from ${from}`;
  switch (outcome) {
    case 'accepted':
      return `${used}, the session is accepted.`;
    case 'new-session':
      return `${used}, the session is not accepted: the visitor gets a new one.`;
    case 'expired-message':
      return `${used}, the session is refused with the expired message.`;
    case 'server-error':
      return `${used}, the application answers with 500 Internal Server Error.`;
  }
}

function describe(record: SandboxRecord | undefined, now: number): string {
  if (record === undefined) return 'no record';
  const size = `${record.bytes.length} bytes`;
  if (record.lastUsed === null) return size;
  return `${size}, last used ${duration(Math.max(0, now - record.lastUsed) / 1000)} ago`;
}
