import type { PolicyInitializer, PolicyOutcome, PolicyParameters, PolicyQuestion, Verdict } from './app.ts';
import type { Problem } from './problem.ts';

/** What an experiment cannot do without. */
export type ExperimentNeed =
  /** A request that looks different with and without the session. */
  | 'request'
  /** The session's record in an attached store. */
  | 'record'
  /** The last use can be back-dated. */
  | 'age'
  /** The request that logs out. */
  | 'logout'
  /** The run can log in by itself. */
  | 'login'
  /** A further request of the policy's target. */
  | 'act'
  | 'privilege_change'
  | 'password_change'
  | 'logout_everywhere'
  | 'disable_user'
  | 'sensitive_change';

export type Severity = 'high' | 'medium' | 'low' | 'info';

/** One question that the lab can put to a live application. */
export interface ExperimentMeta {
  /** In kebab-case: `address-change`. */
  readonly id: string;
  /** What should be so: "A session is refused from another address". */
  readonly title: string;
  readonly why: string;
  /** What is different from a usual request: "The request comes from another address". */
  readonly cause: string;
  /** What is done with it: "The verification request with the session's cookie". */
  readonly act: string;
  /** The same act without the cause, which must come out otherwise. */
  readonly control: string;
  /** How much it matters where it does not hold. */
  readonly severity: Severity;
  /** How it is mended in any application, one sentence; frameworks say it in their own settings. */
  readonly mend: string;
  readonly needs: readonly ExperimentNeed[];
  /** It does something that cannot be undone, in words: announced before it is done. */
  readonly forGood?: string;
  /** It writes into the store (and undoes it): announced and asked for first. */
  readonly writes: boolean;
  /** `WSTG-SESS-07` */
  readonly wstg: readonly string[];
  /** `v5.0.0-7.3.1` */
  readonly asvs: readonly string[];
}

export interface ExperimentEvidence {
  /** "The same session from 127.0.0.2" */
  readonly title: string;
  /** What the judge made of it, and why. */
  readonly text: string;
  readonly flowId?: string;
  /** `GET http://…` and status line, for reports that leave the workspace. */
  readonly request?: string;
  readonly response?: string;
  readonly recordBefore?: string;
  readonly recordAfter?: string;
}

export interface ExperimentOutcome {
  readonly experimentId: string;
  readonly verdict: Verdict;
  /** One plain sentence. */
  readonly sentence: string;
  readonly evidence: readonly ExperimentEvidence[];
  /** The lines, header fields or record facts that decided: `-` in the control only, `+` with the cause only. */
  readonly difference?: readonly string[];
  /** How it is mended in the settings of this framework, or in any application. */
  readonly mend?: string;
  /** "idle limit: 3600 s" */
  readonly measured?: readonly { readonly label: string; readonly value: number; readonly unit: string }[];
  readonly tookMs: number;
}

export interface LabSettings {
  /** Seconds without use after which a session is to be refused. */
  readonly idleSeconds: number;
  /** Seconds after its creation at which a session is to end however much it is used; null: not asked. */
  readonly absoluteSeconds: number | null;
  /** Whether a session may go on from another address. */
  readonly addressMayChange: boolean;
  /** Other local addresses to ask from. */
  readonly addresses: readonly string[];
  /** So many sessions of one user may be valid at once; absent or null: reported, not judged. */
  readonly sessions?: number | null;
}

export interface LabRun {
  readonly runId: string;
  readonly sessionKey: string;
  readonly title: string;
  readonly startedAt: number;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly total: number;
  readonly settings: LabSettings;
  readonly outcomes: readonly ExperimentOutcome[];
  /** Everything was put back as it was; false only when that failed, with the problem. */
  readonly restored: boolean;
  readonly problem?: Problem;
}

/** Every combination is asked of a scratch copy; the first list varies slowest. */
export interface MatrixQuestion {
  readonly profiles: readonly PolicyQuestion['profile'][];
  readonly addresses: readonly string[];
  /** Seconds. */
  readonly timeouts: readonly number[];
  /** Seconds after the last use. */
  readonly ages: readonly number[];
  readonly ignore_expiry: boolean;
  readonly ignore_change_ip: boolean;
  readonly cleanup: PolicyQuestion['cleanup'];
  /** The other parameters, the initializer and the reverse proxy are the same in all cells. */
  readonly others?: Omit<PolicyParameters, 'timeout' | 'ignore_expiry' | 'ignore_change_ip'>;
  readonly initializer?: PolicyInitializer;
  readonly proxyAddress?: string;
}

/** Outcomes in the order profile, address, timeout, age: `cells[((p * A + a) * T + t) * N + n]`. */
export interface Matrix {
  readonly question: MatrixQuestion;
  readonly cells: readonly PolicyOutcome[];
  readonly tookMs: number;
}
