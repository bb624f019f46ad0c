import type { Flow } from '../../model/flow.ts';
import type { LabSettings } from '../../model/lab.ts';
import type { RecordStore, StoredRecord } from '../../model/record.ts';
import type { Replay } from '../../proxy/replay/replay-types.ts';
import type { Judgement } from '../judge/judge.ts';
import type { Observation } from '../judge/observation.ts';
import type { Canaries } from './canaries.ts';
import type { Journal } from './journal.ts';

/** A session that a login gave. */
export interface Login {
  /** Raw value of the session cookie. */
  readonly raw: string;
  /** All cookies that go with a request, the session's among them. Absent: those of the verification request. */
  readonly cookies?: readonly (readonly [name: string, raw: string])[];
  /** The session cookie's Set-Cookie field, where the login sent one. */
  readonly setCookie?: string;
}

export interface LoginOptions {
  /** Raw value of a session cookie that the browser has before the login. */
  readonly cookie?: string;
  /** User and password as the policy has them unless given: texts of the login's fields by name. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A request of the policy beside verification and logout, as `LabPorts.acts` has them. */
export interface ActPorts {
  /** The request; hidden fields of the page that was seen before it are taken over. */
  readonly request: Flow;
}

/** What a run is given of the world. */
export interface LabPorts {
  readonly runId: string;
  readonly settings: LabSettings;
  /** A request that looks different with and without the session. */
  readonly verification: Flow;
  readonly logout?: Flow;
  /** The cookie that carries the session, and its raw value. */
  readonly cookie: { readonly name: string; readonly raw: string };
  readonly record?: { readonly store: RecordStore; readonly id: string };
  /** A store was named, and the record was not found in it. */
  readonly storeButNoRecord?: boolean;
  /** The session was made for this run: it is ended with it. */
  readonly ownsSession?: boolean;
  readonly replay: Replay;
  /** The decoded text of a response. */
  readonly readBody: (flow: Flow) => Promise<string>;
  /** The body of a recorded request, to put fresh form fields into it. */
  readonly readRequestBody?: (flow: Flow) => Promise<Uint8Array>;
  /** Under which ids the record of a cookie value may stand in the store. */
  readonly recordIds: (raw: string) => readonly string[];
  readonly journal: Journal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** So many random bytes as hex. */
  readonly randomHex: (bytes: number) => string;
  readonly wait: (ms: number) => Promise<void>;
  /** Logs in again: where that can be done, what ends the session for good may be tried without a record to restore. */
  readonly renew?: (options?: LoginOptions) => Promise<Login>;
  /** Texts of the user that pages may repeat (the name), not passwords: what the login sends. */
  readonly userTexts?: readonly string[];
  /** Names of hidden form fields that the logout takes over from the page before it. */
  readonly logoutFields?: readonly string[];
  /** Further requests of the policy by their key: `act`, `password_change`, `logout_everywhere`, … */
  readonly acts?: Readonly<Record<string, ActPorts>>;
  /** The session cookie's Set-Cookie field of the login, where it was seen. */
  readonly setCookie?: string;
  /**
   * Canaries that stand in the store already, planted before the session was come by, so that the cleanup of a fresh
   * process was not missed; the caller removes them. Absent: the run plants its own.
   */
  readonly canaries?: Canaries;
  /** Ages (seconds) of the canaries that the run plants, oldest first; absent: those of `canaryAges`. */
  readonly canaryAges?: readonly number[];
  /** When the session began (ms), where the run itself logged in. */
  readonly beganAt?: number;
  /** When the session was first seen (ms): it is at least as old as that. */
  readonly firstSeen?: number;
  readonly signal?: AbortSignal;
  /** Before a write into the store. */
  readonly expectWrite?: (id: string, bytes: Uint8Array) => void;
}

/** What is to be different in a request of the run. */
export interface Ask {
  /** For the evidence: "The same session from 127.0.0.2". */
  readonly title: string;
  /** Raw value of the session cookie: the session's own unless given; null for none. */
  readonly cookie?: string | null;
  /** The other cookies of the request: as they are (default), or none at all, as a visitor who never came. */
  readonly others?: 'sent' | 'none' | Readonly<Record<string, string | null>>;
  readonly localAddress?: string;
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  /** The verification unless given. */
  readonly request?: Flow;
  readonly body?: Uint8Array | null;
  /** Brings about the situation that the request is to meet; carried out before each attempt. */
  readonly prepare?: () => Promise<void>;
  /** What a control is made with where the response is in doubt: the session (default), or a visitor without one. */
  readonly control?: 'session' | 'visitor';
  /** The judgement is not needed: the response itself is what is looked at. */
  readonly unjudged?: true;
}

export interface Answer {
  readonly title: string;
  readonly flow: Flow;
  readonly body: string;
  readonly observation: Observation;
  readonly judgement: Judgement;
  /** accepted; refused (a server error that repeats is one too: `failed`); unclear; no-answer */
  readonly outcome: 'accepted' | 'refused' | 'unclear' | 'no-answer';
  /** A status of 500 or more, each time it was asked, while controls between were answered. */
  readonly failed: boolean;
  readonly before: StoredRecord | undefined;
  readonly after: StoredRecord | undefined;
}
