import type { SessionParameters } from '../../frameworks/webpy/session/parameters.ts';
import type { PolicyOutcome, PolicyQuestion, Verdict } from '../../model/app.ts';
import type { LabSettings } from '../../model/lab.ts';
import type { PolicyRequest } from './schema.ts';

export type { PolicyRequest } from './schema.ts';

/** The application that a policy is about. */
export interface PolicyTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Name of the session cookie. */
  readonly cookie: string;
  readonly verification: PolicyRequest;
  readonly login: readonly PolicyRequest[];
  readonly logout?: PolicyRequest;
  /** Further requests by their key: `act`, `password_change`, … */
  readonly acts: Readonly<Record<string, PolicyRequest>>;
  /** Raw values by name. */
  readonly cookies: Readonly<Record<string, string>>;
  /** Absolute path of a cookies.txt or storageState. */
  readonly cookieFile?: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly verifyCertificate: boolean;
}

/** One question to a scratch copy; lists with more than one value make it a question for every combination. */
export interface SimulatedQuestion {
  readonly name: string;
  /** Seconds after the last use. */
  readonly after: readonly number[];
  /** Empty: the address that is in the record. */
  readonly from: readonly string[];
  /** Seconds. */
  readonly timeouts: readonly number[];
  readonly profiles: readonly PolicyQuestion['profile'][];
  readonly ignoreExpiry: boolean;
  readonly ignoreChangeIp: boolean;
  readonly cleanup: PolicyQuestion['cleanup'];
  readonly expected: readonly PolicyOutcome[];
}

/** Whose record is copied: that of the session that was logged in, the last used one, a new one, or one by its id. */
export type PolicyRecord = { readonly of: 'session' | 'newest' | 'new' } | { readonly of: 'id'; readonly id: string };

export interface LivePlan {
  readonly settings: LabSettings;
  /** Verdicts that are allowed, by experiment, in the order of the catalog. */
  readonly expected: readonly (readonly [experimentId: string, allowed: readonly Verdict[]])[];
  /** A check-up: everything is asked, reported, and nothing is expected. */
  readonly reports: boolean;
}

/** One policy, read and checked. */
export interface Policy {
  readonly title: string;
  readonly target?: PolicyTarget;
  /** The command that starts the application, and the folder to start it in. */
  readonly start?: { readonly command: string; readonly folder: string };
  /** Canonical URL, password included: mask it before showing. */
  readonly store?: string;
  /** Keys that sign or seal the session cookie: all are tried. */
  readonly keys: readonly string[];
  readonly parameters: Partial<SessionParameters>;
  readonly initializer: Readonly<Record<string, unknown>>;
  readonly record: PolicyRecord;
  readonly simulated: readonly SimulatedQuestion[];
  readonly live?: LivePlan;
  /** Where questions stand in the file, from 1: of experiments by id, of simulated ones by name. */
  readonly lines: Readonly<Record<string, number>>;
  /** The file itself confirms writes and unsafe requests. */
  readonly confirmed: boolean;
  /** Values that came from the environment, the keys, and the password of the store: in no report. */
  readonly secrets: readonly string[];
}
