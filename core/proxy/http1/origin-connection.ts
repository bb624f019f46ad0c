import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { leaveReads, takeReads } from '../direct-reads.ts';
import type { EngineExchange } from '../engine-exchange.ts';
import type { ResponseHead } from '../exchange.ts';
import type { ProxyLimits } from '../limits.ts';
import type { OpenedOrigin } from '../origin/open.ts';
import type { OriginListener, OriginSide, RequestShape } from '../relay/ports.ts';
import { type Framing, type HeadFacts, keepsConnection } from './facts.ts';
import { HttpWriter } from './http-writer.ts';
import { requestText, versionFor } from './request-text.ts';
import { type ResponseEvents, ResponseReader } from './response-reader.ts';
import { writeTrailers } from './write-head.ts';

const INCOMPLETE = 'the application closed the connection before its answer was complete';

/** One HTTP/1 connection to an application; serves one exchange after the other. */
export class OriginConnection implements OriginSide, ResponseEvents {
  readonly socket: Duplex;
  readonly opened: OpenedOrigin;
  /** Exchanges served before the present one. */
  served = 0;
  /** Since when it is idle; performance clock. */
  idleSince = 0;
  /** Called when the connection can serve again, or cannot any more. */
  onIdle: (connection: OriginConnection, reusable: boolean) => void = () => {};

  readonly #out: HttpWriter;
  readonly #reader: ResponseReader;
  #listener: OriginListener | undefined = undefined;
  #requestDone = false;
  #chunkedRequest = false;
  #keep = true;
  /** No byte of the answer has arrived. */
  #untouched = true;
  #paused = false;

  constructor(opened: OpenedOrigin, limits: ProxyLimits) {
    this.opened = opened;
    this.socket = opened.socket;
    this.#out = new HttpWriter(this.socket, () => this.#listener?.originDrained());
    this.#reader = new ResponseReader(limits, this);
    takeReads(this.socket, this.#onData);
    this.socket.on('end', this.#onEnd);
    this.socket.on('close', this.#onClose);
    this.socket.resume(); // a proxy's tunnel comes paused, so that nothing of it is lost
  }

  get usable(): boolean {
    const { socket } = this;
    return this.#reader.idle && !socket.destroyed && socket.writable && socket.readable;
  }

  /** Takes the connection for an exchange; `start` follows. */
  attach(listener: OriginListener): void {
    this.#listener = listener;
  }

  /** Closes an idle connection. */
  close(): void {
    this.#listener = undefined;
    this.#close();
  }

  // --- the request (OriginSide) ------------------------------------------------------------------------------------

  start(exchange: EngineExchange, shape: RequestShape): void {
    const { request } = exchange;
    const forward = exchange.secure || this.opened.protocol !== '' ? undefined : this.opened.forward;
    const head = requestText(request, shape, forward, exchange.requestLines);
    exchange.responseLines = this.#reader.lines;
    this.#requestDone = shape.complete;
    this.#chunkedRequest = shape.framing.kind === 'chunked';
    this.#keep = versionFor(request) === '1.1';
    this.#untouched = true;
    this.#reader.expect(request.method, shape.upgrade);
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
    this.close();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#reader.pause();
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#read(undefined);
    if (!this.#paused) this.socket.resume();
  }

  // --- the answer --------------------------------------------------------------------------------------------------

  readonly #onData = (bytes: Buffer) => {
    if (this.#reader.idle)
      this.#close(); // an answer nobody asked for
    else this.#read(bytes);
  };

  /** Reads on, with new bytes or with what has waited. */
  #read(bytes: Buffer | undefined): void {
    const listener = this.#listener;
    try {
      if (bytes === undefined) this.#reader.resume();
      else {
        this.#untouched = false;
        this.#reader.feed(bytes);
      }
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (listener !== undefined && listener === this.#listener && !listener.originFlush()) this.pause();
  }

  readInformational(head: ResponseHead): void {
    this.#listener?.originInformational(head);
  }

  readHead(head: ResponseHead, framing: Framing, facts: HeadFacts, sound: boolean): void {
    if (this.#keep) this.#keep = sound && framing.kind !== 'close' && keepsConnection(facts, head.httpVersion);
    this.#listener?.originHead(head, framing, facts.connection);
  }

  readBody(chunk: Buffer): void {
    this.#listener?.originBody(chunk);
  }

  readEnd(trailers: string[] | undefined): void {
    const listener = this.#listener;
    this.#listener = undefined;
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

  readSwitch(head: ResponseHead, rest: Buffer): void {
    leaveReads(this.socket, this.#onData);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onClose);
    this.#out.release();
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.originUpgraded(head, this.socket, rest);
  }

  readSurplus(): void {
    this.#close();
  }

  // --- ends --------------------------------------------------------------------------------------------------------

  #fail(error: Error): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#close();
    listener?.originFailed(error, this.#untouched, this.served > 0, false);
  }

  #close(): void {
    this.#reader.reset();
    this.socket.destroy();
    this.onIdle(this, false);
  }

  readonly #onEnd = () => {
    // TCP may be half open, HTTP is over: nothing more can be answered here.
    if (this.#paused) return; // `close` comes after what is buffered
    if (this.#reader.idle) this.#close();
    else if (!this.#finished()) this.#fail(new Error(INCOMPLETE));
  };

  /** The end of the connection can be the end of the answer. Without its end a head is let pass only where TLS is not. */
  #finished(): boolean {
    if (this.#reader.untilClose || this.opened.tlsMs === undefined) {
      try {
        return this.#reader.finish();
      } catch (error) {
        this.#fail(error as Error);
        return true;
      }
    }
    return false;
  }

  readonly #onClose = () => {
    if (this.#reader.idle) {
      this.onIdle(this, false);
      return;
    }
    const error = (this.socket as Socket).errored;
    if (this.#paused) {
      this.#paused = false;
      this.#read(undefined);
    }
    if (this.#listener === undefined) return;
    if (error == null && this.#finished()) return;
    this.#fail(
      new Error(error instanceof Error ? `the connection to the application broke: ${error.message}` : INCOMPLETE),
    );
  };
}
