import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Engine } from '../engine.ts';
import { EngineExchange } from '../engine-exchange.ts';
import type { ResponseHead } from '../exchange.ts';
import type { Arrival } from '../http1/client-connection.ts';
import { chunkedBody, type Framing, factsOf, noBody } from '../http1/facts.ts';
import { BEHIND } from '../http1/http-writer.ts';
import type { OriginTarget } from '../origin/open.ts';
import { type ClientSide, NeedsHttp1 } from '../relay/ports.ts';
import { Relay } from '../relay/relay.ts';
import { originOf } from '../target.ts';
import { flatOf, headersObject, http2Fields, splitPseudo } from './headers.ts';
import { respondWith } from './raw-lists.ts';

/** Milliseconds between looks at whether the end of an answer is sent; it waits only for the client's connection. */
const SENT_AGAIN = 20;

/** One HTTP/2 stream of a client: a request and its answer. */
export class ClientStream implements ClientSide {
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;
  readonly #exchangeEnded: () => void;
  #relay: Relay | undefined;
  #trailers: string[] | undefined = undefined;
  #ended = false;
  #waits = false;
  /** The client has said how long its body is; one without a length may be a dialogue (gRPC), silent for hours. */
  readonly announced: boolean;
  /** Something of the body came, or was kept back, since the last sweep. */
  #heard = true;
  /** The client sends its body when it is told to (RFC 9110 section 10.1.1). */
  #awaitsContinue: boolean;
  /** Since when nothing came of the body; performance clock. */
  #since = 0;

  /** @param ended called when the exchange is over; the stream may still be open then. */
  constructor(engine: Engine, stream: ServerHttp2Stream, flat: string[], arrival: Arrival, ended: () => void) {
    this.#stream = stream;
    this.#exchangeEnded = ended;
    const { pseudo, rawHeaders } = splitPseudo(flat);
    const method = pseudo[':method'] ?? 'GET';
    this.#method = method;
    const tunnel = arrival.tunnel as OriginTarget;
    const path = pseudo[':path'] ?? '/';
    const url = originOf(tunnel) + (path.startsWith('/') ? path : '/*');
    const authority = pseudo[':authority'];
    const bodiless = stream.readableEnded || (stream as { endAfterHeaders?: boolean }).endAfterHeaders === true;
    const { contentLength } = factsOf(rawHeaders);
    const framing: Framing = bodiless
      ? noBody
      : contentLength >= 0
        ? { kind: 'length', length: contentLength }
        : chunkedBody;
    const exchange = new EngineExchange({
      id: engine.nextId(),
      startedAt: engine.clock(),
      kind: 'http',
      client: arrival.client,
      scope: engine.scopeOf(tunnel.host, tunnel.port) === 'record' ? 'record' : 'pass',
      secure: tunnel.secure,
      request: { method, url, httpVersion: '2.0', rawHeaders, ...(authority === undefined ? {} : { authority }) },
    });
    this.announced = framing.kind === 'length';
    this.#awaitsContinue = exchange.header('request', 'expect') !== undefined;
    const relay = new Relay(engine, {
      exchange,
      client: this,
      framing,
      destination: { ...tunnel, path, url },
      http2: true,
      upgrade: false,
    });
    this.#relay = relay;
    stream.on('error', ignore);
    stream.on('close', this.#onClose);
    stream.on('aborted', this.#onClose);
    stream.on('drain', this.#onDrain);
    if (!bodiless) {
      let trailers: string[] | undefined;
      stream.on('trailers', (headers: IncomingHttpHeaders, _flags: number, raw?: unknown) => {
        trailers = flatOf(headers, raw);
      });
      stream.on('data', (chunk: Buffer) => {
        this.#heard = true;
        this.#awaitsContinue = false;
        relay.requestBody(chunk);
        relay.requestFlush();
      });
      stream.on('end', () => relay.requestEnd(trailers));
    }
    relay.begin();
  }

  /** Gives up an announced body that does not go on, as for HTTP/1. `now`: performance clock. */
  sweep(now: number, bodyIdle: number): void {
    const relay = this.#relay;
    if (relay === undefined || relay.requestComplete) return;
    const answered = relay.exchange.response !== undefined;
    if (this.#heard || this.#awaitsContinue || answered || this.#stream.isPaused()) {
      this.#heard = false;
      this.#since = now;
    } else if (now - this.#since > bodyIdle) relay.requestStalled(bodyIdle);
  }

  informational(head: ResponseHead): void {
    this.#awaitsContinue = false;
    this.#heard = true;
    if (this.#stream.headersSent || this.#stream.destroyed) return;
    this.#stream.additionalHeaders(
      headersObject(http2Fields([':status', String(head.status)], head.rawHeaders, undefined)),
    );
  }

  head(exchange: EngineExchange, framing: Framing): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const { status, rawHeaders } = exchange.response as ResponseHead;
    const bodiless = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
    const length = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? undefined : null;
    const fields = http2Fields([':status', String(status)], rawHeaders, length);
    // Trailers can follow anything, but a separate end of stream costs a frame: only where they are at all likely.
    this.#waits =
      !bodiless &&
      (framing.kind !== 'length' ||
        exchange.header('request', 'te') !== undefined ||
        exchange.header('response', 'trailer') !== undefined);
    if (this.#waits) {
      stream.once('wantTrailers', () => stream.sendTrailers(headersObject(this.#trailers ?? [])));
    }
    if (bodiless) this.#ended = true;
    respondWith(stream, fields, { endStream: bodiless, waitForTrailers: this.#waits });
  }

  body(chunk: Buffer): void {
    if (!this.#stream.destroyed && !this.#ended) this.#stream.write(chunk);
  }

  end(trailers: string[] | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    if (trailers !== undefined && trailers.length > 0) this.#trailers = http2Fields([], trailers, undefined);
    if (!this.#stream.destroyed) this.#stream.end();
  }

  flush(): boolean {
    return this.#stream.writableLength <= BEHIND;
  }

  pauseRequest(): void {
    this.#stream.pause();
  }

  resumeRequest(): void {
    if (!this.#stream.destroyed) this.#stream.resume();
  }

  destroy(error: Error): void {
    const { NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_INTERNAL_ERROR } = constants;
    if (this.#stream.destroyed) return;
    this.#stream.close(error instanceof NeedsHttp1 ? NGHTTP2_HTTP_1_1_REQUIRED : NGHTTP2_INTERNAL_ERROR);
  }

  upgrade(): void {
    throw new Error('HTTP/2 has no upgrade');
  }

  get method(): string {
    return this.#method;
  }

  over(): void {
    this.#exchangeEnded();
    const relay = this.#relay;
    this.#relay = undefined;
    // The answer is out; a request body still on its way is of no use (RFC 9113 section 8.1).
    if (relay !== undefined && !relay.requestComplete && !this.#stream.destroyed) {
      this.#stream.resume();
      if (this.#ended) this.#stream.once('finish', () => setImmediate(this.#closeWhenSent));
    }
  }

  /** `finish` only says that the body was taken: a reset before END_STREAM is on its way would cut the answer. */
  readonly #closeWhenSent = () => {
    if (this.#stream.destroyed) return;
    if (this.#stream.state.localClose === 1) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    else setTimeout(this.#closeWhenSent, SENT_AGAIN).unref();
  };

  readonly #onClose = () => this.#relay?.clientGone('the client reset the stream before the answer was complete');
  readonly #onDrain = () => this.#relay?.clientDrained();
}

function ignore(): void {}
