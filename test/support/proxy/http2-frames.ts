import type { Duplex } from 'node:stream';
import { PATIENCE } from './raw-client.ts';

/** Frame types (RFC 9113 section 6). */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** Error codes (RFC 9113 section 7). */
export const CODE = {
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refused: 7,
  compression: 9,
  calm: 11,
  needsHttp1: 13,
} as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A frame's bytes. Nothing is checked: the lengths and flags may be as wrong as a test wants. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array | readonly number[] = []) {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, body]);
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value >>> 0, i * 6 + 2);
  });
  return frame(TYPE.settings, 0, 0, payload);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Fields as literals without indexing and without Huffman coding (RFC 7541 section 6.2.2). */
export function fields(...list: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(list.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length: number[] = [127];
  let left = bytes.length - 127;
  for (; left >= 128; left >>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

/** A client that sends any frames and reads what comes back. */
export class FrameClient {
  readonly #socket: Duplex;
  readonly frames: Frame[] = [];
  closed = false;
  #bytes = Buffer.alloc(0);
  #check: () => void = () => {};

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    for (const over of ['end', 'close', 'error']) socket.on(over, () => this.#over());
    socket.resume();
  }

  send(...parts: readonly Uint8Array[]): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(parts));
  }

  /** Preface and settings of both sides; acknowledged. */
  async greet(...own: readonly (readonly [id: number, value: number])[]): Promise<void> {
    this.send(PREFACE, settings(...own));
    await this.until(({ type, flags }) => type === TYPE.settings && flags === 0);
    this.send(frame(TYPE.settings, FLAG.ack, 0));
    await this.until(({ type, flags }) => type === TYPE.settings && flags === FLAG.ack);
  }

  /** The first frame, already here or to come, that the test holds for; undefined when the connection ended before. */
  until(test: (frame: Frame) => boolean): Promise<Frame | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#check = () => {};
        const seen = this.frames.map(({ type, flags, stream }) => `${type}/${flags}@${stream}`).join(' ');
        reject(new Error(`waited in vain; frames so far: ${seen}`));
      }, PATIENCE);
      this.#check = () => {
        const found = this.frames.find(test);
        if (found === undefined && !this.closed) return;
        clearTimeout(timer);
        this.#check = () => {};
        resolve(found);
      };
      this.#check();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      if (this.#bytes.length < 9) break;
      const end = 9 + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) break;
      this.frames.push({
        type: this.#bytes[3] as number,
        flags: this.#bytes[4] as number,
        stream: this.#bytes.readUInt32BE(5) & 0x7fffffff,
        payload: this.#bytes.subarray(9, end),
      });
      this.#bytes = this.#bytes.subarray(end);
    }
    this.#check();
  }

  #over(): void {
    this.closed = true;
    this.#check();
  }
}
