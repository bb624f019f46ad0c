import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { Duplex } from 'node:stream';

/** Bytes of one read at most. */
const SIZE = 64 * 1024;
/** A longer read is followed by others: they get a buffer of their own. */
const LONG = 16 * 1024;
/** A read that fills its own buffer so far keeps it; others are copied out. */
const MOSTLY = 48 * 1024;

/** Reads of all sockets are made into this buffer and copied out before the next one. */
const shared = Buffer.alloc(SIZE);
const READS = Symbol('direct reads');
/** A property, not a WeakMap: collectors of garbage look at the whole of a map. */
type Reader = Duplex & { [READS]?: DirectReads };

/**
 * Takes what a socket reads without a new buffer of 64 kB and a walk through a stream for each read, which are about a
 * tenth of a small exchange. After a long read the next one gets a buffer of its own, that is given away when it is full.
 */
class DirectReads {
  /** Who takes the bytes; they may be kept. undefined: they go through the socket's stream, for whoever listens there. */
  taker: ((bytes: Buffer) => void) | undefined = undefined;
  readonly options: NonNullable<SocketConstructorOpts['onread']>;
  #next: Buffer = shared;
  #socket: Socket | undefined;

  constructor() {
    this.options = { buffer: this.#buffer as never, callback: this.#read as never };
  }

  serve<S extends Socket>(socket: S): S {
    this.#socket = socket;
    (socket as Reader)[READS] = this;
    return socket;
  }

  /** Asked after each read, and again for each address that is tried: where the next read goes. */
  readonly #buffer = (): Buffer => this.#next;

  readonly #read = (size: number, buffer: Buffer): boolean => {
    const long = size >= LONG;
    let bytes: Buffer;
    if (buffer !== shared && size >= MOSTLY) {
      bytes = size === buffer.length ? buffer : buffer.subarray(0, size);
      this.#next = Buffer.allocUnsafeSlow(SIZE);
    } else {
      bytes = long ? Buffer.allocUnsafeSlow(size) : Buffer.allocUnsafe(size);
      buffer.copy(bytes, 0, 0, size);
      if (!long) this.#next = shared;
      else if (buffer === shared) this.#next = Buffer.allocUnsafeSlow(SIZE);
    }
    if (this.taker === undefined) return this.#socket?.push(bytes) ?? true;
    this.taker(bytes);
    return true;
  };
}

/** Gives the bytes a socket reads to `taker`: directly where the socket can, else by its `data` event. */
export function takeReads(socket: Duplex, taker: (bytes: Buffer) => void): void {
  const reads = (socket as Reader)[READS];
  if (reads !== undefined) reads.taker = taker;
  socket.on('data', taker); // of a direct one too: what was put back into its stream comes first
}

/** Ends what `takeReads` began. */
export function leaveReads(socket: Duplex, taker: (bytes: Buffer) => void): void {
  const reads = (socket as Reader)[READS];
  if (reads?.taker === taker) reads.taker = undefined;
  socket.off('data', taker);
}

/**
 * What a socket reads stays in its stream until somebody takes it out. Unlike after `pause()` the reading itself goes on,
 * which saves stopping and starting it where a taker follows soon.
 */
export function holdReads(socket: Duplex): void {
  Duplex.prototype.pause.call(socket);
}

/** Makes a socket that reads directly, by a function that takes the option for it. */
export function withDirectReads<S extends Socket>(make: (onread: SocketConstructorOpts['onread']) => S): S {
  const reads = new DirectReads();
  return reads.serve(make(reads.options));
}

type SocketOfHandle = new (
  options: Omit<SocketConstructorOpts, 'handle'> & { readonly handle: ConnectionHandle },
) => Socket;
interface ConnectionHandle {
  useUserBuffer?: unknown;
  setNoDelay(on: boolean): void;
}
type OnConnection = (this: unknown, status: number, connection: ConnectionHandle | undefined) => void;

/**
 * Gives away the connections of a listening server as sockets that read directly and may be half open. Servers have no
 * option for it, so each socket is made of the handle that the server would make its own socket of. Where the runtime's
 * servers are not made as this expects, their own sockets are given.
 */
export function acceptDirectly(server: Server, connected: (socket: Socket) => void): void {
  server.on('connection', connected);
  const listening = (server as unknown as { _handle: { onconnection?: OnConnection } | null })._handle;
  const usual = listening?.onconnection;
  if (listening === null || typeof usual !== 'function') return;
  listening.onconnection = function (status, handle) {
    if (status !== 0 || typeof handle?.useUserBuffer !== 'function') {
      usual.call(this, status, handle);
      return;
    }
    handle.setNoDelay(true);
    connected(
      withDirectReads((onread) => new (Socket as unknown as SocketOfHandle)({ handle, onread, allowHalfOpen: true })),
    );
  };
}
