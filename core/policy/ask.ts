import type { PolicyAnswer, PolicyBand, PolicyOutcome, PolicyQuestion } from '../model/app.ts';
import type { StoredRecord } from '../model/record.ts';
import type { SessionParameters } from '../session/parameters.ts';
import { PROFILES } from '../session/profiles.ts';
import { type SimulatedResult, simulate } from '../session/simulate.ts';
import { duration } from './duration.ts';
import { ScratchStore } from './scratch-store.ts';

export interface PolicySubject {
  readonly record: Pick<StoredRecord, 'id' | 'bytes' | 'lastUsed'>;
  /** The raw value that the browser sends; the record's id unless they differ. */
  readonly cookieValue: string;
  readonly cookieName: string;
  readonly foldsCase: boolean;
  /** Milliseconds since 1970: taken for the last use where the store does not say. */
  readonly now: number;
  /** What else of `session_parameters` the application sets; the question's own go before them. */
  readonly parameters?: Partial<SessionParameters>;
  /** What a new session begins with. */
  readonly initializer?: unknown;
}

/**
 * Would web.py still accept this session after so many seconds, from that address? Answered by our own web.py on a
 * scratch copy of the record with a movable clock; nothing of the real store is touched.
 */
export async function askPolicy(subject: PolicySubject, question: PolicyQuestion): Promise<PolicyAnswer> {
  const { result, before, after } = await experiment(subject, question);
  const outcome = outcomeOf(result);
  return {
    question,
    outcome,
    sentence: sentence(question, outcome),
    reasons: reasons(result, before.exists, question),
    evidence: {
      status: result.status,
      setCookie: result.headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value),
      body: result.body.slice(0, 2_000),
      recordBefore: before.text,
      recordAfter: after.text,
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

/** The outcome alone, for maps of many questions. */
export async function askOutcome(subject: PolicySubject, question: PolicyQuestion): Promise<PolicyOutcome> {
  return outcomeOf((await experiment(subject, question)).result);
}

/** When the last cleanup before `asked` ran, at the latest, so that none is due then. All in milliseconds. */
export function earlierCleanup(lastUsed: number, asked: number, timeout: number): number {
  return Math.max(lastUsed, asked - Math.max(0, timeout) * 1000);
}

interface Kept {
  readonly exists: boolean;
  readonly text: string;
}

async function experiment(
  { record, cookieName, cookieValue, foldsCase, now: today, parameters, initializer = null }: PolicySubject,
  question: PolicyQuestion,
): Promise<{ result: SimulatedResult; before: Kept; after: Kept }> {
  const lastUsed = record.lastUsed ?? today;
  const profile = PROFILES[question.profile];
  const { timeout } = question.parameters;
  const asked = lastUsed + question.afterSeconds * 1000;
  let now = asked;
  const clock = () => now;
  const store = new ScratchStore({ clock, profile, foldsCase });
  store.put(record.id, record.bytes, lastUsed);
  const application = simulate({
    store,
    profile,
    parameters: { ...parameters, ...question.parameters, cookie_name: cookieName },
    initializer,
    clock,
  });
  if (question.cleanup === 'not-due') {
    // Some other visitor's request made the process clean up at the latest moment that leaves no cleanup due now.
    now = earlierCleanup(lastUsed, asked, timeout);
    await application.run({ remoteAddr: '192.0.2.1' });
    now = asked;
  }
  const before = describe(store.peek(record.id), now);
  const result = await application.run({
    cookieHeader: `${cookieName}=${cookieValue}`,
    remoteAddr: question.fromAddress,
  });
  return { result, before, after: describe(store.peek(record.id), now) };
}

/**
 * From when a session may, and from when it must be gone (seconds after its last use): the cleanup runs at most once in
 * `timeout` seconds, so up to twice the timeout may pass. Null: never. Section 6 of the reference.
 */
export function policyBand({ timeout }: PolicyQuestion['parameters']): PolicyBand {
  if (!Number.isFinite(timeout)) return { mayBeGoneAfter: null, mustBeGoneAfter: null };
  return { mayBeGoneAfter: Math.max(0, timeout), mustBeGoneAfter: Math.max(0, timeout * 2) };
}

function outcomeOf(result: SimulatedResult): PolicyOutcome {
  if (result.status >= 500) return 'server-error';
  switch (result.outcome) {
    case 'continued':
    case 'unsaved':
      return 'accepted';
    case 'expired':
    case 'address-changed':
      return 'expired-message';
    case 'error':
      return 'server-error';
    case 'new':
    case 'replaced':
    case 'killed':
      return 'new-session';
  }
}

function sentence({ afterSeconds, fromAddress }: PolicyQuestion, outcome: PolicyOutcome): string {
  const used = `Used again ${afterSeconds === 0 ? 'at once' : `after ${duration(afterSeconds)}`} from ${fromAddress}`;
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

function reasons(
  result: SimulatedResult,
  existed: boolean,
  { parameters, afterSeconds, cleanup }: PolicyQuestion,
): string[] {
  const found: string[] = [];
  if (existed) {
    const old = afterSeconds > parameters.timeout;
    if (!old)
      found.push(
        `The record is ${duration(afterSeconds)} old, not older than timeout (${duration(parameters.timeout)}).`,
      );
    else if (cleanup === 'not-due') {
      found.push('The record is older than timeout, but no cleanup is due: web.py compares no ages at a request.');
    }
  } else if (cleanup === 'not-due') {
    found.push('An earlier cleanup has removed the record: it is older than twice the timeout.');
  }
  found.push(...result.explanation.map(({ text, reference }) => `${text} (§ ${reference}).`));
  found.push(...result.errors.map((error) => `The application raised ${error}`));
  return found;
}

function describe(
  record: { bytes: Uint8Array; lastUsed: number } | undefined,
  now: number,
): { exists: boolean; text: string } {
  if (record === undefined) return { exists: false, text: 'no record' };
  const age = duration((now - record.lastUsed) / 1000);
  return { exists: true, text: `${record.bytes.length} bytes, last used ${age} ago` };
}
