import { STATUS_CODES } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import type { Engine } from '../engine.ts';
import { EngineExchange } from '../engine-exchange.ts';
import type { ResponseHead } from '../exchange.ts';
import type { OriginTarget } from '../origin/open.ts';
import { Relay } from '../relay.ts';
import type { ClientSide } from '../relay-sides.ts';
import { splitHostPort } from '../target.ts';
import { joinUpgraded } from '../tunnel/splice.ts';
import { ChunkedDecoder } from './chunked.ts';
import { type Framing, factsOf, type HeadFacts, hasToken, keepsConnection, noBody, requestFraming } from './facts.ts';
import { HeadError, type ParsedRequest, parseRequestHead } from './head.ts';
import { HttpWriter } from './http-writer.ts';
import { destinationOf, showsPassword } from './request-target.ts';
import { writeHead, writeTrailers } from './write-head.ts';

/** How a connection came to us. */
export interface Arrival {
  readonly client: { readonly address: string; readonly port: number };
  /** Inside a CONNECT tunnel: where it leads. */
  readonly tunnel?: OriginTarget;
  /** `Basic …` that requests on this connection must show; undefined where it came by a port without a password. */
  readonly authorization?: string | undefined;
}

export interface ConnectionOwner {
  /** The client asked for a tunnel; the connection is handed over. */
  connect(socket: Duplex, target: { host: string; port: number }, firstBytes: Buffer, arrival: Arrival): void;
  closed(connection: ClientConnection): void;
}

const MAX_DISCARD = 1 << 20;

/** One HTTP/1 connection of a client: reads requests strictly, one after the other, and writes the answers. */
export class ClientConnection implements ClientSide {
  readonly #engine: Engine;
  readonly #socket: Duplex;
  readonly #arrival: Arrival;
  readonly #owner: ConnectionOwner;
  readonly #out: HttpWriter;
  #state: 'head' | 'body' | 'busy' | 'discard' | 'closed' = 'head';
  /** Since when nothing happened, or since when a head is being read; performance clock. */
  #since = performance.now();
  #input: Buffer | undefined = undefined;
  #running = false;
  #relay: Relay | undefined = undefined;
  #left = 0;
  #decoder: ChunkedDecoder | undefined = undefined;
  #keep = true;
  #version: '1.0' | '1.1' = '1.1';
  #method = '';
  #expects = false;
  #continued = false;
  #chunkedResponse = false;
  #closeDelimited = false;
  #hosted = true;
  #discarded = 0;
  #paused = false;
  readonly #onChunk = (chunk: Buffer) => this.#relay?.requestBody(chunk);

