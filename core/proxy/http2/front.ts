import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { Arrival } from '../http1/client-connection.ts';
import { ClientStream } from './client-stream.ts';
import { flatOf } from './headers.ts';
import { keepsOddFields } from './raw-lists.ts';

/** Kept on the socket: `session.socket` is a stand-in object that passes properties through. */
const ARRIVAL = Symbol('arrival');
const ARRIVED = Symbol('socket');
type Arrived = Duplex & { [ARRIVAL]?: Arrival; [ARRIVED]?: Duplex };
const RESET_WINDOW = 10_000;
/** How long a socket may outlive its session: a peer that has vanished never finishes a graceful close. */
const AFTERLIFE = 3000;

interface Counted {
  readonly arrival: Arrival;
  readonly socket: Duplex;
  /** Open now. */
  streams: number;
  /** Under way now; a stream can outlive its exchange while the client takes the rest of the answer. */
  exchanges: number;
  /** Those of them whose body has a length: they are looked at for bodies that do not go on. */
  readonly announced: Set<ClientStream>;
  /** Since when there is none; performance clock. */
  idleSince: number;
  /** Since when the session is over while its socket is not; performance clock. */
  overSince?: number;
  resets: number;
  since: number;
}

/** Speaks HTTP/2 with clients. */
export class Http2Front {
  readonly #engine: Engine;
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, Counted>();

  constructor(engine: Engine) {
    this.#engine = engine;
    const { limits } = engine;
    this.#server = createServer({
      settings: {
        initialWindowSize: 4 << 20,
        maxConcurrentStreams: limits.http2Streams,
        maxHeaderListSize: limits.headBytes,
      },
      maxSessionMemory: 64,
      maxHeaderListPairs: limits.headerCount,
      maxSendHeaderBlockLength: limits.headBytes * 2,
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
      ...keepsOddFields,
    } as Parameters<typeof createServer>[0] & object);
    this.#server.on('session', this.#onSession);
    // Only 'stream': a 'request' listener would bring in the compatibility layer, which answers trailers itself.
    this.#server.on('stream', this.#onStream as never);
    this.#server.on('sessionError', (error: Error) =>
      engine.log.log(`http2 ${error.message}`, `An HTTP/2 connection of a client failed: ${error.message}`),
    );
    this.#server.on('timeout', () => {});
  }

  /** Takes over a connection that speaks HTTP/2. */
  accept(socket: Duplex, arrival: Arrival): void {
    (socket as Arrived)[ARRIVAL] = arrival;
    (socket as Arrived)[ARRIVED] = socket;
    // HTTP/2 has no half-closed connections: a client that ends its side has gone.
    (socket as { allowHalfOpen?: boolean }).allowHalfOpen = false;
    socket.on('error', () => {});
    this.#server.emit('connection', socket);
  }

  /** Closes connections without a stream for too long; gives up bodies that do not go on. `now`: performance clock. */
  sweep(now: number): void {
    for (const [session, counted] of this.#sessions) {
      for (const stream of counted.announced) stream.sweep(now, this.#engine.limits.bodyIdle);
      if (counted.socket.destroyed) this.#sessions.delete(session);
      else if (session.destroyed || (session.closed && counted.exchanges === 0)) {
        counted.overSince ??= now;
        // What is left of an answer may still be on its way; a client that has vanished never takes it.
        const rest = !session.destroyed && counted.streams > 0;
        const patience = rest ? Math.max(AFTERLIFE, this.#engine.limits.clientIdle) : AFTERLIFE;
        if (now - counted.overSince > patience) counted.socket.destroy();
      } else if (now - counted.since > RESET_WINDOW) {
        counted.resets = 0;
        counted.since = now;
      }
    }
  }

  /** The connection that has been without a stream for longest, so that another can take its place. */
  longestIdle(): { readonly since: number; close(): void } | undefined {
    let longest: [ServerHttp2Session, Counted] | undefined;
    for (const [session, counted] of this.#sessions) {
      const idle = counted.exchanges === 0 && counted.streams === 0 && !counted.socket.destroyed;
      if (idle && (longest === undefined || counted.idleSince < longest[1].idleSince)) longest = [session, counted];
    }
    if (longest === undefined) return undefined;
    const [session, { idleSince, socket }] = longest;
    return {
      since: idleSince,
      close() {
        session.destroy();
        socket.destroy();
      },
    };
  }

  closeAll(): void {
    for (const [session, { socket }] of this.#sessions) {
      session.destroy();
      socket.destroy();
    }
    this.#sessions.clear();
  }

  readonly #onSession = (session: ServerHttp2Session) => {
    const arrival = (session.socket as unknown as Arrived)[ARRIVAL];
    if (arrival === undefined) return session.destroy();
    const { [ARRIVED]: socket } = session.socket as unknown as Arrived;
    if (socket === undefined) return session.destroy();
    const now = performance.now();
    const idle = { streams: 0, exchanges: 0, announced: new Set<ClientStream>(), idleSince: now };
    this.#sessions.set(session, { arrival, socket, ...idle, resets: 0, since: now });
    session.on('error', () => {});
    session.setTimeout(this.#engine.limits.clientIdle, () => session.close());
    // The session has its handle only now; the default windows are too small for uploads.
    setImmediate(() => {
      if (!session.destroyed) session.setLocalWindowSize(16 << 20);
    });
  };

  readonly #onStream = (stream: ServerHttp2Stream, headers: object, _flags: number, raw?: unknown) => {
    const session = stream.session as ServerHttp2Session | undefined;
    const counted = session === undefined ? undefined : this.#sessions.get(session);
    if (session === undefined || counted === undefined) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    counted.streams++;
    stream.once('close', () => {
      counted.streams--;
      if (stream.rstCode === constants.NGHTTP2_CANCEL) this.#countReset(session, counted);
    });
    counted.exchanges++;
    let over = false;
    let opened: ClientStream | undefined;
    const ended = () => {
      if (over) return;
      over = true;
      counted.exchanges--;
      if (opened !== undefined) counted.announced.delete(opened);
      counted.idleSince = performance.now();
    };
    try {
      opened = new ClientStream(this.#engine, stream, flatOf(headers as never, raw), counted.arrival, ended);
      if (opened.announced && !over) counted.announced.add(opened);
    } catch (error) {
      ended();
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
      this.#engine.log.log(`http2 stream ${error}`, `An HTTP/2 request was refused: ${error}`);
    }
  };

  /** Opening and resetting streams costs a client nothing and us a request each (CVE-2023-44487). */
  #countReset(session: ServerHttp2Session, counted: Counted): void {
    counted.resets++;
    if (counted.resets <= this.#engine.limits.http2Resets || session.destroyed) return;
    this.#engine.log.log('rapid reset', `${counted.arrival.client.address} resets HTTP/2 streams too fast: closed`);
    session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
