import type { Problem } from './problem.ts';
import type { CookieView } from './session.ts';

/** How a host is treated: seen and recorded, passed on through TLS but not recorded, or tunnelled unread. */
export type HostTreatment = 'record' | 'pass' | 'blind';

/** What the window shows of the proxy's settings. Passwords and keys stay in the engine: only that there is one is told. */
export interface ProxySettings {
  readonly upstream: {
    /** `direct`, `http://host:8080`, `https://…`, `socks5://…`, `socks4://…`, `pac+http://host/proxy.pac`, or `pac` for `pacScript`. */
    readonly address: string;
    readonly username?: string;
    readonly hasPassword: boolean;
    readonly pacScript?: string;
  };
  /** Hosts that are reached straight: `shop.test`, `*.shop.test`, `10.0.0.0/8`, `<local>`. */
  readonly bypass: readonly string[];
  /** Sites of the public web whose pages may reach loopback and private addresses: patterns as in `bypass`. */
  readonly localAccess: readonly string[];
  readonly scope: {
    readonly others: HostTreatment;
    /** The first pattern that fits counts. */
    readonly hosts: readonly { readonly host: string; readonly treat: HostTreatment }[];
  };
  /** TLS with single applications; the first pattern that fits counts. */
  readonly tls: readonly {
    readonly host: string;
    readonly verify: boolean;
    /** PEM certificates trusted beside the runtime's own. */
    readonly ca?: string;
    /** Client certificate as PEM. */
    readonly cert?: string;
    readonly hasKey: boolean;
    readonly hasPassphrase: boolean;
  }[];
}

/** New settings. A part that is not named stays; so does a secret that is not named (null takes it away). */
export interface ProxySettingsChange {
  readonly upstream?: {
    readonly address: string;
    readonly username?: string;
    readonly password?: string | null;
    readonly pacScript?: string;
  };
  readonly bypass?: readonly string[];
  readonly localAccess?: readonly string[];
  readonly scope?: ProxySettings['scope'];
  readonly tls?: readonly {
    readonly host: string;
    readonly verify: boolean;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string | null;
    readonly passphrase?: string | null;
  }[];
}

/** A rule that a user makes: one cookie or one header field, in requests or in responses. */
export interface RuleAsk {
  readonly on: 'request' | 'response';
  /** `shop.test`, `*.shop.test`, `shop.test:8080`; any host when absent. */
  readonly host?: string;
  /** A path and everything below it. */
  readonly path?: string;
  /** The rule ends after it changed this many messages. */
  readonly times?: number;
  readonly change:
    | {
        readonly kind: 'cookie';
        readonly cookie: string;
        readonly value?: string;
        /** Only where the cookie has this value now. */
        readonly from?: string;
        /** Also where the message has no such cookie. */
        readonly add?: boolean;
        readonly remove?: boolean;
        /** Attributes of Set-Cookie: name → value, or null for one without a value. Responses only. */
        readonly set?: Readonly<Record<string, string | null>>;
        readonly removeAttributes?: readonly string[];
      }
    | {
        readonly kind: 'header';
        readonly header: string;
        readonly value?: string;
        readonly add?: boolean;
        readonly remove?: boolean;
      };
}

/** Which messages are to be held for a user. */
export interface BreakpointInfo {
  readonly on: readonly ('request' | 'response')[];
  readonly host?: string;
  readonly path?: string;
  readonly methods?: readonly string[];
  readonly enabled: boolean;
}

export interface Breakpoints {
  readonly breakpoints: readonly BreakpointInfo[];
  /** A held message goes on unchanged by itself after so long. */
  readonly timeLimitSeconds: number;
}

/** A message that waits for the user. */
export interface HeldInfo {
  readonly id: string;
  readonly flowId: string;
  readonly side: 'request' | 'response';
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly status?: number;
  readonly reason?: string;
  /** Flat list: name, value, … */
  readonly rawHeaders: readonly string[];
  /** Milliseconds since 1970. */
  readonly heldAt: number;
  /** When it goes on by itself. */
  readonly until: number;
  readonly bodyEditable: boolean;
}

/** How a held message went on. */
export interface HeldEnded {
  readonly id: string;
  readonly end: 'resumed' | 'edited' | 'dropped' | 'timed-out' | 'gone';
}

export interface CertificateInfo {
  readonly file: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /**
   * `kept`: the one of earlier, or the first; `renewed`: made at this start because the old one was about to end;
   * `temporary`: only in memory, gone with the program.
   */
  readonly state: 'kept' | 'renewed' | 'temporary';
  /** Why it is only in memory although nobody asked for that. */
  readonly problem?: Problem;
}

/** A document made by the engine, for the user to keep. Secrets are masked unless they were asked for. */
export interface ExportedText {
  /** Proposed file name. */
  readonly name: string;
  readonly text: string;
  /** How many things are in it. */
  readonly count: number;
  /** What could not be said in this format. */
  readonly notes: readonly string[];
}

/** A cookie read from a file, and where it went. */
export interface ImportedCookies {
  readonly cookies: readonly CookieView[];
  /** How many the browser took; null when none was named. */
  readonly stored: number | null;
  readonly notes: readonly string[];
}

/** One frame of a WebSocket as it passed. */
export interface FrameView {
  readonly at: number;
  readonly from: 'client' | 'server';
  /** RFC 6455 section 5.2: 1 text, 2 binary, 8 close, 9 ping, 10 pong, 0 continuation. */
  readonly opcode: number;
  readonly fin: boolean;
  readonly compressed: boolean;
  /** Bytes of the payload as it passed. */
  readonly size: number;
  /** Bytes of the whole message after inflating it (RFC 7692). */
  readonly inflated?: number;
  /** The beginning of the payload, inflated where that can be done, as text where it is text. */
  readonly text?: string;
  readonly base64?: string;
  /** More has passed than is shown. */
  readonly cut?: true;
  /** Of a close frame that has a code. */
  readonly close?: { readonly code: number; readonly reason: string };
  /**
   * Why the payload is not shown as it was meant. `part`: it belongs to a compressed message that is shown where it begins;
   * `open`: the message has not ended; `cut`: not all of it was kept; `context`: an earlier message, to which it refers,
   * could not be inflated; `too-large`: it grows beyond the limit; `damaged`: it is no deflate stream, or no close code;
   * `extension`: compressed in a way that was not agreed on.
   */
  readonly note?: 'part' | 'open' | 'cut' | 'context' | 'too-large' | 'damaged' | 'extension';
}
