import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { leaveReads, takeReads } from '../direct-reads.ts';
import type { Engine } from '../engine.ts';
import { EngineExchange } from '../engine-exchange.ts';
import type { Client, ResponseHead } from '../exchange.ts';
import type { OriginTarget } from '../origin/open.ts';
import { type PortPassword, withoutPassword } from '../port-password.ts';
import type { ClientSide } from '../relay/ports.ts';
import { Relay } from '../relay/relay.ts';
import { hostPort, splitHostPort } from '../target.ts';
import { joinUpgraded } from '../tunnel/splice.ts';
import { AnswerWriter, upgradeText } from './answer-writer.ts';
import { asksUpgrade, type Framing, keepsConnection, requestFraming } from './facts.ts';
import type { ParsedRequest } from './head.ts';
import { HeadError } from './head-error.ts';
import { HttpWriter } from './http-writer.ts';
import { refusalText } from './refusal.ts';
import { RequestReader } from './request-reader.ts';
import { RequestTargets } from './request-target.ts';

/** How a connection came to us. */
export interface Arrival {
  readonly client: Client;
  /** Inside a CONNECT tunnel: where it leads. */
  readonly tunnel?: OriginTarget;
  /** What requests on this connection must show; undefined where it came by a port without a password. */
  readonly password?: PortPassword | undefined;
}

export interface ConnectionOwner {
  /** The client asked for a tunnel; the connection is handed over. */
  connect(socket: Duplex, target: { host: string; port: number }, firstBytes: Buffer, arrival: Arrival): void;
  closed(connection: ClientConnection): void;
}

/** What is read of a request that was answered before it was complete, in bytes and milliseconds. */
const MAX_DISCARD = 1 << 20;
const DISCARD_TIME = 2000;

/** One HTTP/1 connection of a client: one request after the other, each carried by a relay of its own. */
export class ClientConnection implements ClientSide {
  readonly #engine: Engine;
  readonly #socket: Duplex;
  readonly #arrival: Arrival;
  readonly #owner: ConnectionOwner;
  readonly #out: HttpWriter;
  readonly #answer: AnswerWriter;
  readonly #reader: RequestReader;
  readonly #targets: RequestTargets;
  /** `busy`: the request is complete, its answer is not. `discard`: answered, the rest of the request is of no use. */
  #state: 'head' | 'body' | 'busy' | 'discard' | 'closed' = 'head';
  /** Since when nothing happened, or since when a head is being read; performance clock. */
  #since = performance.now();
  /** Something came since the last sweep: a clock need not be read for each piece of a body. */
  #heard = false;
  /** The client sends its body when it is told to (RFC 9110 section 10.1.1). */
  #awaitsContinue = false;
  #running = false;
  #relay: Relay | undefined = undefined;
  #hosted = true;
  /** It logs in by NTLM or Negotiate: its connections to applications are no longer for others. */
  #ownsOrigins = false;
  #discarded = 0;
  #paused = false;

