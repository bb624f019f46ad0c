import type { Flow } from '../model/flow.ts';
import type { Side } from './hooks.ts';

/** Who sent the request. */
export interface Client {
  readonly address: string;
  readonly port: number;
  /** The browser that was opened from here with a port of its own. */
  readonly identity?: string;
}

/** A request head. All lists and strings are Latin-1: one character per byte as received. */
export interface RequestHead {
  method: string;
  /** Absolute URL as the application knows it: scheme, target host, port unless default, path and query as sent. */
  url: string;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** Flat list: name, value, name, value, … Case, order, duplicates and bytes as received. No HTTP/2 pseudo fields. */
  rawHeaders: string[];
  /** HTTP/2 `:authority` as sent. */
  readonly authority?: string;
}

/** A response head; same notation as RequestHead. */
export interface ResponseHead {
  status: number;
  /** Empty for HTTP/2. */
  reason: string;
  readonly httpVersion: string;
  rawHeaders: string[];
}

/** A response that a hook gives in the application's place. `Content-Length` is added when there is none. */
export interface OwnResponse {
  readonly status: number;
  readonly reason?: string;
  readonly rawHeaders?: readonly string[];
  readonly body?: Uint8Array | string;
}

/** How a host is treated: seen by hooks and recorded, seen but not to be recorded, or tunnelled unread. */
export type Scope = 'record' | 'pass' | 'blind';

/** One request and its response on their way through the engine; hooks read and change it (see ProxyHooks). */
export interface Exchange {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly kind: Flow['kind'];
  readonly client: Client;
  /** `record` or `pass` by the host's scope: a recording hook leaves out `pass`. */
  readonly scope: Scope;
  /** The client's own connection to the application is TLS, or would be without the proxy. */
  readonly secure: boolean;
  /**
   * The request is for the proxy itself: `check` for `sessionscope.local`, `direct` when it came without a proxy
   * (origin-form), `loop` when the target is the proxy's own port. Never sent upstream: a hook answers it.
   */
  readonly own?: 'check' | 'direct' | 'loop';

  readonly request: RequestHead;
  /** Set from the `response` hook on. */
  readonly response?: ResponseHead;
  readonly requestTrailers?: readonly string[];
  readonly responseTrailers?: readonly string[];
  /** Address and port the engine connected to; of the upstream proxy where one is used. */
  readonly server?: { readonly address: string; readonly port: number };
  /** Milliseconds from `startedAt`; connect and TLS only where this exchange opened the connection. */
  readonly timing: Readonly<{ connectMs?: number; tlsMs?: number; firstByteMs?: number; totalMs?: number }>;
  /** Body bytes passed on so far, content coding not removed. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Why there is no response or why it ended early, in words. */
  readonly error?: string;
  /** Names of the rules or users that changed something, in order; hooks push to it. */
  readonly editedBy: string[];
  /** What the recorder knows of the exchange, kept here so that it need not look it up. One recorder for each proxy. */
  recording?: unknown;
  /** True after `respond`. */
  readonly answered: boolean;
  /** The request has a body (announced by framing; its length may be 0). */
  readonly hasRequestBody: boolean;

  /** The first value of a field of the current head, by name in lower case; undefined when absent. */
  header(side: Side, lowerCaseName: string): string | undefined;

  /**
   * The fields of the current head as they are now, for keeping: the list is never changed. Heads with the same lines on
   * one connection give the same list, so what was found out about it holds for all of them.
   */
  keptHeaders(side: Side): readonly string[];

  /**
   * The whole body, content coding kept. Only inside the `request` hook for 'request' and the `response` hook for
   * 'response': the head is held until the hook's promise settles.
   * @throws ProblemError `body-too-large` over `limit` bytes (default `ProxyLimits.bufferedBody`): the body then streams
   *   unchanged; `aborted` when the sender went away.
   */
  bufferBody(side: Side, limit?: number): Promise<Buffer>;

  /**
   * Sends these bytes instead of the body. `Content-Length` is set and `Transfer-Encoding` left out by the engine;
   * `Content-Encoding` is the hook's business.
   */
  replaceBody(side: Side, body: Uint8Array): void;

  /** Answers in the application's place. Only inside the `request` hook. */
  respond(response: OwnResponse): void;

  /** Breaks the exchange off: the client's connection (or HTTP/2 stream) is closed without an answer. */
  abort(reason: string): void;
}
