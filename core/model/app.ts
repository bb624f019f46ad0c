import type { Flow, FlowSummary } from './flow.ts';
import type { Difference } from './path.ts';
import type { Problem } from './problem.ts';
import type { ProblemKind } from './problem-kinds.ts';
import type { CertificateInfo } from './proxy-settings.ts';
import type { StoreTraits } from './record.ts';
import type { CookieView, EditKind, RecordView, SessionSummary } from './session.ts';

/** What the window shows of the debugger itself. */
export interface AppInfo {
  readonly version: string;
  readonly mode: 'desktop' | 'web';
  /** `darwin`, `linux`, `win32`: for the names of keys and for help. */
  readonly platform: string;
  readonly proxy: ProxyInfo;
  readonly workspaceFile: string;
  readonly certificate: CertificateInfo;
  /** The host can show a file dialog. */
  readonly canPickFiles: boolean;
}

export interface ProxyInfo {
  readonly running: boolean;
  readonly host: string;
  readonly port: number;
  /** Set when the wished port was taken and another is used. */
  readonly wantedPort?: number;
  readonly recording: boolean;
  /** Exchanges that passed while recording was paused or their host was out of scope. */
  readonly notRecorded: number;
  /** Bodies of recorded flows that were left out, wholly or in part: they came faster than the disk took them. */
  readonly bodiesLeftOut: number;
  /** Set while other computers may use the proxy, with a password. */
  readonly network?: NetworkInfo;
  readonly problem?: Problem;
}

/** The port that other computers use. */
export interface NetworkInfo {
  readonly host: string;
  readonly port: number;
  /** Set when the wished port was taken and another is used. */
  readonly wantedPort?: number;
  readonly user: string;
  /** `address:port` by which others reach it, the likeliest first. */
  readonly addresses: readonly string[];
}

export interface StoreInfo {
  readonly storeId: string;
  /** With the password masked. */
  readonly url: string;
  readonly kind: StoreTraits['kind'];
  readonly title: string;
  readonly canWrite: boolean;
  readonly canAge: boolean;
  readonly watch: string;
  readonly records: number | null;
  /** Higher each time its contents were seen to change. */
  readonly changes?: number;
  readonly problem?: Problem;
}

/** One line of a store's contents. */
export interface RecordRow {
  readonly id: string;
  readonly lastUsed: number | null;
  /** Where the store keeps the moment of the end; null: never. */
  readonly expires?: number | null;
  readonly bytes: number;
  readonly label?: string;
  readonly sessionKey?: string;
  readonly problem?: Problem;
}

export interface BrowserInfo {
  readonly browserId: string;
  readonly name: string;
  readonly version?: string;
  readonly path: string;
}

export interface RunningBrowser {
  readonly runId: string;
  readonly browserId: string;
  readonly name: string;
  readonly identity: string;
  readonly startedAt: number;
  /** Its cookie jar can be read and written. */
  readonly jar: boolean;
  /** Cookies of other sites than the one in the tab; absent where the browser decides (Firefox). */
  readonly thirdPartyCookies?: 'as-chrome' | 'blocked';
}

export interface PracticeInfo {
  readonly origin: string;
  readonly storeId: string;
  readonly kind: 'disk' | 'sqlite';
}

/** Everything the window needs of one session. */
export interface SessionDetail {
  readonly summary: SessionSummary;
  readonly cookie: CookieView | null;
  /** The jar's view of the same cookie in a launched browser, when there is one. */
  readonly browserCookie?: CookieView;
  /** When records of its store were last seen to be cleaned up (milliseconds since 1970); absent: not seen. */
  readonly lastCleanup?: number;
  /** Of a session that a cookie carries. */
  readonly standing?: CookieStanding;
  /** The application that issued the cookie, where the user said that both share their sessions. */
  readonly joinedWith?: string;
  readonly record: RecordView | null;
  /** Why there is no record, in words, with what to do. */
  readonly recordProblem?: Problem;
  readonly flows: readonly FlowSummary[];
  readonly edits: readonly EditInfo[];
}

