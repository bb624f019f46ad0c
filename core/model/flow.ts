/** One request and its response as the proxy saw them. Heads are raw: case, order, duplicates and bytes (Latin-1). */
export interface Flow {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly client: { readonly address: string; readonly port: number; readonly identity?: string };
  readonly request: {
    readonly method: string;
    /** Absolute URL as the application would know it. */
    readonly url: string;
    readonly httpVersion: string;
    /** Flat list: name, value, name, value, … as received. */
    readonly rawHeaders: readonly string[];
    readonly body: BodyInfo;
    readonly trailers?: readonly string[];
    /** What went on to the application instead, where rules or a user changed it. */
    readonly sent?: { readonly method: string; readonly url: string; readonly rawHeaders: readonly string[] };
  };
  readonly response?: {
    readonly status: number;
    readonly reason: string;
    readonly httpVersion: string;
    readonly rawHeaders: readonly string[];
    readonly body: BodyInfo;
    readonly trailers?: readonly string[];
    /** What went on to the client instead, where rules or a user changed it. */
    readonly sent?: { readonly status: number; readonly rawHeaders: readonly string[] };
  };
  /** Address and port the proxy connected to, when it did. */
  readonly server?: { readonly address: string; readonly port: number };
  readonly timing?: { readonly connectMs?: number; readonly tlsMs?: number; readonly firstByteMs?: number };
  /** Why there is no response, or why it ended early. */
  readonly error?: string;
  /** What rules or the user changed on the way: the names of the rules, in order. */
  readonly editedBy?: readonly string[];
  readonly kind: 'http' | 'websocket' | 'tunnel' | 'upgrade';
  /** Set when this flow was sent by the debugger itself (replay, experiment). */
  readonly origin?: { readonly replayOf?: string; readonly experiment?: string; readonly imported?: string };
  /** Frames of a WebSocket: how many passed, how many of them are kept under `ref`. */
  readonly frames?: { readonly count: number; readonly kept: number; readonly ref?: string };
}

/** What was kept of a body. `kept < size` means that the rest was passed on but not recorded. */
export interface BodyInfo {
  /** Bytes that passed through (content coding not removed). */
  readonly size: number;
  /** Bytes that are kept and can be read. */
  readonly kept: number;
  /** Key for reading the kept bytes; absent when nothing is kept. */
  readonly ref?: string;
}

/** A flow without bodies and header lists, for lists in the window. */
export interface FlowSummary {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly method: string;
  readonly url: string;
  readonly status?: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly contentType?: string;
  readonly error?: string;
  readonly editedBy?: readonly string[];
  readonly kind: Flow['kind'];
  readonly origin?: Flow['origin'];
  /** Keys of the sessions sighted in it. */
  readonly sessions: readonly string[];
}
