import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { toProblem } from '../model/problem.ts';
import { CHECK_HOST, type Engine } from './engine.ts';
import type { BodyControl, EngineExchange } from './engine-exchange.ts';
import type { OwnResponse, ResponseHead } from './exchange.ts';
import { HeldBody } from './held-body.ts';
import type { Side } from './hooks.ts';
import { type Framing, noBody } from './http1/facts.ts';
import { HeadError } from './http1/head.ts';
import type { OriginTarget } from './origin/open.ts';
import type { Origin } from './origin/pool.ts';
import { errorResponse, ownAnswer } from './own-answers.ts';
import type { ClientSide, OriginListener, OriginSide } from './relay-sides.ts';
import { type Destination, splitUrl } from './target.ts';

/** Request bytes that may wait for a connection before the client is paused, and be kept for a second try. */
const WAITING = 64 * 1024;

export interface RelayRequest {
  readonly exchange: EngineExchange;
  readonly client: ClientSide;
  readonly framing: Framing;
  /** Where the unchanged URL leads. */
  readonly destination: Destination & { readonly servername?: string; readonly url: string };
  /** The client speaks HTTP/2. */
  readonly http2: boolean;
  readonly upgrade: boolean;
  /** Called when the exchange is over. */
  readonly done: () => void;
}

/**
 * Carries one exchange: request hooks, connection, request body, response hooks, response body; with backpressure,
 * breaking off and one second try. Knows nothing of HTTP/1 or HTTP/2: the two sides do.
 */
export class Relay implements OriginListener, BodyControl {
  readonly exchange: EngineExchange;
  readonly #engine: Engine;
  readonly #client: ClientSide;
  readonly #request: RelayRequest;
  readonly #started: number;
  #origin: OriginSide | undefined = undefined;
  #giveUp: (() => void) | undefined = undefined;
  #over = false;
  /** A hook holds the head of this side. */
  #holding: Side | undefined = undefined;

  #requestHeld: HeldBody | undefined = undefined;
  #requestEnded = false;
  #requestSent = false;
  #clientPaused = false;
  /** Body bytes sent so far, while a second try is possible. */
  #kept: Buffer[] | undefined = undefined;
  #keptBytes = 0;
  #tries = 0;

  #responseHeld: HeldBody | undefined = undefined;
  #responseFraming: Framing = noBody;
  #headSent = false;
  #own: OwnResponse | undefined = undefined;

  constructor(engine: Engine, request: RelayRequest) {
    this.#engine = engine;
    this.#request = request;
    this.exchange = request.exchange;
    this.#client = request.client;
    this.#started = performance.now();
    this.exchange.control = this;
    this.exchange.hasRequestBody = request.framing.kind !== 'none';
    this.#requestEnded = request.framing.kind === 'none';
  }

