import { hash } from 'node:crypto';
import type { Statement } from './sqlite.ts';
import type { SnapshotRow } from './writes.ts';

/** Writes bytes, each content once: bodies of flows and states of records. Used inside a transaction. */
export class BlobWriter {
  readonly #prepare: (sql: string) => Statement;
  /** Bodies of this transaction whose flow has not come yet; most flows come in the same batch. */
  readonly #loose = new Map<string, string>();
  readonly #use: Statement;
  readonly #insert: Statement;
  readonly #putBody: Statement;
  readonly #bodyHash: Statement;

  constructor(prepare: (sql: string) => Statement) {
    this.#prepare = prepare;
    this.#use = prepare('UPDATE blob SET uses = uses + 1 WHERE hash = ?');
    this.#insert = prepare('INSERT INTO blob VALUES (?, ?, 1)');
    this.#putBody = prepare('INSERT OR REPLACE INTO body VALUES (?, ?, ?)');
    this.#bodyHash = prepare('SELECT hash FROM body WHERE ref = ?');
  }

  putBody(ref: string, bytes: Uint8Array): void {
    const before = this.#bodyHash.get(ref) as { hash: string } | undefined;
    this.#loose.set(ref, this.#keep(bytes));
    if (before === undefined) return;
    // A trigger lets go of a deleted row's blob; REPLACE would run no triggers.
    this.#prepare('DELETE FROM body WHERE ref = ?').run(ref);
  }

  removeBody(ref: string): void {
    this.settle();
    this.#prepare('DELETE FROM body WHERE ref = ?').run(ref);
  }

  /** The flow with the number `n` has this body. */
  belongs(ref: string, n: number): void {
    const loose = this.#loose.get(ref);
    if (loose === undefined) this.#prepare('UPDATE body SET n = ? WHERE ref = ? AND n IS NULL').run(n, ref);
    else {
      this.#loose.delete(ref);
      this.#putBody.run(ref, n, loose);
    }
  }

  /** The transaction is about to end: bodies whose flow has not come yet are kept without it. */
  settle(): void {
    for (const [ref, content] of this.#loose) this.#putBody.run(ref, null, content);
    this.#loose.clear();
  }

  putSnapshot([id, storeId, recordId, at, lastUsed, content, bytes]: SnapshotRow): void {
    if (this.#prepare('SELECT 1 FROM snapshot WHERE id = ?').get(id) === undefined) this.#keep(bytes, content);
    this.#prepare(
      `INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         at = excluded.at, last_used = ifnull(excluded.last_used, last_used)`,
    ).run(id, storeId, recordId, at, lastUsed, content);
  }

  /** After a transaction that was rolled back. */
  forget(): void {
    this.#loose.clear();
  }

  #keep(bytes: Uint8Array, content = contentHash(bytes)): string {
    if (this.#use.run(content).changes === 0) this.#insert.run(content, bytes);
    return content;
  }
}

/** Names a content: SHA-256, base64url. */
export function contentHash(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}
