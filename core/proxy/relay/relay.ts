import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { toProblem } from '../../model/problem.ts';
import { CHECK_HOST, type Engine } from '../engine.ts';
import type { BodyControl, EngineExchange } from '../engine-exchange.ts';
import type { OwnResponse, ResponseHead } from '../exchange.ts';
import type { Side } from '../hooks.ts';
import type { Framing } from '../http1/facts.ts';
import { HeadError } from '../http1/head-error.ts';
import type { OriginTarget } from '../origin/open.ts';
import type { Origin, Reuse } from '../origin/pool.ts';
import type { Destination } from '../target.ts';
import { deservesAnotherTry, destinationAfterHooks, isEmpty, mayUseKept, ownParts } from './decisions.ts';
import { errorResponse, ownAnswer } from './local-responses.ts';
import { overControl } from './over-control.ts';
import { type ClientSide, NeedsHttp1, type OriginListener, type OriginSide } from './ports.ts';
import { RequestHalf } from './request-half.ts';
import { ResponseHalf } from './response-half.ts';

export interface RelayRequest {
  readonly exchange: EngineExchange;
  readonly client: ClientSide;
  readonly framing: Framing;
  /** Where the unchanged URL leads. */
  readonly destination: Destination & OriginTarget & { readonly url: string };
  /** The client speaks HTTP/2. */
  readonly http2: boolean;
  readonly upgrade: boolean;
}

/**
 * Carries one exchange: request hooks, connection, request, response hooks, response; with breaking off and one second
 * try. Knows nothing of HTTP/1 or HTTP/2: the two sides do. The bodies are the halves' business.
 */
export class Relay implements OriginListener, BodyControl {
  readonly exchange: EngineExchange;
  readonly #engine: Engine;
  readonly #client: ClientSide;
  readonly #asked: RelayRequest;
  readonly #request: RequestHalf;
  readonly #response: ResponseHalf;
  readonly #started: number;
  #origin: OriginSide | undefined = undefined;
  #giveUp: (() => void) | undefined = undefined;
  #tries = 0;
  /** The client was told to send its body before the application was asked. */
  #continued = false;
  /** A hook holds the response's head. */
  #headHooked = false;
  /** Answered without the application. */
  #own: OwnResponse | undefined = undefined;
  #over = false;

  constructor(engine: Engine, asked: RelayRequest) {
    const { exchange, client, framing } = asked;
    this.#engine = engine;
    this.#asked = asked;
    this.exchange = exchange;
    this.#client = client;
    this.#request = new RequestHalf(engine, exchange, client, framing);
    this.#response = new ResponseHalf(engine, exchange, client);
    this.#started = performance.now();
    exchange.control = this;
    exchange.hasRequestBody = framing.kind !== 'none';
  }

