import { createHash } from 'node:crypto';
import type { Batch } from './batch.ts';
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
  readonly #use: Statement;
  readonly #insert: Statement;
  readonly #putBody: Statement;
  readonly #body: Statement;
  readonly #removeBody: Statement;
  readonly #bodyHash: Statement;
  readonly #putSnapshot: Statement;
  readonly #snapshot: Statement;
  readonly #hasSnapshot: Statement;
  readonly #release: Statement;
  readonly #sweep: Statement;

  constructor(db: Database, batch: Batch, read: () => void) {
    this.#batch = batch;
    this.#read = read;
    this.#use = db.prepare('UPDATE blob SET uses = uses + 1 WHERE hash = ?');
    this.#insert = db.prepare('INSERT INTO blob VALUES (?, ?, 1)');
    this.#release = db.prepare('UPDATE blob SET uses = uses - 1 WHERE hash = ?');
    this.#sweep = db.prepare('DELETE FROM blob WHERE hash = ? AND uses <= 0');
    this.#putBody = db.prepare('INSERT OR REPLACE INTO body VALUES (?, ?, ?)');
    this.#removeBody = db.prepare('DELETE FROM body WHERE ref = ?');
    this.#bodyHash = db.prepare('SELECT hash FROM body WHERE ref = ?');
    this.#body = db.prepare('SELECT blob.bytes FROM body JOIN blob USING (hash) WHERE ref = ?');
    this.#putSnapshot = db.prepare(
      `INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         at = excluded.at, last_used = ifnull(excluded.last_used, last_used)`,
    );
    this.#hasSnapshot = db.prepare('SELECT 1 FROM snapshot WHERE id = ?');
    this.#snapshot = db.prepare('SELECT snapshot.*, blob.bytes FROM snapshot JOIN blob USING (hash) WHERE id = ?');
  }

  /** Keeps the bytes of a body. They must not be changed afterwards. The flow that names `ref` is put later. */
  putBody(ref: string, bytes: Uint8Array): void {
    this.#batch.add(() => {
      const before = this.#bodyHash.get(ref) as { hash: string } | undefined;
      const hash = this.#keep(bytes);
      // A trigger lets go of a deleted row's blob; REPLACE runs no triggers.
      this.#putBody.run(ref, null, hash);
      if (before !== undefined) this.#letGo(before.hash);
    }, `body:${ref}`);
  }

  removeBody(ref: string): void {
    this.#batch.add(() => {
      this.#removeBody.run(ref);
    }, `body:${ref}`);
  }

  body(ref: string): Uint8Array | undefined {
    if (this.#batch.has(`body:${ref}`)) this.#read();
    return (this.#body.get(ref) as { bytes: Uint8Array } | undefined)?.bytes;
  }

  /** Keeps a state of a record; the same state of the same record is kept once, with when it was seen last. Returns its name. */
  putSnapshot(state: Omit<Snapshot, 'id'>): string {
    const hash = sha256(state.bytes);
    const name = createHash('sha256').update(`${state.storeId}\0${state.recordId}\0${hash}`).digest('base64url');
    const id = name.slice(0, 22);
    this.#batch.add(() => {
      if (this.#hasSnapshot.get(id) === undefined) this.#keep(state.bytes, hash);
      this.#putSnapshot.run(id, state.storeId, state.recordId, state.at, state.lastUsed, hash);
    }, `snapshot:${id}`);
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

  #keep(bytes: Uint8Array, hash = sha256(bytes)): string {
    if (this.#use.run(hash).changes === 0) this.#insert.run(hash, bytes);
    return hash;
  }

  #letGo(hash: string): void {
    this.#release.run(hash);
    this.#sweep.run(hash);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
