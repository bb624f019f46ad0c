import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';

/** Longest wait for something that must happen; only a failing check waits this long. */
export const PATIENCE = 20_000;

export interface Address {
  readonly host: string;
  readonly port: number;
}

let shared: SecureContext | undefined;

/** A TCP connection. */
export function tcp(to: Address): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** TCP to a target through CONNECT. */
export async function tunnel(proxy: Address, target: Address): Promise<Socket> {
  const socket = await tcp(proxy);
  socket.write(`CONNECT ${target.host}:${target.port} HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\n\r\n`);
  const reader = new Reader(socket);
  const head = await reader.head();
  if (!/^HTTP\/1\.[01] 200/.test(head)) {
    socket.destroy();
    throw new Error(`CONNECT refused: ${head.split('\r\n')[0]}`);
  }
  reader.release();
  return socket;
}

/** TLS to a target through CONNECT; certificates are not checked here. */
export async function tlsTunnel(
  proxy: Address,
  target: Address,
  options: { alpn?: string[]; servername?: string; ca?: string } = {},
): Promise<TLSSocket> {
  const raw = await tunnel(proxy, target);
  const servername = options.servername ?? (isIP(target.host) === 0 ? target.host : undefined);
  shared ??= createSecureContext();
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: raw,
      host: target.host,
      ALPNProtocols: options.alpn ?? ['http/1.1'],
      ...(servername === undefined ? {} : { servername }),
      ...(options.ca === undefined ? { rejectUnauthorized: false, secureContext: shared } : { ca: options.ca }),
    });
    socket.once('error', reject);
    raw.once('close', () => reject(new Error('closed during the TLS handshake')));
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** Collects what a socket gives and waits for parts of it. */
export class Reader {
  readonly #socket: Duplex;
  #bytes: Buffer = Buffer.alloc(0);
  #ended: 'open' | 'end' | 'error' = 'open';
  #check: () => void = () => {};

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
    socket.on('error', this.#onError);
    socket.resume();
  }

  /** Everything so far, Latin-1. */
  get text(): string {
    return this.#bytes.toString('latin1');
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get ended(): 'open' | 'end' | 'error' {
    return this.#ended;
  }

  /** Waits until the text satisfies the test, or until the end of the stream. */
  async until(test: (text: string) => boolean): Promise<string> {
    await this.#wait(() => this.#ended !== 'open' || test(this.text));
    return this.text;
  }

  /** Waits for the end of the stream. */
  async toEnd(): Promise<string> {
    await this.#wait(() => this.#ended !== 'open');
    return this.text;
  }

  /** Takes one head, without its last CRLF, out of what was read. */
  async head(): Promise<string> {
    await this.#wait(() => this.#ended !== 'open' || this.#bytes.includes('\r\n\r\n'));
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`ended before a head: ${JSON.stringify(this.text.slice(0, 80))}`);
    const head = this.#bytes.toString('latin1', 0, end + 2);
    this.#bytes = this.#bytes.subarray(end + 4);
    return head;
  }

  /** Takes so many bytes out of what was read. */
  async take(count: number): Promise<Buffer> {
    await this.#wait(() => this.#ended !== 'open' || this.#bytes.length >= count);
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** Forgets what was read. */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
  }

  /** Gives the socket back, with what was not taken. */
  release(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    this.#socket.off('error', this.#onError);
    this.#socket.pause();
    if (this.#bytes.length > 0) this.#socket.unshift(this.#bytes);
  }

  readonly #onData = (chunk: Buffer) => {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#check();
  };
  readonly #onEnd = () => {
    if (this.#ended === 'open') this.#ended = 'end';
    this.#check();
  };
  readonly #onError = () => {
    this.#ended = 'error';
    this.#check();
  };

  #wait(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#check = () => {};
        reject(new Error(`waited in vain; so far ${JSON.stringify(this.text.slice(0, 200))}`));
      }, PATIENCE);
      this.#check = () => {
        if (!done()) return;
        clearTimeout(timer);
        this.#check = () => {};
        resolve();
      };
    });
  }
}

/** Waits for something that must happen. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: waited in vain`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
