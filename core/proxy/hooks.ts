import type { Exchange, ResponseHead } from './exchange.ts';

/** Which half of an exchange is meant. */
export type Side = 'request' | 'response';

/**
 * One frame of a WebSocket, seen in passing: the engine forwards the bytes itself and never waits for a hook.
 * RFC 6455 section 5.2.
 */
export interface WebSocketFrame {
  readonly from: 'client' | 'server';
  /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  readonly fin: boolean;
  /** RSV1: with permessage-deflate the message is compressed. */
  readonly compressed: boolean;
  /** Bytes of the payload as announced in the frame. */
  readonly size: number;
  /** Unmasked payload, at most `ProxyLimits.webSocketPayload` bytes of it. A copy: may be kept. */
  readonly payload: Buffer;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * A feature of the proxy, in the manner of mitmproxy's addons: an object with the methods it cares for. Hooks run in the
 * order of the list. A hook that throws is logged once and traffic carries on as if it had done nothing.
 *
 * `request` and `response` may return a promise: the message is then held (with backpressure on its sender) until it
 * settles. Return nothing for the common case: a hook that answers synchronously costs no promise and no turn of the
 * event loop. All other hooks are notifications; they must return quickly and cannot delay the traffic.
 */
export interface ProxyHooks {
  /** Named in the log and, by convention, pushed to `exchange.editedBy` when the hook changed something. */
  readonly name: string;

  /**
   * The request head is complete; nothing was sent upstream. May change `exchange.request.method`, `.url` (also to
   * another host) and `.rawHeaders`, call `bufferBody('request')` and `replaceBody('request', …)`, or answer in the
   * application's place with `respond(…)`. Later hooks still run after `respond`; they see `exchange.answered`.
   * Hop-by-hop fields are in the list as received and are left out when the head is sent.
   */
  request?(exchange: Exchange): void | Promise<void>;

  /**
   * The final response head (not 1xx) is complete, from the application or from `respond`; nothing of it was sent to
   * the client. May change `exchange.response.status`, `.reason` and `.rawHeaders`, call `bufferBody('response')` and
   * `replaceBody('response', …)`.
   */
  response?(exchange: Exchange): void | Promise<void>;

  /**
   * Body bytes on their way, chunk framing removed, content coding kept, after any `replaceBody`. The chunk belongs to
   * the engine and is only valid during the call: copy what is kept. Backpressure is the engine's business.
   */
  bodyChunk?(exchange: Exchange, side: Side, chunk: Buffer): void;

  /** Trailer fields arrived (flat list); changes to the list are sent on. */
  trailers?(exchange: Exchange, side: Side, rawTrailers: string[]): void;

  /** A 1xx head (100, 102, 103) is being passed on. */
  informational?(exchange: Exchange, head: Readonly<ResponseHead>): void;

  /** A WebSocket frame passed, in either direction, after a 101. */
  webSocketFrame?(exchange: Exchange, frame: WebSocketFrame): void;

  /** A tunnel whose bytes are not read was opened (`exchange.kind === 'tunnel'`); `end` follows when it closes. */
  tunnel?(exchange: Exchange): void;

  /** Something went wrong: `exchange.error` says what in words. Fires at most once and before `end`. */
  error?(exchange: Exchange, error: Error): void;

  /** The exchange is over, well or badly. Fires exactly once for every exchange whose `request` or `tunnel` fired. */
  end?(exchange: Exchange): void;

  /**
   * A client broke off the TLS handshake with the proxy: most often it does not trust the proxy's authority.
   * There is no exchange yet.
   */
  clientTlsError?(
    where: {
      /** The name that the client asked for in TLS. */
      readonly host: string;
      /** The host that it named in CONNECT, by which its scope is decided; most often the same. */
      readonly connectHost: string;
      readonly port: number;
      readonly clientAddress: string;
    },
    error: Error,
  ): void;
}
