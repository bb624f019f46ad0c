import type { WebSocketFrame } from '../hooks.ts';

/** Reads WebSocket frames (RFC 6455 section 5.2) from a copy of the stream, keeping at most `limit` bytes of each. */
export class FrameReader {
  readonly #from: 'client' | 'server';
  readonly #limit: number;
  readonly #clock: () => number;
  readonly #onFrame: (frame: WebSocketFrame) => void;
  /** 2 to 14 bytes of a frame's head. */
  readonly #head = Buffer.alloc(14);
  #headSize = 0;
  #headNeed = 2;
  #inPayload = false;
  #size = 0;
  #seen = 0;
  #masked = false;
  #kept: Buffer = Buffer.alloc(0);

  constructor(from: 'client' | 'server', limit: number, clock: () => number, onFrame: (frame: WebSocketFrame) => void) {
    this.#from = from;
    this.#limit = limit;
    this.#clock = clock;
    this.#onFrame = onFrame;
  }

  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (!this.#inPayload) {
        const take = Math.min(this.#headNeed - this.#headSize, bytes.length - at);
        bytes.copy(this.#head, this.#headSize, at, at + take);
        this.#headSize += take;
        at += take;
        if (this.#headSize < this.#headNeed) return;
        if (this.#headNeed === 2) {
          const second = this.#head[1] as number;
          this.#masked = (second & 128) !== 0;
          const short = second & 127;
          this.#headNeed = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (this.#masked ? 4 : 0);
          if (this.#headNeed > 2) continue;
        }
        this.#begin();
      }
      const take = Math.min(this.#size - this.#seen, bytes.length - at);
      if (this.#seen < this.#kept.length) bytes.copy(this.#kept, this.#seen, at, at + take);
      this.#seen += take;
      at += take;
      if (this.#seen === this.#size) this.#complete();
    }
  }

  #begin(): void {
    const short = (this.#head[1] as number) & 127;
    this.#size =
      short === 126 ? this.#head.readUInt16BE(2) : short === 127 ? Number(this.#head.readBigUInt64BE(2)) : short;
    this.#seen = 0;
    this.#inPayload = true;
    this.#kept = Buffer.alloc(Math.min(this.#size, this.#limit));
  }

  #complete(): void {
    const first = this.#head[0] as number;
    const payload = this.#kept;
    if (this.#masked) {
      const mask = this.#headNeed - 4;
      for (let i = 0; i < payload.length; i++) {
        payload[i] = (payload[i] as number) ^ (this.#head[mask + (i & 3)] as number);
      }
    }
    this.#inPayload = false;
    this.#headSize = 0;
    this.#headNeed = 2;
    this.#kept = Buffer.alloc(0);
    this.#onFrame({
      from: this.#from,
      opcode: first & 15,
      fin: (first & 128) !== 0,
      compressed: (first & 64) !== 0,
      size: this.#size,
      payload,
      at: this.#clock(),
    });
  }
}
