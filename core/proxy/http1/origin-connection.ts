import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EngineExchange } from '../engine-exchange.ts';
import type { RequestHead, ResponseHead } from '../exchange.ts';
import type { ProxyLimits } from '../limits.ts';
import type { OpenedOrigin } from '../origin/open.ts';
import type { OriginListener, OriginSide, RequestShape } from '../relay-sides.ts';
import { ChunkedDecoder } from './chunked.ts';
import { type Framing, factsOf, keepsConnection, noBody, responseFraming } from './facts.ts';
import { HeadError, parseResponseHead } from './head.ts';
import { HttpWriter } from './http-writer.ts';
import { writeHead, writeTrailers } from './write-head.ts';

/** 1xx heads that may come before a final one. */
const MAX_INFORMATIONAL = 100;

/** One HTTP/1 connection to an application; serves one exchange after the other. */
export class OriginConnection implements OriginSide {
  readonly socket: Duplex;
  readonly opened: OpenedOrigin;
  /** Exchanges served before the present one. */
  served = 0;
  /** Since when it is idle; performance clock. */
  idleSince = 0;
  /** Called when the connection can serve again, or cannot any more. */
  onIdle: (connection: OriginConnection, reusable: boolean) => void = () => {};

  readonly #limits: ProxyLimits;
  readonly #out: HttpWriter;
  #listener: OriginListener | undefined = undefined;
  #method = '';
  #requestDone = false;
  #state: 'idle' | 'head' | 'body' | 'paused' | 'raw' = 'idle';
  #resumeTo: 'head' | 'body' = 'head';
  #framing: Framing = noBody;
  #chunkedRequest = false;
  #left = 0;
  #decoder: ChunkedDecoder | undefined = undefined;
  #keep = true;
  #upgrading = false;
  #buffered: Buffer | undefined = undefined;
  #untouched = true;
  #informational = 0;
  #paused = false;
  readonly #onChunk = (chunk: Buffer) => this.#listener?.originBody(chunk);

