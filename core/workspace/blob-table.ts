import { hash } from 'node:crypto';
import type { Batch } from './batch.ts';
import { contentHash } from './blob-writer.ts';
import { BodyPage } from './body-page.ts';
import type { Piece } from './slabs.ts';
import type { Database, Statement } from './sqlite.ts';
import type { Write } from './writes.ts';

/** A state of a record, to be looked at or brought back. `at` and `lastUsed` are of the last time it was seen. */
export interface Snapshot {
  readonly id: string;
  readonly storeId: string;
  readonly recordId: string;
  readonly at: number;
  readonly lastUsed: number | null;
  readonly bytes: Uint8Array;
}

/** Bytes, each content once: bodies of flows and states of records. */
export class BlobTable {
  readonly #batch: Batch;
  readonly #read: () => void;
  readonly #body: Statement;
  readonly #snapshot: Statement;
  readonly #saved: (piece: Piece) => void;
  /** Bodies have a queue of their own, so that nobody who reads something else waits for megabytes. */
  readonly #gathering: BodyPage[] = [];
  #onTheirWay: readonly BodyPage[] = [];
  /** Bytes of bodies that were written since the start. */
  bytesWritten = 0;

  /** @param saved the bytes of a piece of a body are needed no more */
  constructor(db: Database, batch: Batch, read: () => void, saved: (piece: Piece) => void) {
    this.#batch = batch;
    this.#read = read;
    this.#saved = saved;
    this.#body = db.prepare('SELECT blob.bytes FROM body JOIN blob USING (hash) WHERE ref = ?');
    this.#snapshot = db.prepare('SELECT snapshot.*, blob.bytes FROM snapshot JOIN blob USING (hash) WHERE id = ?');
  }

  /** Keeps the bytes of a body, which must not be changed afterwards. The flow that names `ref` is put later. */
  putBody(ref: string, pieces: readonly Piece[], bytes: number): void {
    let page = this.#gathering.at(-1);
    if (page === undefined || page.isFull) {
      page = new BodyPage();
      this.#gathering.push(page);
      this.#batch.bodiesWait(this.#gathering.length > 4);
    }
    page.add(ref, pieces, bytes);
  }

  removeBody(ref: string): void {
    for (const page of this.#gathering) {
      if (page.has(ref)) for (const piece of page.remove(ref)) this.#saved(piece);
    }
    this.#batch.add(['no-body', ref], `body:${ref}`);
  }

  body(ref: string): Uint8Array | undefined {
    if (this.#batch.has(`body:${ref}`)) this.#read();
    for (const page of [...this.#gathering, ...this.#onTheirWay]) {
      const bytes = page.read(ref);
      if (bytes !== undefined) return bytes;
    }
    return (this.#body.get(ref) as { bytes: Uint8Array } | undefined)?.bytes;
  }

  /** How many bodies wait to be written. */
  get waiting(): number {
    return this.#gathering.reduce((sum, page) => sum + page.count, 0);
  }

  /** Gives the oldest pages to be written now, so many bytes at most (one page at least). */
  take(mostBytes: number): Write[] {
    let pages = 0;
    for (let bytes = 0; pages < this.#gathering.length; pages += 1) {
      bytes += (this.#gathering[pages] as BodyPage).bytes;
      if (pages > 0 && bytes > mostBytes) break;
    }
    const taken = this.#gathering.splice(0, pages);
    this.#onTheirWay = [...this.#onTheirWay, ...taken];
    return taken.map((page) => ['bodies', page.data()]);
  }

  saved(): void {
    for (const page of this.#onTheirWay) {
      this.bytesWritten += page.bytes;
      for (const piece of page.pieces()) this.#saved(piece);
    }
    this.#onTheirWay = [];
  }

  /** Keeps a state of a record; the same state of the same record is kept once, with when it was seen last. Returns its name. */
  putSnapshot({ storeId, recordId, at, lastUsed, bytes }: Omit<Snapshot, 'id'>): string {
    const content = contentHash(bytes);
    const id = hash('sha256', `${storeId}\0${recordId}\0${content}`, 'base64url').slice(0, 22);
    this.#batch.add(['snapshot', [id, storeId, recordId, at, lastUsed, content, bytes]], `snapshot:${id}`);
    return id;
  }

  snapshot(id: string): Snapshot | undefined {
    if (this.#batch.has(`snapshot:${id}`)) this.#read();
    const row = this.#snapshot.get(id) as
      | { store_id: string; record_id: string; at: number; last_used: number | null; bytes: Uint8Array }
      | undefined;
    if (row === undefined) return undefined;
    return {
      id,
      storeId: row.store_id,
      recordId: row.record_id,
      at: row.at,
      lastUsed: row.last_used,
      bytes: row.bytes,
    };
  }
}
