import { hash } from 'node:crypto';
import type { Batch } from './batch.ts';
import { contentHash } from './blob-writer.ts';
import { BodyPage, type Piece } from './body-page.ts';
import type { Database, Statement } from './sqlite.ts';

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
  #gathering: BodyPage[] = [];
  #onTheirWay: readonly BodyPage[] = [];

  constructor(db: Database, batch: Batch, read: () => void) {
    this.#batch = batch;
    this.#read = read;
    this.#body = db.prepare('SELECT blob.bytes FROM body JOIN blob USING (hash) WHERE ref = ?');
    this.#snapshot = db.prepare('SELECT snapshot.*, blob.bytes FROM snapshot JOIN blob USING (hash) WHERE id = ?');
  }

  /** Keeps the bytes of a body, which must not be changed afterwards. The flow that names `ref` is put later. */
  putBody(ref: string, pieces: readonly Piece[], bytes: number): void {
    let page = this.#gathering.at(-1);
    if (page === undefined || page.isFull) {
      const fresh = new BodyPage();
      this.#gathering.push(fresh);
      this.#batch.add(fresh);
      page = fresh;
    }
    page.add(ref, pieces, bytes);
  }

  removeBody(ref: string): void {
    this.#batch.add(['no-body', ref], `body:${ref}`);
  }

  body(ref: string): Uint8Array | undefined {
    const waits = [...this.#gathering, ...this.#onTheirWay].some((page) => page.has(ref));
    if (waits || this.#batch.has(`body:${ref}`)) this.#read();
    return (this.#body.get(ref) as { bytes: Uint8Array } | undefined)?.bytes;
  }

  sent(): void {
    this.#onTheirWay = this.#gathering;
    this.#gathering = [];
  }

  saved(): void {
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