  /** Runs the request hooks and goes on; body bytes may follow at once. */
  begin(): void {
    const held = this.#engine.hooks.request(this.exchange);
    if (held === undefined) {
      this.#afterRequestHooks();
      return;
    }
    this.#request.pause();
    held.then(() => this.#afterRequestHooks());
  }

  // --- from the client ---------------------------------------------------------------------------------------------

  requestBody(chunk: Buffer): void {
    if (!this.#over && this.#own === undefined) this.#request.receive(this.#origin, chunk);
  }

  /** All events of one read from the client were given. */
  requestFlush(): void {
    this.#request.flush(this.#origin);
  }

  requestEnd(trailers: string[] | undefined): void {
    if (!this.#over && !this.#request.ended) this.#request.end(this.#origin, trailers);
  }

  /** The client's connection or stream is gone. */
  clientGone(reason = 'the client went away before the answer was complete'): void {
    this.#finish(new Error(reason));
  }

  /** The client sends nothing of the body that it announced; only before the application has answered. */
  requestStalled(limitMs: number): void {
    this.#refuse(new HeadError(408, `the client sent nothing of the announced request body for ${limitMs / 1000} s`));
  }

  clientDrained(): void {
    if (!this.#headHooked) this.#origin?.resume();
  }

  get requestComplete(): boolean {
    return this.#request.ended;
  }

  // --- for hooks ---------------------------------------------------------------------------------------------------

  bufferBody(side: Side, limit = this.#engine.limits.bufferedBody): Promise<Buffer> {
    if (side === 'request') {
      if (this.#origin !== undefined) return Promise.reject(new Error('the request was already sent'));
      this.#askForBody();
      return this.#request.collect(limit);
    }
    if (this.#response.headSent || this.exchange.response === undefined) {
      return Promise.reject(new Error('only the response hook can ask for the response body'));
    }
    return this.#response.collect(limit, () => this.#origin?.resume());
  }

  /** A client that waits for 100 would wait for an application that is not asked before the body is here. */
  #askForBody(): void {
    if (this.#continued || this.#request.ended) return;
    if (this.exchange.header('request', 'expect')?.toLowerCase() !== '100-continue') return;
    this.#continued = true;
    this.#client.informational({ status: 100, reason: 'Continue', httpVersion: '1.1', rawHeaders: [] });
  }

  replaceBody(side: Side, body: Buffer): void {
    if (side === 'request') {
      if (this.#origin !== undefined) throw new Error('the request was already sent');
      this.#request.replace(body);
    } else {
      if (this.#response.headSent) throw new Error('the response was already sent');
      this.#response.replace(body);
    }
  }

  respond(response: OwnResponse): void {
    if (this.#origin !== undefined || this.exchange.response !== undefined) {
      throw new Error('only the request hook can answer');
    }
    this.#own = response;
  }

  abort(reason: string): void {
    this.#finish(new Error(reason));
  }

  // --- the way out -------------------------------------------------------------------------------------------------

  #afterRequestHooks(): void {
    if (this.#over) return;
    const { exchange } = this;
    if (this.#own === undefined && exchange.own !== undefined) this.#own = ownAnswer(exchange);
    if (this.#own !== undefined) {
      this.#answer(this.#own);
      return;
    }
    const destination = destinationAfterHooks(this.#asked.destination, exchange.request.url);
    if (destination === undefined) {
      this.#refuse(new HeadError(502, `a rule made the address ${exchange.request.url}, which is no URL`));
    } else if (destination.host === CHECK_HOST) {
      this.#answer(ownAnswer(exchange));
    } else {
      const { owner } = destination as OriginTarget;
      const kept = owner !== undefined || mayUseKept(this.#request.received);
      this.#acquire(destination, kept ? 'any' : 'multiplexed');
    }
  }

  #acquire(destination: OriginTarget & Destination, reuse: Reuse): void {
    this.#tries++;
    // Not every proxy on the way hands an upgrade on; behind a tunnel none needs to.
    const target = this.#asked.upgrade ? { ...destination, tunnel: true } : destination;
    // Without TLS nothing is negotiated: that the client speaks HTTP/2 says nothing about where a rule sends it.
    const http2 = this.#asked.http2 && (destination.secure || !this.#asked.destination.secure);
    this.#giveUp = this.#engine.pool.acquire(target, http2, reuse, (error, origin) => {
      this.#giveUp = undefined;
      if (this.#over) {
        if (origin?.kind === 'http1') origin.connection.close();
        return;
      }
      if (origin === undefined) return this.#refuse(error ?? new Error('no connection'));
      this.#start(origin, destination);
    });
  }

  #start(origin: Origin, destination: OriginTarget & Destination): void {
    const { exchange } = this;
    const opened = origin.fresh;
    if (opened !== undefined) {
      exchange.timing.connectMs = opened.connectMs;
      if (opened.tlsMs !== undefined) exchange.timing.tlsMs = opened.tlsMs;
    }
    const server = origin.kind === 'http1' ? origin.connection.opened.server : origin.session.server;
    if (server !== undefined) exchange.server = server;
    const { framing } = this.#request;
    const complete = isEmpty(framing);
    let side: OriginSide;
    try {
      if (origin.kind === 'http1') {
        origin.connection.attach(this);
        side = origin.connection;
      } else {
        side = origin.session.stream(this, destination);
      }
      this.#origin = side;
      side.start(exchange, { path: destination.path, framing, complete, upgrade: this.#asked.upgrade });
    } catch (error) {
      this.#dropOrigin();
      this.#refuse(error as Error);
      return;
    }
    this.#request.connected(side, complete);
  }

  #dropOrigin(): void {
    this.#origin?.abort();
    this.#origin = undefined;
  }

  // --- from the application ----------------------------------------------------------------------------------------

  originInformational(head: ResponseHead): void {
    if (this.#over || this.#headHooked) return;
    this.#request.answered();
    if (head.status === 100 && this.#continued) return;
    this.#engine.hooks.informational(this.exchange, head);
    this.#client.informational(head);
  }

  originHead(head: ResponseHead, framing: Framing): void {
    if (this.#over) return;
    this.#request.answered();
    this.exchange.timing.firstByteMs = performance.now() - this.#started;
    this.exchange.response = head;
    this.#response.begin(framing);
    this.#hookAndSend();
  }

  originBody(chunk: Buffer): void {
    if (!this.#over) this.#response.receive(chunk);
  }

  originEnd(trailers: string[] | undefined): void {
    if (this.#over) return;
    this.#origin = undefined;
    if (this.#response.end(trailers)) this.#finish(undefined);
  }

  originFlush(): boolean {
    return this.#over || this.#response.flush(this.#headHooked);
  }

  originDrained(): void {
    if (!this.#over) this.#request.resume();
  }

  originFailed(error: Error, untouched: boolean, reused: boolean, refused: boolean): void {
    if (this.#over) return;
    this.#origin = undefined;
    if (deservesAnotherTry(untouched, reused, this.#tries, refused) && this.#request.again()) {
      const destination = destinationAfterHooks(this.#asked.destination, this.exchange.request.url);
      if (destination !== undefined) {
        this.#acquire(destination, 'none');
        return;
      }
    }
    this.#response.close(error.message);
    if (error instanceof NeedsHttp1 && this.#asked.http2) this.#finish(error);
    else this.#refuse(error);
  }

  originUpgraded(head: ResponseHead, socket: Duplex, firstBytes: Buffer): void {
    this.#origin = undefined;
    if (this.#over) {
      socket.destroy();
      return;
    }
    this.exchange.timing.firstByteMs = performance.now() - this.#started;
    this.exchange.response = head;
    const proceed = () => {
      if (this.#over) return void socket.destroy();
      this.#response.headSent = true;
      this.#client.upgrade(this.exchange, socket, firstBytes);
    };
    socket.on('error', () => {});
    const held = this.#engine.hooks.response(this.exchange);
    if (held === undefined) proceed();
    else held.then(proceed);
  }

  /** An upgraded connection is over. */
  upgradeEnded(error: Error | undefined): void {
    this.#finish(error);
  }

  // --- the way back ------------------------------------------------------------------------------------------------

  /** The response's head is known: hooks see it, then it leaves. */
  #hookAndSend(): void {
    const held = this.#engine.hooks.response(this.exchange);
    if (held === undefined) {
      this.#send();
      return;
    }
    this.#headHooked = true;
    if (!this.#response.collecting) this.#origin?.pause();
    held.then(() => {
      this.#headHooked = false;
      if (this.#over) return;
      this.#send();
      if (this.#over) return;
      this.#origin?.resume();
      if (!this.#over) this.#client.flush();
    });
  }

  #send(): void {
    try {
      if (this.#response.send()) this.#finish(undefined);
    } catch (error) {
      this.#dropOrigin();
      this.#refuse(error as Error);
    }
  }

  /** Answers without the application. */
  #answer(own: OwnResponse): void {
    this.#own = own;
    const { exchange } = this;
    exchange.answered = true;
    const { head, framing, body } = ownParts(own, exchange.request);
    exchange.response = head;
    this.#response.beginWhole(framing, body);
    this.#hookAndSend();
  }

  /** No answer can be had: says so to the client if nothing was sent yet, else breaks off. */
  #refuse(error: Error): void {
    if (this.#over) return;
    if (this.#response.headSent) {
      this.#finish(error);
      return;
    }
    this.#trouble(error);
    this.#response.refuse(errorResponse(error, this.exchange.request.method));
    this.#finish(undefined);
  }

  #trouble(error: Error): void {
    const { exchange } = this;
    if (exchange.error !== undefined) return;
    const { message, remedy } = toProblem(error);
    exchange.error = remedy === undefined ? message : `${message}. ${remedy}`;
    this.#engine.hooks.error(exchange, error);
  }

  #finish(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    if (error !== undefined) this.#trouble(error);
    this.#giveUp?.();
    this.#dropOrigin();
    this.#request.close();
    this.#response.close('the exchange is over');
    this.exchange.timing.totalMs = performance.now() - this.#started;
    if (error !== undefined) this.#client.destroy(error);
    this.#engine.hooks.end(this.exchange);
    // Whoever keeps the exchange for a while shall not keep connections, streams and bodies with it.
    this.exchange.control = overControl;
    this.#client.over();
  }
}
