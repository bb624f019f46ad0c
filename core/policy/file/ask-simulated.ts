import { encodeSession } from '../../frameworks/webpy/session/encoding.ts';
import { defaultParameters } from '../../frameworks/webpy/session/parameters.ts';
import { askPolicy } from '../../frameworks/webpy/simulation/ask.ts';
import type { PolicySubject } from '../../frameworks/webpy/simulation/experiment.ts';
import { computeMatrix } from '../../frameworks/webpy/simulation/matrix.ts';
import type { Sandbox, SandboxRecord } from '../../frameworks/webpy/stores/sandbox.ts';
import type { PolicyOutcome, PolicyQuestion } from '../../model/app.ts';
import { duration } from '../../model/duration.ts';
import type { StoredRecord } from '../../model/record.ts';
import { recordFacts } from '../live/record-facts.ts';
import type { Policy, SimulatedQuestion } from './policy.ts';
import type { OddCell, SimulatedResult } from './result.ts';

const MOST_ODD = 10;
/** The address that a record without one is asked from. */
const LOOPBACK = '127.0.0.1';

/** What is asked: the copy of a record, or of none the record that web.py would make for a new visitor. */
export interface Subject {
  readonly record?: StoredRecord;
  /** Raw value of the session cookie, where it is not the record's id. */
  readonly cookieValue?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** So many random bytes as hex. */
  readonly randomHex: (bytes: number) => string;
}

/** A subject and the record that it is about. */
export interface FileSubject extends PolicySubject {
  readonly record: SandboxRecord;
}

/** The subject of a policy's questions, with the parameters that the policy names. */
export function subjectOf(
  { parameters, initializer, target }: Pick<Policy, 'parameters' | 'initializer' | 'target'>,
  { record, cookieValue, now, randomHex }: Subject,
): FileSubject {
  const copy = record ?? newRecord(randomHex(20), initializer, now);
  return {
    record: copy,
    recordId: copy.id,
    cookieValue: cookieValue ?? copy.id,
    cookieName: target?.cookie ?? parameters.cookie_name ?? defaultParameters().cookie_name,
    now,
    parameters,
    initializer,
  };
}

function newRecord(id: string, initializer: Readonly<Record<string, unknown>>, now: number): SandboxRecord {
  const data = new Map<string, unknown>([['session_id', id], ['ip', LOOPBACK], ...Object.entries(initializer)]);
  return { id, bytes: encodeSession(data), lastUsed: now };
}

/**
 * Asks one question of the policy: every combination of its lists.
 * @throws ProblemError `cancelled`, `too-many-cells`
 */
export async function askSimulated(
  sandbox: Sandbox,
  subject: FileSubject,
  question: SimulatedQuestion,
  ports: { readonly clock: () => number; readonly signal?: AbortSignal },
): Promise<SimulatedResult> {
  const began = ports.clock();
  const { profiles, timeouts, after, cleanup, expected } = question;
  const inRecord = recordFacts(subject.record.bytes, subject.now).ip;
  const addresses = question.from.length > 0 ? question.from : [inRecord ?? LOOPBACK];
  const flags = { ignore_expiry: question.ignoreExpiry, ignore_change_ip: question.ignoreChangeIp };
  const { cells } = await computeMatrix(
    sandbox,
    subject,
    { profiles, addresses, timeouts, ages: after, ...flags, cleanup },
    ports,
  );
  const counts = new Map<PolicyOutcome, number>();
  const odd: OddCell[] = [];
  let oddCount = 0;
  cells.forEach((outcome, i) => {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (expected.includes(outcome)) return;
    oddCount += 1;
    if (odd.length < MOST_ODD) odd.push({ ...cellAt(i, { profiles, addresses, timeouts, after }), outcome });
  });
  const shown = odd[0] ?? cellAt(0, { profiles, addresses, timeouts, after });
  const asked: PolicyQuestion = {
    parameters: { timeout: shown.timeout, ...flags },
    profile: shown.profile,
    afterSeconds: shown.after,
    fromAddress: shown.from,
    cleanup,
  };
  const answer = await askPolicy(sandbox, subject, asked);
  return {
    name: question.name,
    expected,
    got: [...counts].map(([outcome, count]) => ({ outcome, count })).sort((a, b) => b.count - a.count),
    asExpected: oddCount === 0,
    sentence: sentence(answer.sentence, cells.length, oddCount, shown),
    odd,
    answer,
    tookMs: ports.clock() - began,
  };
}

/** The combination behind a cell: in the order profile, address, timeout, age. */
function cellAt(
  index: number,
  lists: Pick<SimulatedQuestion, 'profiles' | 'timeouts' | 'after'> & { readonly addresses: readonly string[] },
): Omit<OddCell, 'outcome'> {
  let rest = index;
  const take = <T>(list: readonly T[]): T => {
    const value = list[rest % list.length] as T;
    rest = Math.floor(rest / list.length);
    return value;
  };
  const after = take(lists.after);
  const timeout = take(lists.timeouts);
  const from = take(lists.addresses);
  return { profile: take(lists.profiles), from, timeout, after };
}

function sentence(one: string, cells: number, odd: number, { profile, timeout }: Omit<OddCell, 'outcome'>): string {
  if (cells === 1) return one;
  if (odd === 0) return `All ${cells} combinations end as expected.`;
  return `${odd} of ${cells} combinations do not end as expected, such as web.py ${profile} with timeout ${duration(timeout)}: ${one}`;
}