  constructor(engine: Engine, socket: Duplex, arrival: Arrival, owner: ConnectionOwner) {
    this.#engine = engine;
    this.#socket = socket;
    this.#arrival = arrival;
    this.#owner = owner;
    this.#out = new HttpWriter(socket, () => this.#relay?.clientDrained());
    socket.on('data', this.#onData);
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
    if (this.#state === 'discard') {
      if (now - this.#since > 2000) this.close();
    } else if (this.#state === 'head' && this.#relay === undefined) {
      const { headTimeout, clientIdle } = this.#engine.limits;
      if (this.#input !== undefined) {
        if (now - this.#since > headTimeout) this.#refuse(new HeadError(408, 'the request head took too long'));
      } else if (now - this.#since > clientIdle) {
        this.close();
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
    if (this.#input === undefined) {
      if (this.#state === 'head') this.#since = performance.now();
      this.#input = bytes;
    } else {
      this.#input = Buffer.concat([this.#input, bytes]);
    }
    this.#run();
  };

  /** Works off the input as far as it goes. Not re-entered: an answer given at once ends in the loop, not in a nest. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const input = this.#input;
        if (input === undefined || this.#paused) break;
        if (this.#state === 'head') {
          if (!this.#head(input)) break;
        } else if (this.#state === 'body') {
          this.#body(input);
        } else {
          // Pipelined: the next request waits for the answer to this one.
          if (input.length > this.#engine.limits.headBytes) this.#pause();
          break;
        }
      }
      if (this.#relay !== undefined) this.#relay.requestFlush();
    } catch (error) {
      this.#broken(error as Error);
    } finally {
      this.#running = false;
    }
  }

  /** @returns false: more bytes are needed, or the connection is no longer ours. */
  #head(bytes: Buffer): boolean {
    let start = 0;
    while (start < bytes.length && (bytes[start] === 13 || bytes[start] === 10)) start++; // RFC 9112 section 2.2
    const end = bytes.indexOf('\r\n\r\n', start);
    if (end < 0) {
      if (bytes.length - start > this.#engine.limits.headBytes)
        throw new HeadError(431, 'the request head is too long');
      if (start === bytes.length) this.#input = undefined;
      else if (bytes.indexOf('\n\n', start) >= 0) throw new HeadError(400, 'bare line feeds in the head');
      return false;
    }
    if (end - start > this.#engine.limits.headBytes) throw new HeadError(431, 'the request head is too long');
    const request = parseRequestHead(bytes.toString('latin1', start, end + 2), this.#engine.limits.headerCount);
    this.#input = end + 4 === bytes.length ? undefined : bytes.subarray(end + 4);
    if (request.method === 'CONNECT') {
      this.#connect(request);
      return false;
    }
    this.#begin(request);
    return true;
  }

  #begin(parsed: ParsedRequest): void {
    const { rawHeaders } = parsed;
    const facts = factsOf(rawHeaders);
    this.#method = parsed.method;
    this.#version = parsed.version;
    this.#keep = keepsConnection(facts, parsed.version);
    this.#expects = facts.expectsContinue;
    this.#continued = false;
    const framing = requestFraming(facts, parsed.version);
    this.#checkPassword(rawHeaders);
    const destination = destinationOf(parsed, this.#arrival.tunnel, (host, port) => this.#engine.isSelf(host, port));
    const engine = this.#engine;
    const upgrade = asksUpgrade(facts);
    const exchange = new EngineExchange({
      id: engine.nextId(),
      startedAt: engine.clock(),
      kind: upgrade ? (facts.upgrade === 'websocket' ? 'websocket' : 'upgrade') : 'http',
      client: this.#arrival.client,
      scope: engine.scopeOf(destination.host, destination.port) === 'record' ? 'record' : 'pass',
      secure: destination.secure,
      request: { method: parsed.method, url: destination.url, httpVersion: parsed.version, rawHeaders },
    });
    if (destination.own !== undefined) exchange.own = destination.own;
    this.#left = framing.kind === 'length' ? framing.length : 0;
    this.#decoder = framing.kind === 'chunked' ? new ChunkedDecoder(false, engine.limits.headBytes) : undefined;
    this.#state = framing.kind === 'none' ? 'busy' : 'body';
    const relay = new Relay(engine, {
      exchange,
      client: this,
      framing,
      destination,
      http2: false,
      upgrade,
      done: () => this.#done(relay),
    });
    this.#relay = relay;
    relay.begin();
    if (framing.kind === 'length' && framing.length === 0 && this.#relay === relay) this.#requestEnd(undefined);
  }

  #body(bytes: Buffer): void {
    this.#input = undefined;
    if (this.#decoder !== undefined) {
      const end = this.#decoder.feed(bytes, 0, this.#onChunk);
      // What came after the body, or after a pause in the middle of it, stays for later.
      if (end < bytes.length) this.#input = bytes.subarray(end);
      if (this.#decoder.done) this.#requestEnd(this.#decoder.trailers);
      return;
    }
    const end = Math.min(bytes.length, this.#left);
    this.#left -= end;
    if (end < bytes.length) this.#input = bytes.subarray(end);
    this.#relay?.requestBody(end === bytes.length ? bytes : bytes.subarray(0, end));
    if (this.#left === 0) this.#requestEnd(undefined);
  }

  #requestEnd(trailers: string[] | undefined): void {
    this.#decoder = undefined;
    if (this.#state === 'body') this.#state = 'busy';
    this.#relay?.requestEnd(trailers);
  }

  #checkPassword(rawHeaders: readonly string[]): void {
    const { authorization, tunnel } = this.#arrival;
    if (authorization === undefined || tunnel !== undefined) return;
    if (!showsPassword(rawHeaders, authorization)) throw new HeadError(407, 'this proxy asks for a password');
  }

  #connect(request: ParsedRequest): void {
    this.#checkPassword(request.rawHeaders);
    const target = splitHostPort(request.target);
    if (target === undefined || this.#arrival.tunnel !== undefined)
      throw new HeadError(400, 'malformed CONNECT target');
    const first = this.#input ?? Buffer.alloc(0);
    this.#letGo();
    this.#owner.connect(this.#socket, target, first, this.#arrival);
  }

  /** Stops being this socket's reader. */
  #letGo(): void {
    this.#hosted = false;
    this.#state = 'closed';
    this.#input = undefined;
    this.#out.release();
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onClose);
    this.#socket.pause();
    this.#owner.closed(this);
  }

  // --- answers (ClientSide) ----------------------------------------------------------------------------------------

  informational(head: ResponseHead): void {
    if (this.#version === '1.0') return; // RFC 9110 section 15.2
    if (head.status === 100) this.#continued = true;
    this.#out.text(
      writeHead(`HTTP/1.1 ${head.status} ${head.reason}`, head.rawHeaders, {
        request: false,
        framing: noBody,
        connection: '',
        upgrade: false,
        describesBody: false,
        extra: '',
      }),
    );
    this.#out.flush();
  }

  head(exchange: EngineExchange, framing: Framing): void {
    const response = exchange.response as ResponseHead;
    // A client that waits for 100 and gets a final answer may or may not send its body: nobody can tell the next
    // request from it. The same holds while the body is still on its way.
    if (this.#expects && !this.#continued) this.#keep = false;
    if (this.#relay !== undefined && !this.#relay.requestComplete) this.#keep = false;
    this.#chunkedResponse = framing.kind === 'chunked' && this.#version === '1.1';
    this.#closeDelimited = framing.kind === 'close' || (framing.kind === 'chunked' && this.#version === '1.0');
    if (this.#closeDelimited) this.#keep = false;
    const bodiless = framing.kind === 'none';
    const facts = factsOf(response.rawHeaders);
    this.#out.text(
      writeHead(`HTTP/1.1 ${response.status} ${response.reason}`, response.rawHeaders, {
        request: false,
        framing: this.#closeDelimited ? { kind: 'close' } : framing,
        connection: facts.connection,
        upgrade: false,
        describesBody: bodiless && (this.#method === 'HEAD' || response.status === 304),
        extra: this.#keep ? (this.#version === '1.0' ? 'Connection: keep-alive\r\n' : '') : 'Connection: close\r\n',
      }),
    );
  }

  body(chunk: Buffer): void {
    if (this.#chunkedResponse) this.#out.chunk(chunk);
    else this.#out.bytes(chunk);
  }

  end(trailers: string[] | undefined): void {
    if (this.#chunkedResponse) this.#out.text(`0\r\n${writeTrailers(trailers)}\r\n`);
    this.#out.flush();
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

  upgrade(exchange: EngineExchange, socket: Duplex, firstBytes: Buffer): void {
    const response = exchange.response as ResponseHead;
    const relay = this.#relay as Relay;
    const head = writeHead(`HTTP/1.1 ${response.status} ${response.reason}`, response.rawHeaders, {
      request: false,
      framing: noBody,
      connection: '',
      upgrade: true,
      describesBody: false,
      extra: '',
    });
    const fromClient = this.#input ?? Buffer.alloc(0);
    this.#relay = undefined;
    this.#letGo();
    joinUpgraded(this.#engine, exchange, {
      client: this.#socket,
      origin: socket,
      head,
      fromClient,
      fromOrigin: firstBytes,
      done: (error) => relay.upgradeEnded(error),
    });
  }

  // --- ends --------------------------------------------------------------------------------------------------------

  #done(relay: Relay): void {
    if (this.#relay !== relay) return;
    this.#relay = undefined;
    this.#since = performance.now();
    if (this.#state === 'closed') return;
    const requestComplete = relay.requestComplete;
    if (this.#keep && requestComplete) {
      this.#state = 'head';
      this.#unpause();
      if (this.#input !== undefined) this.#run();
      return;
    }
    this.#lastAnswer(requestComplete);
  }

  /** The answer is out and no other will follow. Closing with unread input would reset it away, so that is read first. */
  #lastAnswer(inputRead: boolean): void {
    this.#state = inputRead ? 'closed' : 'discard';
    this.#input = undefined;
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
    const status = error instanceof HeadError ? error.status : 500;
    const { address } = this.#arrival.client;
    this.#engine.log.log(
      `refused ${status} ${error.message}`,
      `A request from ${address} was refused: ${error.message}`,
    );
    const body = `Sessionscope: ${error.message}\n`;
    const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="sessionscope"\r\n' : '';
    this.#out.text(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nContent-Type: text/plain; charset=utf-8\r\n${challenge}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    this.#out.flush();
    this.#since = performance.now();
    this.#lastAnswer(false);
  }

  readonly #onEnd = () => {
    // A client that has said its last word has gone: this is how browsers cancel.
    if (this.#relay !== undefined) this.#relay.clientGone();
    this.#socket.destroy();
  };

  readonly #onClose = () => {
    this.#state = 'closed';
    this.#input = undefined;
    this.#relay?.clientGone();
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
    if (this.#input !== undefined && (this.#state === 'body' || this.#state === 'head')) {
      if (!this.#running) this.#run();
    }
  }
}

/** `Upgrade` with its token in `Connection`; never to HTTP/2, which would end interception (and is a way to smuggle). */
function asksUpgrade(facts: HeadFacts): boolean {
  return facts.upgrade !== '' && hasToken(facts.connection, 'upgrade') && !/(^|,)\s*h2c?\s*(,|$)/.test(facts.upgrade);
}

function ignore(): void {}
