import type { Engine } from '../engine.ts';
import type { EngineExchange } from '../engine-exchange.ts';
import { type Framing, noBody } from '../http1/facts.ts';
import { announced } from './decisions.ts';
import { HeldBody } from './held-body.ts';
import type { errorResponse } from './local-responses.ts';
import type { ClientSide } from './ports.ts';

/** The response on its way to the client: its body is held while a hook holds the head, and may be replaced. */
export class ResponseHalf {
  /** The client was given a head; another answer is impossible. */
  headSent = false;
  readonly #engine: Engine;
  readonly #exchange: EngineExchange;
  readonly #client: ClientSide;
  #received: Framing = noBody;
  #held: HeldBody | undefined = undefined;

  constructor(engine: Engine, exchange: EngineExchange, client: ClientSide) {
    this.#engine = engine;
    this.#exchange = exchange;
    this.#client = client;
  }

  /** A hook waits for the whole body: the application must not be paused. */
  get collecting(): boolean {
    return this.#held?.collecting === true;
  }

  /** A head is there; `framing` is how its body is delimited. */
  begin(framing: Framing): void {
    this.#received = framing;
  }

  /** The same for an answer that is complete from the start. */
  beginWhole(framing: Framing, body: Buffer): void {
    this.#received = framing;
    this.#held = new HeldBody();
    if (body.length > 0) this.#held.push(body);
    this.#held.end(undefined);
  }

  /** Body bytes from the application. */
  receive(chunk: Buffer): void {
    if (!this.headSent) {
      this.#held ??= new HeldBody();
      this.#held.push(chunk);
    } else if (this.#held === undefined) {
      this.#send(chunk);
    } // else replaced: the rest of the original goes nowhere
  }

  /** The body is complete. @returns whether with it the answer is out. */
  end(trailers: string[] | undefined): boolean {
    if (trailers !== undefined && trailers.length > 0) {
      this.#exchange.responseTrailers = trailers;
      this.#engine.hooks.trailers(this.#exchange, 'response', trailers);
    }
    if (!this.headSent) {
      this.#held ??= new HeldBody();
      this.#held.end(trailers);
      return false;
    }
    if (this.#held !== undefined) return false;
    this.#client.end(trailers);
    return true;
  }

  /**
   * All events of one read from the application were given. `hooked`: a hook holds the head.
   * @returns false: read no further for now.
   */
  flush(hooked: boolean): boolean {
    if (this.headSent) return this.#client.flush();
    // A held head: read on only for a hook that waits for the body.
    return this.#held === undefined ? !hooked : this.#held.collecting;
  }

  /** The whole body for a hook. `more` is called when the application is to go on. */
  collect(limit: number, more: () => void): Promise<Buffer> {
    this.#held ??= new HeldBody();
    const held = this.#held;
    if (this.#received.kind === 'none' && !held.ended) held.end(undefined);
    const body = held.collect(limit);
    if (held.collecting) queueMicrotask(more);
    return body;
  }

  /** A hook puts other bytes in the body's place. */
  replace(body: Buffer): void {
    this.#held ??= new HeldBody();
    this.#held.replacement = Buffer.from(body);
  }

  /**
   * Sends the head and what is there of the body.
   * @returns whether the answer is out.
   * @throws HeadError when the head cannot be written: nothing was sent.
   */
  send(): boolean {
    const held = this.#held;
    const bodiless = this.#received.kind === 'none';
    const replacement = held?.replacement;
    this.#client.head(this.#exchange, bodiless ? this.#received : announced(this.#received, replacement));
    this.headSent = true;
    if (held === undefined) return false;
    if (replacement !== undefined) {
      if (!bodiless) this.#send(replacement);
      this.#client.end(held.trailers);
      return true;
    }
    this.#held = undefined;
    if (!bodiless) for (const chunk of held.take()) this.#send(chunk);
    if (held.ended) this.#client.end(held.trailers);
    return held.ended;
  }

  /** Sends an answer that says what is wrong; records keep what the application gave, or nothing. */
  refuse({ head, framing, body }: ReturnType<typeof errorResponse>): void {
    const exchange = this.#exchange;
    const received = exchange.response;
    exchange.response = head;
    try {
      this.#client.head(exchange, framing);
      if (framing.kind === 'length') this.#client.body(body);
    } finally {
      if (received === undefined) delete exchange.response;
      else exchange.response = received;
    }
    this.headSent = true;
    this.#client.end(undefined);
  }

  /** Nothing more will come. */
  close(reason: string): void {
    this.#held?.fail(reason);
  }

  #send(chunk: Buffer): void {
    this.#exchange.responseBytes += chunk.length;
    this.#engine.hooks.bodyChunk(this.#exchange, 'response', chunk);
    this.#client.body(chunk);
    this.#engine.readBuffers.passed(chunk.length);
  }
}