/** One edit made here; can be undone as long as nothing else has changed what it changed. */
export interface EditInfo {
  readonly editId: string;
  readonly at: number;
  readonly sessionKey?: string;
  readonly storeId?: string;
  readonly recordId?: string;
  readonly what: EditKind;
  /** "count: 3 → 41" */
  readonly text: string;
  readonly state: 'applied' | 'undone' | 'overwritten';
  /** Who overwrote it, in words; when (milliseconds since 1970), and in which flow, where that was seen. */
  readonly overwrittenBy?: string;
  readonly overwrittenAt?: number;
  readonly overwrittenIn?: string;
}

/** One truth for the cookie of a session: what is asked for, what holds now, and who changed it last. */
export interface CookieStanding {
  /** The newest edit that is not undone, and whether it holds. */
  readonly edit?: EditInfo;
  /** The whole Set-Cookie that the edit asks for. */
  readonly asked?: string;
  /** Where the edit is carried out: in the jar of a browser, or by a rule on the wire. */
  readonly by?: 'jar' | 'wire';
  /** The cookie as the browser has it: as its jar says, or as the last answer (through the rule) gave it. */
  readonly now: CookieView | null;
  readonly from: 'jar' | 'rule' | 'answer' | 'request';
  /** Who gave it its present form: an edit from here, or the application with a flow. */
  readonly changedBy?: { readonly who: 'edit' | 'application'; readonly at: number; readonly flowId?: string };
  /** The application sets it with each answer: what is edited in a jar lasts until the next one. */
  readonly setEachTime: boolean;
}