  /** Runs the request hooks and goes on; body bytes may follow at once. */
  begin(): void {
    const held = this.#engine.hooks.request(this.exchange);
    if (held === undefined) {
      this.#afterRequestHooks();
      return;
    }
    this.#holding = 'request';
    this.#pauseClient();
    held.then(() => this.#afterRequestHooks());
  }

  // --- from the client ---------------------------------------------------------------------------------------------

  requestBody(chunk: Buffer): void {
    if (this.#over || this.#own !== undefined) return;
    if (this.#origin === undefined || this.#requestHeld !== undefined) {
      this.#requestHeld ??= new HeldBody();
      this.#requestHeld.push(chunk);
      if (!this.#requestHeld.collecting && this.#requestHeld.size > WAITING) this.#pauseClient();
      return;
    }
    this.#sendRequestBody(chunk);
  }

  /** All events of one read from the client were given. */
  requestFlush(): void {
    if (this.#origin !== undefined && !this.#requestSent && !this.#origin.flush()) this.#pauseClient();
  }

  requestEnd(trailers: string[] | undefined): void {
    if (this.#over || this.#requestEnded) return;
    this.#requestEnded = true;
    if (trailers !== undefined && trailers.length > 0) {
      this.exchange.requestTrailers = trailers;
      this.#engine.hooks.trailers(this.exchange, 'request', trailers);
    }
    if (this.#origin === undefined || this.#requestHeld !== undefined) {
      this.#requestHeld ??= new HeldBody();
      this.#requestHeld.end(trailers);
    } else {
      this.#endRequest(trailers);
    }
  }

  /** The client's connection or stream is gone. */
  clientGone(reason = 'the client went away before the answer was complete'): void {
    if (this.#over) return;
    this.#finish(new Error(reason));
  }

  clientDrained(): void {
    if (this.#holding !== 'response') this.#origin?.resume();
  }

  get requestComplete(): boolean {
    return this.#requestEnded;
  }

  // --- for hooks ---------------------------------------------------------------------------------------------------

  bufferBody(side: Side, limit = this.#engine.limits.bufferedBody): Promise<Buffer> {
    if (side === 'request') {
      if (this.#origin !== undefined) return Promise.reject(new Error('the request was already sent'));
      const held = (this.#requestHeld ??= new HeldBody());
      if (this.#requestEnded && !held.ended) held.end(undefined);
      const body = held.collect(limit);
      // The client is paused after the hook has returned; that must not stop a body that is asked for.
      if (held.collecting) queueMicrotask(() => this.#resumeClient());
      return body;
    }
    if (this.#headSent || this.exchange.response === undefined) {
      return Promise.reject(new Error('only the response hook can ask for the response body'));
    }
    const held = (this.#responseHeld ??= new HeldBody());
    if (this.#own !== undefined && !held.ended) {
      held.push(ownBody(this.#own));
      held.end(undefined);
    } else if (this.#responseFraming.kind === 'none' && !held.ended) {
      held.end(undefined);
    }
    const body = held.collect(limit);
    if (held.collecting) queueMicrotask(() => this.#origin?.resume());
    return body;
  }

  replaceBody(side: Side, body: Buffer): void {
    if (side === 'request') {
      if (this.#origin !== undefined) throw new Error('the request was already sent');
      this.#requestHeld ??= new HeldBody();
      this.#requestHeld.replacement = Buffer.from(body);
    } else {
      if (this.#headSent) throw new Error('the response was already sent');
      this.#responseHeld ??= new HeldBody();
      this.#responseHeld.replacement = Buffer.from(body);
    }
  }

  respond(response: OwnResponse): void {
    if (this.#origin !== undefined || this.exchange.response !== undefined) {
      throw new Error('only the request hook can answer');
    }
    this.#own = response;
  }

  abort(reason: string): void {
    if (!this.#over) this.#finish(new Error(reason));
  }

  // --- the way out -------------------------------------------------------------------------------------------------

  #afterRequestHooks(): void {
    this.#holding = undefined;
    if (this.#over) return;
    if (this.#own === undefined && this.exchange.own !== undefined) this.#own = ownAnswer(this.exchange);
    if (this.#own !== undefined) {
      this.#answer(this.#own);
      return;
    }
    const original = this.#request.destination;
    const destination = this.#urlChanged() ? splitUrl(this.exchange.request.url) : original;
    if (destination === undefined) {
      this.#refuse(new HeadError(502, `a rule made the address ${this.exchange.request.url}, which is no URL`));
      return;
    }
    if (destination.host === CHECK_HOST) {
      this.#answer(ownAnswer(this.exchange));
      return;
    }
    // A kept connection can be closed under our hands: what could not be sent a second time gets a new one.
    const { framing } = this.#request;
    const repeatable = framing.kind === 'none' || (framing.kind === 'length' && framing.length <= WAITING);
    this.#acquire(destination, destination.path, !repeatable);
  }

  #urlChanged(): boolean {
    return this.exchange.request.url !== this.#originalUrl;
  }

  get #originalUrl(): string {
    return this.#request.destination.url;
  }

  #acquire(target: OriginTarget, path: string, fresh: boolean): void {
    this.#tries++;
    this.#giveUp = this.#engine.pool.acquire(target, this.#request.http2, fresh, (error, origin) => {
      this.#giveUp = undefined;
      if (this.#over) {
        if (origin?.kind === 'http1') origin.connection.close();
        return;
      }
      if (origin === undefined) return this.#refuse(error ?? new Error('no connection'));
      this.#start(origin, target, path);
    });
  }

  #start(origin: Origin, target: OriginTarget, path: string): void {
    const { exchange } = this;
    const opened = origin.fresh;
    if (opened !== undefined) {
      exchange.timing.connectMs = opened.connectMs;
      if (opened.tlsMs !== undefined) exchange.timing.tlsMs = opened.tlsMs;
    }
    const server = origin.kind === 'http1' ? origin.connection.opened.server : origin.session.server;
    if (server !== undefined) exchange.server = server;
    const held = this.#requestHeld;
    const replacement = held?.replacement;
    const framing: Framing =
      replacement === undefined
        ? this.#request.framing
        : replacement.length === 0 && this.#request.framing.kind === 'none'
          ? noBody
          : { kind: 'length', length: replacement.length };
    const complete = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
    let side: OriginSide;
    try {
      if (origin.kind === 'http1') {
        origin.connection.attach(this);
        side = origin.connection;
      } else {
        side = origin.session.stream(this, target);
      }
      this.#origin = side;
      side.start(exchange, { path, framing, complete, upgrade: this.#request.upgrade });
    } catch (error) {
      this.#origin?.abort();
      this.#origin = undefined;
      this.#refuse(error as Error);
      return;
    }
    if (complete) {
      this.#requestSent = true;
      this.#requestHeld = undefined;
    } else {
      this.#kept = [];
      this.#keptBytes = 0;
      if (replacement !== undefined) {
        // What the client still sends of the original goes nowhere.
        this.#sendRequestBody(replacement);
        this.#endRequest(undefined);
      } else {
        this.#requestHeld = undefined;
        if (held !== undefined) {
          for (const chunk of held.take()) this.#sendRequestBody(chunk);
          if (held.ended) this.#endRequest(held.trailers);
        }
        if (!this.#requestSent && !side.flush()) {
          this.#pauseClient();
          return;
        }
      }
    }
    this.#resumeClient();
  }

  #sendRequestBody(chunk: Buffer): void {
    const { exchange } = this;
    if (this.#kept !== undefined) {
      this.#keptBytes += chunk.length;
      if (this.#keptBytes > WAITING) this.#kept = undefined;
      else this.#kept.push(chunk);
    }
    exchange.requestBytes += chunk.length;
    this.#engine.hooks.bodyChunk(exchange, 'request', chunk);
    this.#origin?.body(chunk);
    this.#engine.readBuffers.passed(chunk.length);
  }

  #endRequest(trailers: string[] | undefined): void {
    this.#requestSent = true;
    this.#origin?.end(trailers);
  }

  // --- from the application ----------------------------------------------------------------------------------------

  originInformational(head: ResponseHead): void {
    if (this.#over || this.#holding === 'response') return;
    this.#kept = undefined;
    this.#engine.hooks.informational(this.exchange, head);
    this.#client.informational(head);
  }

  originHead(head: ResponseHead, framing: Framing): void {
    if (this.#over) return;
    this.#kept = undefined;
    this.exchange.timing.firstByteMs = performance.now() - this.#started;
    this.exchange.response = head;
    this.#responseFraming = framing;
    const held = this.#engine.hooks.response(this.exchange);
    if (held === undefined) {
      this.#sendHead();
      return;
    }
    this.#holdResponse(held);
  }

  originBody(chunk: Buffer): void {
    if (this.#over) return;
    if (!this.#headSent) {
      this.#responseHeld ??= new HeldBody();
      this.#responseHeld.push(chunk);
      return;
    }
    if (this.#responseHeld !== undefined) return; // replaced: the rest of the original goes nowhere
    this.#sendResponseBody(chunk);
  }

  originEnd(trailers: string[] | undefined): void {
    if (this.#over) return;
    this.#origin = undefined;
    if (trailers !== undefined && trailers.length > 0) {
      this.exchange.responseTrailers = trailers;
      this.#engine.hooks.trailers(this.exchange, 'response', trailers);
    }
    if (!this.#headSent) {
      this.#responseHeld ??= new HeldBody();
      this.#responseHeld.end(trailers);
      return;
    }
    if (this.#responseHeld === undefined) this.#endResponse(trailers);
  }

  originFlush(): boolean {
    if (this.#over) return true;
    if (this.#headSent) return this.#client.flush();
    // A held head: read on only for a hook that waits for the body.
    return this.#responseHeld === undefined ? this.#holding !== 'response' : this.#responseHeld.collecting;
  }

  originDrained(): void {
    if (!this.#over) this.#resumeClient();
  }

  originFailed(error: Error, untouched: boolean, reused: boolean): void {
    if (this.#over) return;
    this.#origin = undefined;
    if (untouched && reused && this.#tries === 1 && this.#canTryAgain()) {
      // A kept connection that the application had closed meanwhile: nobody's fault, so nobody needs to see it.
      const original = this.#request.destination;
      const destination = this.#urlChanged() ? splitUrl(this.exchange.request.url) : original;
      if (destination !== undefined) {
        this.#acquire(destination, destination.path, true);
        return;
      }
    }
    this.#responseHeld?.fail(error.message);
    this.#refuse(error);
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
      this.#headSent = true;
      this.#client.upgrade(this.exchange, socket, firstBytes);
    };
    socket.on('error', () => {});
    const held = this.#engine.hooks.response(this.exchange);
    if (held === undefined) {
      proceed();
      return;
    }
    held.then(proceed);
  }

  /** An upgraded connection is over. */
  upgradeEnded(error: Error | undefined): void {
    this.#finish(error);
  }

  // --- the way back ------------------------------------------------------------------------------------------------

  #holdResponse(held: Promise<void>): void {
    this.#holding = 'response';
    if (this.#responseHeld?.collecting !== true) this.#origin?.pause();
    held.then(() => {
      this.#holding = undefined;
      if (this.#over) return;
      this.#sendHead();
      this.#origin?.resume();
      if (!this.#over) this.#client.flush();
    });
  }

  #sendHead(): void {
    const { exchange } = this;
    const held = this.#responseHeld;
    const replacement = held?.replacement;
    const framing: Framing =
      replacement === undefined || this.#responseFraming.kind === 'none'
        ? this.#responseFraming
        : { kind: 'length', length: replacement.length };
    try {
      this.#client.head(exchange, framing);
    } catch (error) {
      this.#origin?.abort();
      this.#origin = undefined;
      this.#responseHeld = undefined;
      this.#refuse(error as Error);
      return;
    }
    this.#headSent = true;
    if (replacement !== undefined) {
      if (framing.kind !== 'none') this.#sendResponseBody(replacement);
      this.#origin?.abort(); // the rest of the original is not needed
      this.#origin = undefined;
      this.#endResponse(held?.trailers);
      return;
    }
    this.#responseHeld = undefined;
    if (held === undefined) return;
    for (const chunk of held.take()) this.#sendResponseBody(chunk);
    if (held.ended) this.#endResponse(held.trailers);
  }

  #sendResponseBody(chunk: Buffer): void {
    const { exchange } = this;
    exchange.responseBytes += chunk.length;
    this.#engine.hooks.bodyChunk(exchange, 'response', chunk);
    this.#client.body(chunk);
    this.#engine.readBuffers.passed(chunk.length);
  }

  #endResponse(trailers: string[] | undefined): void {
    if (this.#over) return;
    this.#client.end(trailers);
    this.#finish(undefined);
  }

  /** Answers without the application. */
  #answer(own: OwnResponse): void {
    this.#own = own;
    this.exchange.answered = true;
    const body = ownBody(own);
    const { method } = this.exchange.request;
    const bodiless = method === 'HEAD' || own.status === 204 || own.status === 304;
    this.exchange.response = {
      status: own.status,
      reason: own.reason ?? '',
      httpVersion: this.exchange.request.httpVersion,
      rawHeaders: [...(own.rawHeaders ?? [])],
    };
    this.#responseFraming = bodiless ? noBody : { kind: 'length', length: body.length };
    const send = () => {
      this.#holding = undefined;
      if (this.#over) return;
      // The hook may have asked for the body: it is here already and not to be sent twice.
      if (this.#responseHeld?.replacement === undefined) this.#responseHeld = undefined;
      const replaced = this.#responseHeld !== undefined;
      this.#sendHead();
      if (this.#over) return;
      if (!replaced) {
        if (!bodiless && body.length > 0) this.#sendResponseBody(body);
        this.#endResponse(undefined);
      }
    };
    const held = this.#engine.hooks.response(this.exchange);
    if (held === undefined) {
      send();
      return;
    }
    this.#holding = 'response';
    held.then(send);
  }

  /** No answer can be had: says so to the client if nothing was sent yet, else breaks off. */
  #refuse(error: Error): void {
    if (this.#over) return;
    if (this.#headSent) {
      this.#finish(error);
      return;
    }
    const { exchange } = this;
    this.#trouble(error);
    const response = errorResponse(error, exchange.request.method);
    const received = exchange.response;
    exchange.response = response.head;
    try {
      this.#client.head(exchange, response.framing);
      if (response.framing.kind === 'length') this.#client.body(response.body);
    } finally {
      // The application gave none of this: records show the error instead, or the head that was refused.
      if (received === undefined) delete exchange.response;
      else exchange.response = received;
    }
    this.#headSent = true;
    this.#client.end(undefined);
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
    this.#origin?.abort();
    this.#origin = undefined;
    this.#requestHeld?.fail('the exchange is over');
    this.#responseHeld?.fail('the exchange is over');
    this.#kept = undefined;
    this.exchange.timing.totalMs = performance.now() - this.#started;
    if (error !== undefined) this.#client.destroy();
    this.#engine.hooks.end(this.exchange);
    this.#request.done();
  }

  /** Only what was kept in full can be sent again. */
  #canTryAgain(): boolean {
    if (this.#request.framing.kind === 'none' && this.#requestHeld?.replacement === undefined) return true;
    if (this.#kept === undefined) return false;
    if (this.#requestHeld?.replacement !== undefined) {
      this.exchange.requestBytes = 0;
      return true;
    }
    const held = new HeldBody();
    for (const chunk of this.#kept) held.push(chunk);
    if (this.#requestEnded) held.end(this.exchange.requestTrailers);
    this.#requestHeld = held;
    this.#requestSent = false;
    this.exchange.requestBytes = 0;
    return true;
  }

  #pauseClient(): void {
    if (this.#clientPaused || this.#requestEnded) return;
    this.#clientPaused = true;
    this.#client.pauseRequest();
  }

  #resumeClient(): void {
    if (!this.#clientPaused || this.#over) return;
    this.#clientPaused = false;
    this.#client.resumeRequest();
  }
}

function ownBody(own: OwnResponse): Buffer {
  if (own.body === undefined) return Buffer.alloc(0);
  return typeof own.body === 'string' ? Buffer.from(own.body) : Buffer.from(own.body);
}
