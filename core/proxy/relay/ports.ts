import type { Duplex } from 'node:stream';
import type { EngineExchange } from '../engine-exchange.ts';
import type { ResponseHead } from '../exchange.ts';
import type { Framing } from '../http1/facts.ts';

/** The application answers over HTTP/1.1 only, and the client itself has to begin again so (RFC 9113 section 7). */
export class NeedsHttp1 extends Error {}

/** The client's half of an exchange, as the relay drives it. */
export interface ClientSide {
  informational(head: ResponseHead): void;
  /**
   * May wait for the first body bytes or `flush` so that both leave in one write.
   * @throws HeadError when the head cannot be written.
   */
  head(exchange: EngineExchange, framing: Framing): void;
  body(chunk: Buffer): void;
  end(trailers: string[] | undefined): void;
  /** Sends what was put together. false: the client is behind; `Relay.clientDrained` will follow. */
  flush(): boolean;
  pauseRequest(): void;
  resumeRequest(): void;
  /** Breaks off so that the client cannot take what it has for complete. */
  destroy(error: Error): void;
  /** Passes a 101 head on and joins the two connections; only for HTTP/1. */
  upgrade(exchange: EngineExchange, socket: Duplex, firstBytes: Buffer): void;
  /** The exchange is over, well or badly; nothing more follows. */
  over(): void;
}

/** The application's half of an exchange, as the relay drives it. */
export interface OriginSide {
  /** @throws HeadError when the head cannot be written. */
  start(exchange: EngineExchange, shape: RequestShape): void;
  body(chunk: Buffer): void;
  end(trailers: string[] | undefined): void;
  /** false: the application is behind; `OriginListener.originDrained` will follow. */
  flush(): boolean;
  abort(): void;
  pause(): void;
  resume(): void;
}

export interface RequestShape {
  readonly path: string;
  readonly framing: Framing;
  /** Nothing follows the head. */
  readonly complete: boolean;
  /** An upgrade was asked for and is passed on. */
  readonly upgrade: boolean;
}

/** What the application's half reports. */
export interface OriginListener {
  originInformational(head: ResponseHead): void;
  originHead(head: ResponseHead, framing: Framing, connection: string): void;
  originBody(chunk: Buffer): void;
  originEnd(trailers: string[] | undefined): void;
  /** All events of one read were given. false: stop reading until `resume`. */
  originFlush(): boolean;
  originDrained(): void;
  /**
   * @param untouched no byte of the answer arrived. @param reused the connection had served before.
   * @param refused the application promised that it did nothing with the request.
   */
  originFailed(error: Error, untouched: boolean, reused: boolean, refused: boolean): void;
  originUpgraded(head: ResponseHead, socket: Duplex, firstBytes: Buffer): void;
}