/** What a write would do, before it is done. */
export interface RecordPreview {
  readonly differences: readonly Difference[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly notes: readonly string[];
  readonly after: RecordView['value'];
}

export type RecordApplied =
  | { readonly outcome: 'written'; readonly editId: string; readonly record: RecordView }
  /** The record changed since it was read: nothing was written. Both sides are given for a merge. */
  | {
      readonly outcome: 'conflict';
      readonly current: RecordView;
      readonly mine: readonly Difference[];
      readonly theirs: readonly Difference[];
    }
  | { readonly outcome: 'gone' };

/** A change of a session cookie. Attributes not named stay byte for byte. */
export interface CookieChange {
  /** New raw value. */
  readonly value?: string;
  /** Attribute name (as to be written) → value, or null for one without a value (`Secure`). */
  readonly set?: Readonly<Record<string, string | null>>;
  readonly remove?: readonly string[];
  /** Cookies that must change together with this one (its signature, the parts of its value); null: the cookie goes. */
  readonly companions?: Readonly<Record<string, string | null>>;
}

export interface CookiePreview {
  readonly before: string;
  readonly after: string;
  readonly notes: readonly string[];
  /** What a browser will do with it: reasons in words. */
  readonly judgement: CookieJudgement;
}

/** What a browser does with a Set-Cookie, by the rules and, where one was asked, by its own word. */
export interface CookieJudgement {
  readonly stored: boolean;
  readonly reasons: readonly string[];
  /** Whose rules these are, e.g. `Chromium`. */
  readonly browser?: string;
  /** What other browsers do otherwise, a line each. */
  readonly elsewhere?: readonly string[];
  /** What a launched browser itself did with this very line. */
  readonly fact?: {
    readonly stored: boolean;
    /** In the browser's own words. */
    readonly reasons: readonly string[];
    /** Milliseconds since 1970. */
    readonly at: number;
    /** The rules say otherwise: the browser is right. */
    readonly differs: boolean;
  };
}

export interface CookieApplied {
  readonly editId: string;
  readonly after: string;
  /** Where the edit is in force, in words. */
  readonly appliedTo: readonly string[];
  /** It will last: a rule holds it, or the application does not set the cookie with each answer. */
  readonly lasts: boolean;
}

/** Which cookies of a request keep the login, found out by leaving them out. */
export interface CookieProof {
  readonly flowId: string;
  readonly request: string;
  readonly cookies: readonly {
    readonly name: string;
    /** What the application did without this cookie alone. */
    readonly without: 'accepted' | 'refused' | 'error' | 'unclear';
    readonly flowId: string;
    /** It belongs to the smallest set that keeps the login. */
    readonly needed: boolean;
  }[];
  readonly needed: readonly string[];
  readonly sentence: string;
  /** What tells an answer with the login from one without. */
  readonly signs: readonly string[];
  readonly requests: number;
  /** How many of the requests carried the session, and counted as its use. */
  readonly used: number;
  /** Sessions that requests without the cookie began at the application. */
  readonly leftovers: {
    /** Their records that were found in the store and removed again. */
    readonly removed: number;
    /** Ids of those whose record was not found or could not be removed. */
    readonly left: readonly string[];
  };
}

/** A rule on the wire, as the list of rules shows it. */
export interface RuleInfo {
  readonly ruleId: string;
  readonly title: string;
  readonly host: string;
  readonly enabled: boolean;
  readonly applied: number;
  /** Set for the rule of a cookie edit; absent for rules that a user made. */
  readonly editId?: string;
  readonly on?: 'request' | 'response';
  readonly path?: string;
}

export interface FlowDetail {
  readonly flow: Flow;
  readonly requestCookies: readonly { readonly name: string; readonly value: string; readonly sessionKey?: string }[];
  readonly setCookies: readonly {
    readonly raw: string;
    readonly view: CookieView | null;
    readonly sessionKey?: string;
  }[];
}

export interface BodyView {
  readonly size: number;
  readonly kept: number;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  /** The decoded body as text when it is text, base64 otherwise. */
  readonly text?: string;
  readonly base64?: string;
  readonly truncated: boolean;
  readonly problem?: Problem;
}

export type Verdict = 'holds' | 'does-not-hold' | 'cannot-tell' | 'not-applicable';

/** web.py's parameters that decide whether a session is accepted. */
/** web.py's `session_parameters`, those that a question may change; its defaults for what is left out. */
export interface PolicyParameters {
  /**
   * Seconds; or, as text, what stands in the Python program where that is no plain number: `86400,` (a tuple), `'3600'`,
   * `None`, `float('inf')`.
   */
  readonly timeout: number | string;
  readonly ignore_expiry: boolean;
  readonly ignore_change_ip: boolean;
  readonly secret_key?: string;
  readonly expired_message?: string;
  readonly cookie_domain?: string;
  readonly cookie_path?: string;
  readonly samesite?: string;
  readonly httponly?: boolean;
  readonly secure?: boolean;
}

/** What a new session starts with. A function sets the values itself: only 0.40 to 0.61 treat it differently. */
export interface PolicyInitializer {
  readonly kind: 'dict' | 'function';
  readonly values: Readonly<Record<string, unknown>>;
}

/** "Would it still be accepted after N seconds, from this address?" */
export interface PolicyQuestion {
  readonly parameters: PolicyParameters;
  readonly profile: '0.37' | '0.40' | '0.62' | 'intended';
  /** Seconds after the last use. */
  readonly afterSeconds: number;
  readonly fromAddress: string;
  /** A reverse proxy stands before the application, which then sees this address instead of the visitor's. */
  readonly proxyAddress?: string;
  /** None unless given. */
  readonly initializer?: PolicyInitializer;
  /**
   * Whether a cleanup runs at that request: `at-request` (the process has not cleaned for longer than `timeout`),
   * `not-due` (a cleanup ran less than `timeout` ago).
   */
  readonly cleanup: 'at-request' | 'not-due';
}

export type PolicyOutcome = 'accepted' | 'new-session' | 'expired-message' | 'server-error';

export interface PolicyAnswer {
  readonly question: PolicyQuestion;
  readonly outcome: PolicyOutcome;
  /** One plain sentence. */
  readonly sentence: string;
  /** In web.py's terms, in order. */
  readonly reasons: readonly string[];
  readonly evidence: {
    readonly status: number;
    readonly setCookie: readonly string[];
    readonly body: string;
    readonly recordBefore: string;
    readonly recordAfter: string;
    readonly storeCalls: readonly string[];
  };
}

/** Accepted until, may be gone from, must be gone from: seconds after the last use, for a time band. */
export interface PolicyBand {
  readonly mayBeGoneAfter: number | null;
  readonly mustBeGoneAfter: number | null;
}

export interface Notice {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly remedy?: string;
  /** As of a `Problem`: by it the window translates, and knows what it can offer to do. */
  readonly kind?: ProblemKind;
  /** Host or other place, where `kind` has one. */
  readonly where?: string;
  /** More for a report, to be copied; secrets are masked. */
  readonly details?: string;
}

export interface Progress {
  readonly taskId: string;
  readonly title: string;
  readonly done: number;
  readonly total: number | null;
  readonly finished: boolean;
}
