import { parseCookies } from '../../../cookies/parse-cookies.ts';
import type { PolicyQuestion } from '../../../model/app.ts';
import { isPyDict } from '../../../python/python-values.ts';
import { decodeSession } from '../session/encoding.ts';
import type { SessionParameters } from '../session/parameters.ts';
import { PROFILES, type Profile } from '../session/profiles.ts';
import type { Session } from '../session/session.ts';
import type { RandomSource } from '../session/session-id.ts';
import { type SimulatedResult, simulate } from '../session/simulate.ts';
import type { Sandbox, SandboxRecord } from '../stores/sandbox.ts';
import { pythonTimeout, timeoutSeconds } from './python-timeout.ts';

/** Whose session is asked about, and how the browser carries it. */
export interface PolicySubject {
  readonly recordId: string;
  /** The raw value that the browser sends; the record's id unless they differ. */
  readonly cookieValue: string;
  readonly cookieName: string;
  /** Milliseconds since 1970: taken for the last use where the store does not say. */
  readonly now: number;
  /** What else of `session_parameters` the application sets; the question's own go before them. */
  readonly parameters?: Partial<SessionParameters>;
  /** What a new session begins with, where the question does not say. */
  readonly initializer?: unknown;
}

/** One request of the session on the scratch copy. Times in milliseconds since 1970. */
export interface Experiment {
  readonly profile: Profile;
  /** As the session core takes it. */
  readonly timeout: unknown;
  readonly lastUsed: number;
  readonly asked: number;
  readonly result: SimulatedResult;
  /** The page ran: the session machinery let the visitor in, with this session or with a new one. */
  readonly pageRan: boolean;
  /** The record when the request came, after what went before; and afterwards. */
  readonly before: SandboxRecord | undefined;
  readonly after: SandboxRecord | undefined;
  /** The record was in the store to begin with. */
  readonly existed: boolean;
}

/** A visitor from nowhere: his request makes the process clean up before the one that is asked about. */
export const EARLIER_VISITOR = '192.0.2.1';

/**
 * Carries out a question: our own web.py on the scratch copy, its clock moved to the moment of the request.
 * `random` makes ids repeatable.
 * @throws ProblemError `bad-timeout`, and what the store of the copy throws
 */
export async function runExperiment(
  sandbox: Sandbox,
  subject: PolicySubject,
  question: PolicyQuestion,
  options: { readonly random?: RandomSource } = {},
): Promise<Experiment> {
  const { cookieName, cookieValue, recordId } = subject;
  const profile = PROFILES[question.profile];
  const timeout = pythonTimeout(question.parameters.timeout);
  const cookieHeader = `${cookieName}=${cookieValue}`;
  const record = await layOut(sandbox, recordId, parseCookies(cookieHeader, profile.python).get(cookieName));
  const lastUsed = record?.lastUsed ?? subject.now;
  const asked = lastUsed + question.afterSeconds * 1000;
  let now = asked;
  const clock = () => now;
  const initializer = question.initializer === undefined ? subject.initializer : initializerOf(question.initializer);
  const application = simulate({
    store: await sandbox.store({ clock, profile }),
    profile,
    parameters: { ...subject.parameters, ...question.parameters, timeout, cookie_name: cookieName },
    clock,
    initializer,
    ...(options.random === undefined ? {} : { random: options.random }),
  });
  if (question.cleanup === 'not-due') {
    // Some other visitor's request made the process clean up at the latest moment that leaves no cleanup due now.
    now = earlierCleanup(lastUsed, asked, timeoutSeconds(timeout, profile.oddTimeout === 'unwrap'));
    await application.run({ remoteAddr: EARLIER_VISITOR });
    now = asked;
  }
  const before = await sandbox.look(recordId);
  let pageRan = false;
  const result = await application.run(
    { cookieHeader, remoteAddr: question.proxyAddress ?? question.fromAddress },
    () => {
      pageRan = true;
      return '';
    },
  );
  const after = await sandbox.look(recordId);
  return { profile, timeout, lastUsed, asked, result, pageRan, before, after, existed: record !== undefined };
}

/** When the last cleanup before `asked` ran, at the latest, so that none is due then. Milliseconds; timeout in seconds. */
export function earlierCleanup(lastUsed: number, asked: number, timeout: number | undefined): number {
  if (timeout === undefined || Number.isNaN(timeout)) return lastUsed;
  return Math.max(lastUsed, asked - Math.max(0, timeout) * 1000);
}

/** What an experiment needs of the store: the record, what the cookie names, and what the record says it is. */
async function layOut(
  sandbox: Sandbox,
  recordId: string,
  cookieId: string | undefined,
): Promise<SandboxRecord | undefined> {
  const ids = new Set([recordId, ...(cookieId === undefined ? [] : [cookieId])]);
  await sandbox.refresh([...ids]);
  const known = ids.size;
  for (const id of [...ids]) {
    const inner = (await storedValues(sandbox, id))?.get('session_id');
    if (typeof inner === 'string') ids.add(inner);
  }
  if (ids.size > known) await sandbox.refresh([...ids]);
  return sandbox.look(recordId);
}

/** The values of a record in the copy; undefined where there is none that can be read as web.py does. */
export async function storedValues(sandbox: Sandbox, id: string): Promise<Map<unknown, unknown> | undefined> {
  const record = await sandbox.look(id).catch(() => undefined);
  if (record === undefined || sandbox.kind === 'shelf') return undefined;
  try {
    const value = decodeSession(record.bytes);
    return isPyDict(value) ? new Map(value.entries()) : undefined;
  } catch {
    return undefined;
  }
}

function initializerOf({ kind, values }: NonNullable<PolicyQuestion['initializer']>): unknown {
  if (kind === 'dict') return values;
  return (session: Session) => session.update(values);
}
