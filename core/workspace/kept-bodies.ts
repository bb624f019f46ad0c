import type { BodyInfo } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { Arena } from './arena.ts';
import type { Piece } from './body-page.ts';
import type { Workspace } from './workspace.ts';

/** Bytes of bodies that are under way; beyond them new bytes pass without being kept. */
const MEMORY_BYTES = 64_000_000;

interface Counts {
  bytesNotKept: number;
  bodiesCut: number;
  bodiesGivenUp: number;
  memoryBytes: number;
  diskBytes: number;
}

/** What the bodies of a workspace share. */
interface Shared {
  readonly blobs: Workspace['blobs'];
  readonly bodyBytes: number;
  readonly counts: Counts;
  readonly arena: Arena;
}

/**
 * Bodies kept in the workspace, in the shape of capture's `BodyStore`: they are there after a restart, identical ones
 * once, and go with their flow when the retention takes it.
 */
export function keptBodies({ blobs, flush, limits }: Pick<Workspace, 'blobs' | 'flush' | 'limits'>, prefix: string) {
  let number = 0;
  const counts: Counts = { bytesNotKept: 0, bodiesCut: 0, bodiesGivenUp: 0, memoryBytes: 0, diskBytes: 0 };
  const shared: Shared = { blobs, bodyBytes: limits.bodyBytes, counts, arena: new Arena() };

  return {
    open(): KeptBody {
      number += 1;
      return new KeptBody(shared, `${prefix}-${number}`);
    },
    /** The kept bytes; kind `body-gone` when they are no longer, or not yet, in the workspace. */
    async read(ref: string): Promise<Buffer> {
      const bytes = blobs.body(ref);
      if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      throw problem('body-gone', 'The body is not kept', { remedy: 'Repeat the request to see it' });
    },
    forget(ref: string): void {
      blobs.removeBody(ref);
    },
    counts: counts as Readonly<Counts>,
    limits: {
      bodyBytes: limits.bodyBytes,
      memoryBytes: MEMORY_BYTES,
      diskBytes: limits.bytes,
      fileBytes: limits.bytes,
    },
    async settled(): Promise<void> {
      await flush();
    },
    async close(): Promise<void> {
      await flush();
    },
  };
}

/** Takes the bytes of one body as they pass. */
class KeptBody {
  readonly #shared: Shared;
  readonly #ref: string;
  #pieces: Piece[] = [];
  #size = 0;
  #kept = 0;
  #closed = false;

  constructor(shared: Shared, ref: string) {
    this.#shared = shared;
    this.#ref = ref;
  }

  append(chunk: Uint8Array): void {
    const { counts, bodyBytes, arena } = this.#shared;
    const { length } = chunk;
    // Once something is missing nothing more is kept: what is kept is always the beginning.
    const room = Math.min(bodyBytes - this.#kept, MEMORY_BYTES - counts.memoryBytes, length);
    const take = this.#kept < this.#size || this.#closed ? 0 : Math.max(0, room);
    if (take > 0) {
      // First the copy: it may move this body's pieces into another list.
      const piece = arena.copy(chunk, take, this);
      this.#pieces.push(piece);
    }
    if (take < length && this.#kept === this.#size) counts.bodiesCut += 1;
    this.#size += length;
    this.#kept += take;
    counts.memoryBytes += take;
    counts.bytesNotKept += length - take;
  }

  info(): BodyInfo {
    return this.#kept === 0 ? { size: this.#size, kept: 0 } : { size: this.#size, kept: this.#kept, ref: this.#ref };
  }

  close(): BodyInfo {
    if (this.#closed) return this.info();
    this.#closed = true;
    const { counts, blobs } = this.#shared;
    counts.memoryBytes -= this.#kept;
    counts.diskBytes += this.#kept;
    if (this.#kept > 0) blobs.putBody(this.#ref, this.#pieces, this.#kept);
    this.#pieces = [];
    return this.info();
  }

  /** The arena is full: a body that stays open must not keep all of it in memory. */
  moveOut(): void {
    if (!this.#closed) this.#pieces = this.#pieces.map(ownPiece);
  }
}

function ownPiece({ buffer, from, to }: Piece): Piece {
  const own = Buffer.allocUnsafeSlow(to - from);
  buffer.copy(own, 0, from, to);
  return { buffer: own, from: 0, to: own.length };
}
