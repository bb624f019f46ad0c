import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Duplex } from 'node:stream';

/** Bytes of one read at most. */
const SIZE = 64 * 1024;
/** A longer read is followed by others: they get a buffer of their own. */
const LONG = 16 * 1024;
/** A read that fills its own buffer so far keeps it; others are copied out. */
const MOSTLY = 48 * 1024;

/** Reads of all sockets are made into this buffer and copied out before the next one. */
const shared = Buffer.alloc(SIZE);
const readsOf = new WeakMap<Duplex, DirectReads>();

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
    readsOf.set(socket, this);
    return socket;
  }

  /** Asked after each read, and anew for each address that is tried: where the next read goes. */
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
  const reads = readsOf.get(socket);
  if (reads !== undefined) reads.taker = taker;
  socket.on('data', taker); // of a direct one too: what was put back into its stream comes first
}

/** Ends what `takeReads` began. */
export function leaveReads(socket: Duplex, taker: (bytes: Buffer) => void): void {
  const reads = readsOf.get(socket);
  if (reads?.taker === taker) reads.taker = undefined;
  socket.off('data', taker);
}

/** Makes a socket that reads directly, by a function that takes the option for it. */
export function withDirectReads<S extends Socket>(make: (onread: SocketConstructorOpts['onread']) => S): S {
  const reads = new DirectReads();
  return reads.serve(make(reads.options));
}

interface Handle {
  useUserBuffer?: unknown;
}

/**
 * The connection of a socket that a server has accepted, paused, as a socket that reads directly: servers have no option
 * for it. The given socket is of no use afterwards, unless it is the one that is returned because the runtime's sockets
 * are not made as this expects.
 */
export function readingDirectly(accepted: Socket): Socket {
  const inside = accepted as unknown as { _handle: Handle | null };
  const handle = inside._handle;
  if (handle === null || typeof handle.useUserBuffer !== 'function') return accepted;
  inside._handle = null;
  accepted.destroy();
  return withDirectReads(
    (onread) => new Socket({ handle, onread, allowHalfOpen: accepted.allowHalfOpen } as SocketConstructorOpts),
  );
}
