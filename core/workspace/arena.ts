import type { Piece } from './body-page.ts';

/** Memory that many small bodies share. */
const ARENA_BYTES = 128 << 10;
/** From this size on a buffer of its own costs little. */
const OWN_BYTES = 8 << 10;

/** Whose bytes lie in an arena. */
export interface Tenant {
  /** The arena is full and is let go: who needs his bytes for longer copies them. */
  moveOut(): void;
}

/** Copies bytes into memory that is taken in large parts: a buffer for each small body would cost more than the body. */
export class Arena {
  #buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
  #used = 0;
  #tenants: Tenant[] = [];

  /** The first `length` bytes, copied. */
  copy(bytes: Uint8Array, length: number, tenant: Tenant): Piece {
    if (length >= OWN_BYTES) {
      const buffer = Buffer.allocUnsafeSlow(length);
      buffer.set(length === bytes.length ? bytes : bytes.subarray(0, length));
      return { buffer, from: 0, to: length };
    }
    if (this.#used + length > ARENA_BYTES) this.#renew();
    const from = this.#used;
    this.#buffer.set(length === bytes.length ? bytes : bytes.subarray(0, length), from);
    this.#used += length;
    this.#tenants.push(tenant);
    return { buffer: this.#buffer, from, to: from + length };
  }

  #renew(): void {
    for (const tenant of this.#tenants) tenant.moveOut();
    this.#tenants = [];
    this.#buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
    this.#used = 0;
  }
}
