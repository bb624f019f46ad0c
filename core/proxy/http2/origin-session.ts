import { subscribe } from 'node:diagnostics_channel';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { performance } from 'node:perf_hooks';
import type { EngineExchange } from '../engine-exchange.ts';
import { chunkedBody, type Framing, factsOf, noBody } from '../http1/facts.ts';
import { BEHIND } from '../http1/http-writer.ts';
import type { ProxyLimits } from '../limits.ts';
import type { OpenedOrigin, OriginTarget } from '../origin/open.ts';
import { NeedsHttp1, type OriginListener, type OriginSide, type RequestShape } from '../relay/ports.ts';
import { hostPort, originOf } from '../target.ts';
import { flatOf, headersObject, http2Fields, splitPseudo } from './headers.ts';
import { keepsOddFields, requestWith } from './raw-lists.ts';
import { type StreamEnd, watchStreamEnd } from './stream-end.ts';

const END_STREAM = 1;
const STREAM_WINDOW = 4 << 20;
const SESSION_WINDOW = 16 << 20;

// A stream that an application pushes before it has read that push is switched off can fail before 'stream' tells of
// it; without this its error would end the process. The channel exists where Node has that order (from 24 on).
subscribe('http2.client.stream.start', (message) => {
  const { stream } = message as { stream: ClientHttp2Stream };
  if (stream.listenerCount('error') === 0) stream.on('error', ignore);
});

/** The HTTP/2 connection to an application; carries many exchanges at once. */
export class Http2Origin {
  readonly server: OpenedOrigin['server'];
  /** Called once, when no new exchange can begin here. */
  onGone: () => void = () => {};
  readonly #session: ClientHttp2Session;
  #streams = 0;
  #served = 0;
  #gone = false;
  #idleSince = performance.now();

