import type { BodyInfo } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { type Piece, SLAB_BYTES, type Slab } from './slabs.ts';
import { BODY_SLABS, type Workspace } from './workspace.ts';

/** Bytes of bodies under way that had to leave the memory which is used again and again. */
const MOVED_BYTES = 64_000_000;

interface Counts {
  bytesNotKept: number;
  bodiesCut: number;
  bodiesLeftOut: number;
  bytesLeftOut: number;
  bodiesGivenUp: number;
  memoryBytes: number;
  diskBytes: number;
}

/** What the bodies of a workspace share. */
interface Shared {
  readonly blobs: Workspace['blobs'];
  readonly bodyBytes: number;
  readonly counts: Counts;
  readonly memory: Workspace['bodyMemory'];
  /** Bytes that were moved out of `memory`. */
  moved: number;
}

/**
 * Bodies kept in the workspace, in the shape of capture's `BodyStore`: they are there after a restart, identical ones
 * once, and go with their flow when the retention takes it.
 */
export function keptBodies(
  { blobs, bodyMemory, flush, limits }: Pick<Workspace, 'blobs' | 'bodyMemory' | 'flush' | 'limits'>,
  prefix: string,
) {
  let number = 0;
  const counts: Counts = {
    bytesNotKept: 0,
    bodiesCut: 0,
    bodiesLeftOut: 0,
    bytesLeftOut: 0,
    bodiesGivenUp: 0,
    memoryBytes: 0,
    diskBytes: 0,
  };
  const shared: Shared = { blobs, bodyBytes: limits.bodyBytes, counts, memory: bodyMemory, moved: 0 };

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
      memoryBytes: BODY_SLABS * SLAB_BYTES,
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
  #moved = 0;
  #closed = false;

  constructor(shared: Shared, ref: string) {
    this.#shared = shared;
    this.#ref = ref;
  }

  append(chunk: Uint8Array): void {
    const { counts, bodyBytes, memory } = this.#shared;
    const { length } = chunk;
    // Once something is missing nothing more is kept: what is kept is always the beginning.
    const whole = this.#kept === this.#size;
    const wanted = Math.max(0, Math.min(bodyBytes - this.#size, length));
    const take = whole && wanted > 0 && !this.#closed ? memory.copy(chunk, wanted, this, this.#pieces) : 0;
    if (take < length && whole) counts.bodiesCut += 1;
    if (take < wanted && whole) counts.bodiesLeftOut += 1;
    counts.bytesLeftOut += wanted - take;
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
    this.#shared.moved -= this.#moved;
    this.#pieces = [];
    return this.info();
  }

  /** A body that stays open for long must not hold on to memory that others need. */
  moveOut(slab: Slab): void {
    if (this.#closed) return;
    const { memory } = this.#shared;
    this.#pieces = this.#pieces.map((piece) => {
      const length = piece.to - piece.from;
      if (piece.slab !== slab || this.#shared.moved + length > MOVED_BYTES) return piece;
      const buffer = new SharedArrayBuffer(length);
      new Uint8Array(buffer).set(slab.bytes.subarray(piece.from, piece.to));
      this.#moved += length;
      this.#shared.moved += length;
      memory.release(piece);
      return { slab: undefined, buffer, from: 0, to: length };
    });
  }
}