  constructor(engine: Engine, socket: Duplex, arrival: Arrival, owner: ConnectionOwner) {
    this.#engine = engine;
    this.#socket = socket;
    this.#arrival = arrival;
    this.#owner = owner;
    this.#out = new HttpWriter(socket, () => this.#relay?.clientDrained());
    this.#answer = new AnswerWriter(this.#out);
    this.#reader = new RequestReader(engine.limits, (chunk) => this.#relay?.requestBody(chunk));
    this.#targets = new RequestTargets(arrival.tunnel, engine);
    takeReads(socket, this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  /** No request under way. */
  get idleSince(): number | undefined {
    return this.#relay === undefined ? this.#since : undefined;
  }

  /** Closes when a head takes too long or nothing comes. `now`: performance clock. */
  sweep(now: number): void {
    const { headTimeout, bodyIdle, clientIdle } = this.#engine.limits;
    const passed = now - this.#since;
    if (this.#state === 'discard') {
      if (passed > DISCARD_TIME) this.close();
    } else if (this.#state === 'body') {
      // A silence that is not the client's doing, or is meant, does not count.
      const answered = this.#relay?.exchange.response !== undefined;
      if (this.#heard || this.#paused || this.#awaitsContinue || answered) {
        this.#heard = false;
        this.#since = now;
      } else if (passed > bodyIdle) this.#relay?.requestStalled(bodyIdle);
    } else if (this.#state === 'head' && this.#relay === undefined) {
      if (this.#reader.waiting === 0) {
        if (passed > clientIdle) this.close();
      } else if (passed > headTimeout) {
        this.#refuse(new HeadError(408, 'the request head took too long'));
      }
    }
  }

  close(): void {
    this.#state = 'closed';
    this.#socket.destroy();
  }

  // --- requests ----------------------------------------------------------------------------------------------------

  readonly #onData = (bytes: Buffer) => {
    if (this.#state === 'discard') {
      this.#discarded += bytes.length;
      if (this.#discarded > MAX_DISCARD) this.close();
      return;
    }
    if (this.#state === 'head' && this.#reader.waiting === 0) this.#since = performance.now();
    this.#heard = true;
    this.#awaitsContinue = false;
    this.#reader.push(bytes);
    this.#run();
  };

  /** Works off the input as far as it goes. Not re-entered: an answer given at once ends in the loop, not in a nest. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#reader.waiting > 0 && !this.#paused) {
        if (this.#state === 'head') {
          const request = this.#reader.head();
          if (request === undefined) break;
          if (request.method === 'CONNECT') this.#connect(request);
          else this.#begin(request);
        } else if (this.#state === 'body') {
          if (this.#reader.body()) this.#requestEnd();
        } else if (this.#state === 'busy') {
          // Pipelined: the next request waits for the answer to this one.
          if (this.#reader.waiting > this.#engine.limits.headBytes) this.#pause();
          break;
        } else {
          this.#reader.take(); // answered or closed meanwhile
        }
      }
      this.#relay?.requestFlush();
    } catch (error) {
      this.#broken(error as Error);
    } finally {
      this.#running = false;
    }
  }

  #begin(parsed: ParsedRequest): void {
    const { method, version } = parsed;
    const engine = this.#engine;
    let { rawHeaders } = parsed;
    const facts = this.#reader.lines.factsOf(rawHeaders);
    const framing = requestFraming(facts, version);
    const keep = keepsConnection(facts, version);
    this.#answer.begin({ method, version, keep, expectsContinue: facts.expectsContinue });
    if (this.#arrival.password !== undefined) {
      this.#checkPassword(this.#arrival.password, rawHeaders);
      rawHeaders = withoutPassword(rawHeaders);
    }
    const asked = this.#targets.destinationOf(parsed);
    this.#ownsOrigins ||= facts.bindsConnection;
    const destination = this.#ownsOrigins ? { ...asked, owner: this.#name } : asked;
    const upgrade = asksUpgrade(facts);
    const exchange = new EngineExchange({
      id: engine.nextId(),
      startedAt: engine.clock(),
      kind: upgrade ? (facts.upgrade === 'websocket' ? 'websocket' : 'upgrade') : 'http',
      client: this.#arrival.client,
      scope: engine.scopeOf(destination.host, destination.port) === 'record' ? 'record' : 'pass',
      secure: destination.secure,
      request: { method, url: destination.url, httpVersion: version, rawHeaders },
    });
    exchange.requestLines = this.#reader.lines;
    if (destination.own !== undefined) exchange.own = destination.own;
    this.#awaitsContinue = facts.expectsContinue && this.#reader.waiting === 0;
    this.#reader.expect(framing);
    this.#state = framing.kind === 'none' ? 'busy' : 'body';
    const relay = new Relay(engine, { exchange, client: this, framing, destination, http2: false, upgrade });
    this.#relay = relay;
    relay.begin();
    if (framing.kind === 'length' && framing.length === 0 && this.#relay === relay) this.#requestEnd();
  }

  #requestEnd(): void {
    if (this.#state === 'body') this.#state = 'busy';
    this.#relay?.requestEnd(this.#reader.trailers);
  }

  #checkPassword(password: PortPassword, rawHeaders: readonly string[]): void {
    const shown = password.check(this.#arrival.client.address, rawHeaders);
    if (shown === 'wait') {
      throw new HeadError(429, 'too many wrong passwords came from this address; try again in a minute');
    }
    if (shown !== 'right') throw new HeadError(407, 'this proxy asks for a password');
  }

  #connect(request: ParsedRequest): void {
    const { password } = this.#arrival;
    if (password !== undefined) this.#checkPassword(password, request.rawHeaders);
    const target = splitHostPort(request.target);
    if (target === undefined || this.#arrival.tunnel !== undefined)
      throw new HeadError(400, 'malformed CONNECT target');
    const first = this.#letGo();
    this.#owner.connect(this.#socket, target, first, this.#arrival);
  }

  /** Tells this client from every other one that is connected now. */
  get #name(): string {
    const { address, port } = this.#arrival.client;
    return hostPort(address, port);
  }

  /** Stops being this socket's reader; another must follow at once. @returns what was read and not used. */
  #letGo(): Buffer {
    this.#hosted = false;
    this.#state = 'closed';
    const rest = this.#reader.take();
    this.#out.release();
    leaveReads(this.#socket, this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onClose);
    this.#owner.closed(this);
    return rest;
  }

  // --- answers (ClientSide) ----------------------------------------------------------------------------------------

  informational(head: ResponseHead): void {
    this.#awaitsContinue = false;
    this.#heard = true;
    this.#answer.informational(head);
  }

  head(exchange: EngineExchange, framing: Framing): void {
    const complete = this.#relay === undefined || this.#relay.requestComplete;
    this.#answer.head(exchange.response as ResponseHead, framing, complete, exchange.responseLines);
  }

  body(chunk: Buffer): void {
    this.#answer.body(chunk);
  }

  end(trailers: string[] | undefined): void {
    this.#answer.end(trailers);
  }

  flush(): boolean {
    return this.#out.flush();
  }

  pauseRequest(): void {
    this.#pause();
  }

  resumeRequest(): void {
    this.#unpause();
  }

  destroy(): void {
    this.close();
  }

  upgrade(exchange: EngineExchange, origin: Duplex, fromOrigin: Buffer): void {
    const head = upgradeText(exchange.response as ResponseHead);
    const relay = this.#relay as Relay;
    this.#relay = undefined;
    const fromClient = this.#letGo();
    const done = (error: Error | undefined) => relay.upgradeEnded(error);
    joinUpgraded(this.#engine, exchange, { client: this.#socket, origin, head, fromClient, fromOrigin, done });
  }

  over(): void {
    const relay = this.#relay;
    if (relay === undefined) return;
    this.#relay = undefined;
    this.#since = performance.now();
    if (this.#state === 'closed') return;
    if (!this.#answer.keep || !relay.requestComplete) {
      this.#lastAnswer(relay.requestComplete);
      return;
    }
    this.#state = 'head';
    this.#unpause();
    this.#run();
  }

  // --- ends --------------------------------------------------------------------------------------------------------

  /** The answer is out and no other will follow. Closing with unread input would reset it away, so that is read first. */
  #lastAnswer(inputRead: boolean): void {
    this.#state = inputRead ? 'closed' : 'discard';
    this.#reader.take();
    this.#socket.end();
    if (inputRead) this.#socket.once('finish', () => this.#socket.destroy());
    this.#unpause();
  }

  #broken(error: Error): void {
    const relay = this.#relay;
    if (relay === undefined) {
      this.#refuse(error);
      return;
    }
    // The request's body is broken: what the application got of it must not look complete.
    relay.clientGone(`the request is malformed: ${error.message}`);
    this.close();
  }

  #refuse(error: Error): void {
    const text = refusalText(error);
    const line = `A request from ${this.#arrival.client.address} was refused: ${error.message}`;
    this.#engine.log.log(`refused ${text.slice(9, 12)} ${error.message}`, line);
    this.#out.text(text);
    this.#out.flush();
    this.#since = performance.now();
    this.#lastAnswer(false);
  }

  readonly #onEnd = () => {
    // A client that has said its last word has gone: this is how browsers cancel.
    this.#relay?.clientGone();
    this.#socket.destroy();
  };

  readonly #onClose = () => {
    this.#state = 'closed';
    this.#reader.take();
    this.#relay?.clientGone();
    if (this.#ownsOrigins) this.#engine.pool.closeOwned(this.#name);
    if (this.#hosted) this.#owner.closed(this);
  };

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
    if (this.#state === 'body' || this.#state === 'head') this.#run();
  }
}

function ignore(): void {}