  constructor(opened: OpenedOrigin, target: OriginTarget, limits: ProxyLimits) {
    this.server = opened.server;
    const session = connect(originOf(target), {
      createConnection: () => opened.socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: limits.headBytes },
      // A stream pushed before the application has read the settings could fail before anyone can listen to it.
      maxReservedRemoteStreams: 0,
      maxSessionMemory: 64,
      maxSendHeaderBlockLength: limits.headBytes * 2,
      maxHeaderListPairs: limits.headerCount,
      ...keepsOddFields,
    });
    this.#session = session;
    session.on('error', ignore); // streams report it
    session.on('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
    // Push is switched off, but an application may not have read that yet.
    session.on('stream', (pushed) => {
      pushed.on('error', ignore);
      pushed.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    session.on('goaway', () => this.retire());
    session.on('close', () => this.#leave());
  }

  get usable(): boolean {
    return !this.#gone && !this.#session.closed && !this.#session.destroyed;
  }

  stream(listener: OriginListener, target: OriginTarget): OriginSide {
    this.#streams++;
    return new OriginStream(this.#session, listener, target, this.#served++ > 0, () => {
      this.#streams--;
      this.#idleSince = performance.now();
    });
  }

  sweep(now: number, idle: number): void {
    if (this.#streams === 0 && now - this.#idleSince > idle) this.retire();
  }

  /** Takes no new exchange; closes after the last one. */
  retire(): void {
    this.#leave();
    if (!this.#session.destroyed) this.#session.close();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.onGone();
  }
}

/** One exchange on an HTTP/2 connection to an application. */
class OriginStream implements OriginSide {
  readonly #session: ClientHttp2Session;
  readonly #target: OriginTarget;
  readonly #reused: boolean;
  readonly #closed: () => void;
  #listener: OriginListener | undefined;
  #stream: ClientHttp2Stream | undefined = undefined;
  #ending: (() => StreamEnd | undefined) | undefined = undefined;
  #untouched = true;
  #trailersOut: string[] | undefined = undefined;

  constructor(
    session: ClientHttp2Session,
    listener: OriginListener,
    target: OriginTarget,
    reused: boolean,
    closed: () => void,
  ) {
    this.#session = session;
    this.#listener = listener;
    this.#target = target;
    this.#reused = reused;
    this.#closed = closed;
  }

  start(exchange: EngineExchange, shape: RequestShape): void {
    const { request } = exchange;
    const target = this.#target;
    const length =
      shape.framing.kind === 'length' ? shape.framing.length : shape.framing.kind === 'none' ? undefined : null;
    const fields = http2Fields(
      [
        ':method',
        request.method,
        ':scheme',
        target.secure ? 'https' : 'http',
        ':authority',
        request.authority ?? hostPort(target.host, target.port),
        ':path',
        shape.path,
      ],
      request.rawHeaders,
      length,
    );
    const waitForTrailers =
      !shape.complete &&
      (shape.framing.kind !== 'length' ||
        exchange.header('request', 'te') !== undefined ||
        exchange.header('request', 'trailer') !== undefined);
    const stream = requestWith(this.#session, fields, { endStream: shape.complete, waitForTrailers });
    this.#stream = stream;
    this.#ending = watchStreamEnd(stream);
    if (waitForTrailers) {
      stream.once('wantTrailers', () => stream.sendTrailers(headersObject(this.#trailersOut ?? [])));
    }
    stream.on('headers', this.#onInformational);
    stream.on('continue', this.#onContinue);
    stream.on('response', this.#onResponse);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    if (!shape.complete) stream.on('drain', this.#onDrain);
  }

  body(chunk: Buffer): void {
    if (this.#stream !== undefined && !this.#stream.destroyed && this.#stream.writable) this.#stream.write(chunk);
  }

  end(trailers: string[] | undefined): void {
    if (trailers !== undefined && trailers.length > 0) this.#trailersOut = http2Fields([], trailers, undefined);
    if (this.#stream?.writable) this.#stream.end();
  }

  flush(): boolean {
    return (this.#stream?.writableLength ?? 0) <= BEHIND;
  }

  abort(): void {
    this.#listener = undefined;
    if (this.#stream !== undefined && !this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    if (this.#stream !== undefined && !this.#stream.destroyed) this.#stream.resume();
  }

  #error: Error | undefined = undefined;

  readonly #onContinue = () => {
    this.#listener?.originInformational({ status: 100, reason: '', httpVersion: '2.0', rawHeaders: [] });
  };

  readonly #onInformational = (headers: IncomingHttpHeaders, _flags: number, raw?: unknown) => {
    const { pseudo, rawHeaders } = splitPseudo(flatOf(headers, raw));
    const status = Number(pseudo[':status']);
    if (status === 100) return; // told by `continue`
    this.#listener?.originInformational({ status, reason: '', httpVersion: '2.0', rawHeaders });
  };

  readonly #onResponse = (headers: IncomingHttpHeaders, flags: number, raw?: unknown) => {
    this.#untouched = false;
    const stream = this.#stream as ClientHttp2Stream;
    const { pseudo, rawHeaders } = splitPseudo(flatOf(headers, raw));
    const bodiless = (flags & END_STREAM) !== 0;
    const { contentLength } = factsOf(rawHeaders);
    const framing: Framing = bodiless
      ? noBody
      : contentLength >= 0
        ? { kind: 'length', length: contentLength }
        : chunkedBody;
    const listener = this.#listener;
    let trailers: string[] | undefined;
    if (!bodiless) {
      stream.on('trailers', (fields: IncomingHttpHeaders, _flags: number, rawTrailers?: unknown) => {
        trailers = flatOf(fields, rawTrailers);
      });
      stream.on('data', (chunk: Buffer) => {
        this.#listener?.originBody(chunk);
        if (this.#listener?.originFlush() === false) stream.pause();
      });
    }
    listener?.originHead(
      { status: Number(pseudo[':status']), reason: '', httpVersion: '2.0', rawHeaders },
      framing,
      '',
    );
    if (bodiless) {
      this.#end(undefined);
      stream.resume();
    } else {
      stream.on('end', () => {
        // A reset also ends the readable side; only a whole answer counts.
        if (this.#ending?.() === 'whole') this.#end(trailers);
      });
    }
  };

  #end(trailers: string[] | undefined): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.originEnd(trailers);
  }

  readonly #onError = (error: Error) => {
    this.#error = error;
  };

  readonly #onDrain = () => this.#listener?.originDrained();

  readonly #onClose = () => {
    this.#closed();
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    const code = this.#stream?.rstCode ?? 0;
    const why = this.#error?.message ?? `the application reset the stream (HTTP/2 error ${code})`;
    // REFUSED_STREAM promises that nothing was done (RFC 9113 section 8.7).
    const refused = code === constants.NGHTTP2_REFUSED_STREAM;
    const needsHttp1 = code === constants.NGHTTP2_HTTP_1_1_REQUIRED;
    const error = needsHttp1 ? new NeedsHttp1('the application answers this over HTTP/1.1 only') : new Error(why);
    listener.originFailed(error, this.#untouched, this.#reused && !needsHttp1, refused);
  };
}

function ignore(): void {}
