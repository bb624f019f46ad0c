import type { Duplex } from 'node:stream';

/** Body pieces up to this size are put into the same write as the head. */
const SMALL = 4096;
/** Texts longer than this are not collected any further. */
const FULL = 16 * 1024;
/** Bytes waiting in a socket over which its peer counts as behind. */
export const BEHIND = 128 * 1024;

/**
 * Collects what belongs together so that a head and a small body leave in one write (one packet, one TLS record), and
 * says when the peer is behind.
 */
export class HttpWriter {
  readonly #socket: Duplex;
  readonly #onDrain: () => void;
  #text = '';
  #corked = false;
  #behind = false;

  constructor(socket: Duplex, onDrain: () => void) {
    this.#socket = socket;
    this.#onDrain = onDrain;
  }

  /** Latin-1 text: heads, chunk framing. */
  text(text: string): void {
    this.#text += text;
    if (this.#text.length > FULL) this.#write();
  }

  /** Body bytes as they are. */
  bytes(chunk: Buffer): void {
    if (chunk.length <= SMALL) {
      this.#text += chunk.toString('latin1');
      if (this.#text.length > FULL) this.#write();
      return;
    }
    this.#cork();
    if (this.#text !== '') this.#write();
    this.#socket.write(chunk);
  }

  /** Body bytes as one chunk of the chunked coding. */
  chunk(chunk: Buffer): void {
    if (chunk.length === 0) return; // an empty chunk would end the body
    this.#text += `${chunk.length.toString(16)}\r\n`;
    this.bytes(chunk);
    this.#text += '\r\n';
  }

  /** Sends what was collected. false: the peer is behind, `onDrain` will follow. */
  flush(): boolean {
    if (this.#text !== '') this.#write();
    if (!this.#behind && this.#socket.writableLength > BEHIND) {
      this.#behind = true;
      this.#socket.on('drain', this.#drained);
    }
    return !this.#behind;
  }

  /** Lets go of the socket; what was collected is sent. */
  release(): void {
    this.flush();
    this.#uncork();
    if (this.#behind) this.#socket.off('drain', this.#drained);
  }

  #write(): void {
    const text = this.#text;
    this.#text = '';
    this.#socket.write(text, 'latin1');
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    setImmediate(this.#uncork);
  }

  readonly #uncork = () => {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  };

  readonly #drained = () => {
    this.#behind = false;
    this.#socket.off('drain', this.#drained);
    this.#onDrain();
  };
}
