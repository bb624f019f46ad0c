import type { Engine } from '../engine.ts';
import type { EngineExchange } from '../engine-exchange.ts';
import type { Framing } from '../http1/facts.ts';
import { announced, WAITING } from './decisions.ts';
import { HeldBody } from './held-body.ts';
import type { ClientSide, OriginSide } from './ports.ts';

/**
 * The request's body on its way: held until there is a connection (`origin`, undefined before), sent, and kept while a
 * second try is possible; the client is paused where it would otherwise be too far ahead.
 */
export class RequestHalf {
  /** Everything the client sends has arrived. */
  ended: boolean;
  /** How the client announced the body. */
  readonly received: Framing;
  readonly #engine: Engine;
  readonly #exchange: EngineExchange;
  readonly #client: ClientSide;
  #held: HeldBody | undefined = undefined;
  #sent = false;
  #paused = false;
  /** Body bytes sent so far, while a second try is possible. */
  #kept: Buffer[] | undefined = undefined;
  #keptBytes = 0;

  constructor(engine: Engine, exchange: EngineExchange, client: ClientSide, received: Framing) {
    this.#engine = engine;
    this.#exchange = exchange;
    this.#client = client;
    this.received = received;
    this.ended = received.kind === 'none';
  }

  /** How the body is announced to the application. */
  get framing(): Framing {
    return announced(this.received, this.#held?.replacement);
  }

  /** Body bytes from the client. */
  receive(origin: OriginSide | undefined, chunk: Buffer): void {
    if (origin !== undefined && this.#held === undefined) {
      this.#send(origin, chunk);
      return;
    }
    this.#held ??= new HeldBody();
    this.#held.push(chunk);
    if (!this.#held.collecting && this.#held.size > WAITING) this.pause();
  }

  /** All events of one read from the client were given. */
  flush(origin: OriginSide | undefined): void {
    if (origin !== undefined && !this.#sent && !origin.flush()) this.pause();
  }

  /** The body is complete. */
  end(origin: OriginSide | undefined, trailers: string[] | undefined): void {
    this.ended = true;
    if (trailers !== undefined && trailers.length > 0) {
      this.#exchange.requestTrailers = trailers;
      this.#engine.hooks.trailers(this.#exchange, 'request', trailers);
    }
    if (origin !== undefined && this.#held === undefined) {
      this.#finish(origin, trailers);
      return;
    }
    this.#held ??= new HeldBody();
    this.#held.end(trailers);
  }

  /** The whole body for a hook. */
  collect(limit: number): Promise<Buffer> {
    this.#held ??= new HeldBody();
    const held = this.#held;
    if (this.ended && !held.ended) held.end(undefined);
    const body = held.collect(limit);
    // The client is paused after the hook has returned; that must not stop a body that is asked for.
    if (held.collecting) queueMicrotask(() => this.resume());
    return body;
  }

  /** A hook puts other bytes in the body's place. */
  replace(body: Buffer): void {
    this.#held ??= new HeldBody();
    this.#held.replacement = Buffer.from(body);
  }

  /** The head is out: sends what was held. `complete`: the head was all. */
  connected(origin: OriginSide, complete: boolean): void {
    const held = this.#held;
    if (complete) {
      this.#sent = true;
      this.#held = undefined;
    } else {
      this.#kept = [];
      this.#keptBytes = 0;
      if (held?.replacement !== undefined) {
        // What the client still sends of the original goes nowhere.
        this.#send(origin, held.replacement);
        this.#finish(origin, undefined);
      } else {
        this.#held = undefined;
        if (held !== undefined) {
          for (const chunk of held.take()) this.#send(origin, chunk);
          if (held.ended) this.#finish(origin, held.trailers);
        }
        if (!this.#sent && !origin.flush()) {
          this.pause();
          return;
        }
      }
    }
    this.resume();
  }

  /** The application has begun to answer: there is no second try any more. */
  answered(): void {
    this.#kept = undefined;
  }

  /** Makes the body ready to be sent once more. false: it is no longer there in full. */
  again(): boolean {
    const replaced = this.#held?.replacement !== undefined;
    if (this.received.kind === 'none' && !replaced) return true;
    if (this.#kept === undefined) return false;
    if (!replaced) {
      const held = new HeldBody();
      for (const chunk of this.#kept) held.push(chunk);
      if (this.ended) held.end(this.#exchange.requestTrailers);
      this.#held = held;
      this.#sent = false;
    }
    this.#exchange.requestBytes = 0;
    return true;
  }

  pause(): void {
    if (this.#paused || this.ended) return;
    this.#paused = true;
    this.#client.pauseRequest();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#client.resumeRequest();
  }

  /** The exchange is over; the client is left as it is. */
  close(): void {
    this.#held?.fail('the exchange is over');
    this.#kept = undefined;
    this.#paused = false;
  }

  #send(origin: OriginSide, chunk: Buffer): void {
    if (this.#kept !== undefined) {
      this.#keptBytes += chunk.length;
      if (this.#keptBytes > WAITING) this.#kept = undefined;
      else this.#kept.push(chunk);
    }
    this.#exchange.requestBytes += chunk.length;
    this.#engine.hooks.bodyChunk(this.#exchange, 'request', chunk);
    origin.body(chunk);
    this.#engine.readBuffers.passed(chunk.length);
  }

  #finish(origin: OriginSide, trailers: string[] | undefined): void {
    this.#sent = true;
    origin.end(trailers);
  }
}