  constructor(opened: OpenedOrigin, limits: ProxyLimits) {
    this.opened = opened;
    this.socket = opened.socket;
    this.#limits = limits;
    this.#out = new HttpWriter(this.socket, () => this.#listener?.originDrained());
    this.socket.on('data', this.#onData);
    this.socket.on('end', this.#onEnd);
    this.socket.on('close', this.#onClose);
  }

  get usable(): boolean {
    return this.#state === 'idle' && !this.socket.destroyed && this.socket.writable && this.socket.readable;
  }

  /** Takes the connection for an exchange; `start` follows. */
  attach(listener: OriginListener): void {
    this.#listener = listener;
  }

  start(exchange: EngineExchange, shape: RequestShape): void {
    const { request } = exchange;
    const rawHeaders = request.httpVersion === '2.0' ? http1Fields(request) : request.rawHeaders;
    const facts = factsOf(rawHeaders);
    const forward = exchange.secure || this.opened.protocol !== '' ? undefined : this.opened.forward;
    let extra = '';
    if (facts.te.includes('trailers') && !shape.upgrade) extra = 'TE: trailers\r\nConnection: TE\r\n';
    if (forward !== undefined) for (const [name, value] of pairs(forward.rawHeaders)) extra += `${name}: ${value}\r\n`;
    const target = forward === undefined ? shape.path : request.url;
    const version = request.httpVersion === '1.0' ? '1.0' : '1.1';
    const head = writeHead(`${request.method} ${target} HTTP/${version}`, rawHeaders, {
      request: true,
      framing: shape.framing,
      connection: facts.connection,
      upgrade: shape.upgrade,
      describesBody: false,
      extra,
    });
    this.#method = request.method;
    this.#requestDone = shape.complete;
    this.#chunkedRequest = shape.framing.kind === 'chunked';
    this.#keep = version === '1.1';
    this.#upgrading = shape.upgrade;
    this.#untouched = true;
    this.#informational = 0;
    this.#state = 'head';
    this.#out.text(head);
    if (shape.complete) this.#out.flush();
  }

  body(chunk: Buffer): void {
    if (this.#chunkedRequest) this.#out.chunk(chunk);
    else this.#out.bytes(chunk);
  }

  end(trailers: string[] | undefined): void {
    this.#requestDone = true;
    if (this.#chunkedRequest) this.#out.text(`0\r\n${writeTrailers(trailers)}\r\n`);
    this.#out.flush();
  }

  flush(): boolean {
    return this.#out.flush();
  }

  abort(): void {
    this.#listener = undefined;
    this.#close();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (this.#state === 'head' || this.#state === 'body') {
      this.#resumeTo = this.#state;
      this.#state = 'paused';
    }
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#state === 'paused') this.#state = this.#resumeTo;
    const waiting = this.#buffered;
    if (waiting !== undefined) {
      this.#buffered = undefined;
      this.#take(waiting);
    }
    if (!this.#paused) this.socket.resume();
  }

  /** Closes an idle connection. */
  close(): void {
    this.#listener = undefined;
    this.#close();
  }

  readonly #onData = (bytes: Buffer) => {
    if (this.#state === 'idle') return this.#close(); // an answer nobody asked for
    this.#take(bytes);
  };

  #take(bytes: Buffer): void {
    let input = bytes;
    if (this.#buffered !== undefined) {
      const before = this.#buffered;
      this.#buffered = undefined;
      input = Buffer.concat([before, bytes]);
      // Parsing starts anew with every piece of a head: only worth it when its end can be in the new part.
      if (this.#state === 'head' && !hasHeadEnd(input, before.length - 3) && input.length <= this.#limits.headBytes) {
        this.#buffered = input;
        return;
      }
    }
    this.#untouched = false;
    const listener = this.#listener;
    try {
      this.#parse(input);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (listener !== undefined && listener === this.#listener && !listener.originFlush()) this.pause();
  }

  #parse(bytes: Buffer): void {
    let at = 0;
    // The state can change in any callback: `pause` sets 'paused', the end of an answer sets 'idle'.
    while (at < bytes.length) {
      if (this.#state === 'head') {
        const rest = at === 0 ? bytes : bytes.subarray(at);
        const parsed = parseResponseHead(rest, this.#limits.headerCount);
        if ((parsed === undefined ? rest.length : parsed.end) > this.#limits.headBytes) {
          throw new HeadError(502, `its answer's head is longer than ${this.#limits.headBytes} bytes`);
        }
        if (parsed === undefined) {
          this.#buffered = rest;
          return;
        }
        at += parsed.end;
        const { head } = parsed;
        this.#head(
          { status: head.status, reason: head.reason, httpVersion: head.version, rawHeaders: head.rawHeaders },
          bytes,
          at,
        );
      } else if (this.#state === 'body') {
        at = this.#body(bytes, at);
      } else if (this.#state === 'paused') {
        this.#buffered = at === 0 ? bytes : bytes.subarray(at);
        return;
      } else if (this.#state === 'idle') {
        this.#close(); // more bytes than the answer has: never to be taken for the next one
        return;
      } else {
        return;
      }
    }
  }

  #head(head: ResponseHead, bytes: Buffer, at: number): void {
    if (head.status === 101) {
      if (!this.#upgrading) throw new HeadError(502, 'it switched protocols unasked');
      this.#state = 'raw';
      this.socket.off('data', this.#onData);
      this.socket.off('end', this.#onEnd);
      this.socket.off('close', this.#onClose);
      this.#out.release();
      const listener = this.#listener;
      this.#listener = undefined;
      listener?.originUpgraded(head, this.socket, bytes.subarray(at));
      return;
    }
    if (head.status < 200) {
      if (++this.#informational > MAX_INFORMATIONAL)
        throw new HeadError(502, 'too many 1xx answers before the final one');
      this.#listener?.originInformational(head);
      return;
    }
    const facts = factsOf(head.rawHeaders);
    const framing = responseFraming(facts, this.#method, head.status);
    this.#framing = framing;
    if (this.#keep) this.#keep = framing.kind !== 'close' && keepsConnection(facts, head.httpVersion);
    this.#state = 'body';
    this.#left = framing.kind === 'length' ? framing.length : 0;
    this.#decoder = framing.kind === 'chunked' ? new ChunkedDecoder(true, this.#limits.headBytes) : undefined;
    this.#listener?.originHead(head, framing, facts.connection);
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) this.#finish(undefined);
  }

  #body(bytes: Buffer, at: number): number {
    switch (this.#framing.kind) {
      case 'length': {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        this.#listener?.originBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        if (this.#left === 0) this.#finish(undefined);
        return end;
      }
      case 'chunked': {
        const decoder = this.#decoder as ChunkedDecoder;
        const end = decoder.feed(bytes, at, this.#onChunk);
        if (decoder.done) this.#finish(decoder.trailers);
        return end;
      }
      default:
        this.#listener?.originBody(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
    }
  }

  #finish(trailers: string[] | undefined): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#decoder = undefined;
    this.#state = 'idle';
    this.served++;
    const reusable = this.#keep && this.#requestDone && !this.socket.destroyed;
    if (this.#paused) {
      // A hook still holds the head; the connection itself is free.
      this.#paused = false;
      this.socket.resume();
    }
    listener?.originEnd(trailers);
    listener?.originFlush();
    if (reusable) this.onIdle(this, true);
    else this.#close();
  }

  #fail(error: Error): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#close();
    listener?.originFailed(error, this.#untouched, this.served > 0);
  }

  #close(): void {
    this.#state = 'idle';
    this.#buffered = undefined;
    this.socket.destroy();
    this.onIdle(this, false);
  }

  readonly #onEnd = () => {
    // TCP may be half open, HTTP is over: nothing more can be answered here.
    if (this.#state === 'paused' || this.#paused) return; // `close` comes after what is buffered
    if (this.#state === 'body' && this.#framing.kind === 'close') this.#finish(undefined);
    else if (this.#state === 'idle') this.#close();
    else this.#fail(new Error('the application closed the connection before its answer was complete'));
  };

  readonly #onClose = () => {
    if (this.#state === 'idle') {
      this.onIdle(this, false);
      return;
    }
    const error = (this.socket as Socket).errored;
    this.#paused = false;
    if (this.#state === 'paused') {
      this.#state = this.#resumeTo;
      const waiting = this.#buffered;
      this.#buffered = undefined;
      if (waiting !== undefined) this.#take(waiting);
    }
    if (this.#listener === undefined) return;
    if (this.#state === 'body' && this.#framing.kind === 'close' && error == null) this.#finish(undefined);
    else {
      this.#fail(
        error instanceof Error
          ? new Error(`the connection to the application broke: ${error.message}`)
          : new Error('the application closed the connection before its answer was complete'),
      );
    }
  };
}

/** Whether an empty line, also with bare LF, begins at or after `from`. */
function hasHeadEnd(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(10, Math.max(0, from)); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 10 || (next === 13 && bytes[at + 2] === 10)) return true;
  }
  return false;
}

/** An HTTP/2 request's fields for HTTP/1: `Host` from `:authority`, one `Cookie` (RFC 9113 sections 8.3.1 and 8.2.3). */
function http1Fields(request: RequestHead): string[] {
  const fields: string[] = [];
  let cookie = -1;
  let host = false;
  for (const [name, value] of pairs(request.rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === 'host') host = true;
    if (lower === 'cookie' && cookie >= 0) fields[cookie] += `; ${value}`;
    else {
      if (lower === 'cookie') cookie = fields.length + 1;
      fields.push(name, value);
    }
  }
  if (!host && request.authority !== undefined) fields.unshift('Host', request.authority);
  return fields;
}

function* pairs(flat: readonly string[]): Generator<readonly [string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string];
}
