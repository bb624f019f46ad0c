/** Shared memory is taken in parts of this size, once, and used again and again: fresh memory costs more than the copy. */
export const SLAB_BYTES = 1 << 20;
/** A slab that this many others have followed is needed again soon: bodies that are still open move out of it. */
const FOLLOWERS = 24;

/** Bytes of one body in a slab, or in memory of their own (`slab` undefined). Never written to again. */
export interface Piece {
  readonly slab: Slab | undefined;
  readonly buffer: SharedArrayBuffer;
  readonly from: number;
  readonly to: number;
}

/** Whose bytes lie in a slab. */
export interface Tenant {
  /** The slab is needed by others: a body that stays open copies its pieces of it elsewhere and releases them. */
  moveOut(slab: Slab): void;
}

interface Slab {
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  used: number;
  /** Pieces that are still needed. */
  pieces: number;
  readonly tenants: Set<Tenant>;
}

/**
 * The memory in which bodies wait until they are saved: so many slabs and no more. Who finds no room leaves bytes out.
 * The memory is shared, so that the writing thread reads it where it is.
 */
export class Slabs {
  readonly #most: number;
  #made = 0;
  readonly #free: Slab[] = [];
  /** Full slabs, oldest first, that may have bodies in them which are still open. */
  readonly #full: Slab[] = [];
  #current: Slab | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Copies the first `length` bytes as far as there is room, adds the pieces, and returns how many bytes they hold. */
  copy(chunk: Uint8Array, length: number, tenant: Tenant, pieces: Piece[]): number {
    let done = 0;
    while (done < length) {
      const slab = this.#slab();
      if (slab === undefined) break;
      const from = slab.used;
      const take = Math.min(length - done, SLAB_BYTES - from);
      slab.bytes.set(done === 0 && take === chunk.length ? chunk : chunk.subarray(done, done + take), from);
      slab.used += take;
      slab.pieces += 1;
      slab.tenants.add(tenant);
      pieces.push({ slab, buffer: slab.buffer, from, to: from + take });
      done += take;
    }
    return done;
  }

  /** The piece is saved, or given up. */
  release({ slab }: Piece): void {
    if (slab === undefined) return;
    slab.pieces -= 1;
    if (slab.pieces === 0 && slab !== this.#current) this.#recycle(slab);
  }

  /** The slab to write into; undefined when all are in use. */
  #slab(): Slab | undefined {
    if (this.#current !== undefined && this.#current.used < SLAB_BYTES) return this.#current;
    const full = this.#current;
    this.#current = undefined;
    if (full !== undefined) {
      if (full.pieces === 0) this.#recycle(full);
      else this.#full.push(full);
    }
    this.#vacate();
    this.#current = this.#free.pop() ?? this.#make();
    return this.#current;
  }

  #make(): Slab | undefined {
    if (this.#made >= this.#most) return undefined;
    this.#made += 1;
    const buffer = new SharedArrayBuffer(SLAB_BYTES);
    return { buffer, bytes: new Uint8Array(buffer), used: 0, pieces: 0, tenants: new Set() };
  }

  /** Each slab is vacated once: what is left in it then waits to be saved. */
  #vacate(): void {
    while (this.#full.length > FOLLOWERS) {
      const oldest = this.#full.shift() as Slab;
      const tenants = [...oldest.tenants];
      oldest.tenants.clear();
      for (const tenant of tenants) tenant.moveOut(oldest);
    }
  }

  #recycle(slab: Slab): void {
    const at = this.#full.indexOf(slab);
    if (at >= 0) this.#full.splice(at, 1);
    slab.used = 0;
    slab.tenants.clear();
    this.#free.push(slab);
  }
}

export type { Slab };
