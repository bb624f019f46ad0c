import type { PolicyAnswer, PolicyOutcome, PolicyQuestion, Verdict } from '../../model/app.ts';
import type { ExperimentMeta, ExperimentOutcome, LabSettings } from '../../model/lab.ts';
import type { Problem } from '../../model/problem.ts';

/** One combination of a simulated question whose outcome was not among the expected ones. */
export interface OddCell {
  readonly profile: PolicyQuestion['profile'];
  readonly from: string;
  readonly timeout: number;
  readonly after: number;
  readonly outcome: PolicyOutcome;
}

export interface SimulatedResult {
  readonly name: string;
  readonly expected: readonly PolicyOutcome[];
  /** How often each outcome came, the most frequent first. */
  readonly got: readonly { readonly outcome: PolicyOutcome; readonly count: number }[];
  readonly asExpected: boolean;
  readonly sentence: string;
  /** At most ten. */
  readonly odd: readonly OddCell[];
  /** Reasons and evidence of one answer: the first that was not expected, or the first. */
  readonly answer: PolicyAnswer;
  readonly tookMs: number;
}

/** A live experiment with what was asked of it. */
export interface LiveResult {
  readonly meta: ExperimentMeta;
  readonly expected: readonly Verdict[];
  readonly outcome: ExperimentOutcome;
  readonly asExpected: boolean;
  /** Where it stands in the policy file, from 1. */
  readonly line?: number;
}

/** What the run of one policy found. */
export interface PolicyResult {
  readonly title: string;
  readonly target?: { readonly origin: string; readonly cookie: string };
  /** Password masked. */
  readonly store?: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly tookMs: number;
  readonly state: 'done' | 'cancelled' | 'failed';
  /** Store and records are as they were. */
  readonly restored: boolean;
  /** Why it ended early. */
  readonly problem?: Problem;
  readonly simulated: readonly SimulatedResult[];
  readonly live: readonly LiveResult[];
  /** What the run did not come to. */
  readonly notAsked: readonly { readonly name: string; readonly expected: readonly string[] }[];
  /** Sessions of the run that could not be ended, in words. */
  readonly leftOver: readonly string[];
  /** Errors and responses that did not repeat, in words. */
  readonly unsteady: readonly string[];
  readonly settings?: LabSettings;
  /** A check-up without expectations. */
  readonly reports?: boolean;
  /** All was asked, all is as expected, and all was put back. */
  readonly passed: boolean;
}

export interface PolicyCounts {
  readonly asExpected: number;
  readonly notAsExpected: number;
  readonly notAsked: number;
}

export function countsOf(results: readonly PolicyResult[]): PolicyCounts {
  const asked = results.flatMap(({ simulated, live }) => [...simulated, ...live]);
  const asExpected = asked.filter((one) => one.asExpected).length;
  return {
    asExpected,
    notAsExpected: asked.length - asExpected,
    notAsked: results.reduce((sum, { notAsked }) => sum + notAsked.length, 0),
  };
}

/**
 * The same data without values that must not leave the machine, wherever they stand in a text: secrets are replaced, ids
 * of sessions shortened beyond use.
 */
export function withoutSecrets<T>(value: T, secrets: readonly string[], ids: readonly string[] = []): T {
  // Shorter ones stand in too many innocent words; nobody protects anything with them.
  const hidden = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .sort((a, b) => b.length - a.length);
  const long = ids.filter((id) => id.length > 12);
  const masked = (text: string) =>
    hidden.reduce(
      (rest, secret) => rest.replaceAll(secret, '***'),
      long.reduce((rest, id) => rest.replaceAll(id, `${id.slice(0, 6)}…`), text),
    );
  const visit = (part: unknown): unknown => {
    if (typeof part === 'string') return masked(part);
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, child]) => [key, visit(child)]));
  };
  return visit(value) as T;
}
