import { hash } from 'node:crypto';
import { Recent } from '../model/recent.ts';
import { BulkInsert } from './bulk-insert.ts';
import { type Statement, sqliteCode } from './sqlite.ts';
import type { BodiesData, SnapshotRow } from './writes.ts';

/** Writes bytes, each content once: bodies of flows and states of records. Used inside a transaction. */
export class BlobWriter {
  readonly #prepare: (sql: string) => Statement;
  /** Bodies of this transaction whose flow has not come yet; most flows come in the same batch. */
  readonly #loose = new Map<string, string>();
  /** Flows that named a body which was not there yet. */
  readonly #expected = new Recent<string, number>(20_000);
  /** Contents of this transaction: the bytes, and by how many bodies they are used. */
  readonly #contents = new Map<string, { readonly bytes: Uint8Array; uses: number }>();
  readonly #bodies: BulkInsert;
  readonly #claim: Statement;
  readonly #keep: Statement;

  constructor(prepare: (sql: string) => Statement) {
    this.#prepare = prepare;
    this.#bodies = new BulkInsert({
      prepare,
      into: 'INSERT INTO body (ref, n, hash)',
      columns: 3,
      onFailed: (error, [ref, n, content]) => {
        // Written by a batch that is being done again.
        if (!/^SQLITE_CONSTRAINT/.test(sqliteCode(error) ?? '')) throw error;
        this.#counted(content as string, -1);
        if (n !== null) this.#claim.run(n, ref);
      },
    });
    this.#claim = prepare('UPDATE body SET n = ? WHERE ref = ? AND n IS NULL');
    this.#keep = prepare(
      'INSERT INTO blob VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET uses = uses + excluded.uses',
    );
  }

  putBodies({ refs, counts, places, buffers }: BodiesData): void {
    if (counts.length === 0) return;
    let at = 0;
    refs.split('\n').forEach((ref, i) => {
      const end = at + 3 * (counts[i] as number);
      const body = bytesAt(buffers, places.subarray(at, end));
      const content = contentHash(body);
      if (!this.#contents.has(content)) this.#contents.set(content, { bytes: body, uses: 0 });
      this.#loose.set(ref, content);
      at = end;
    });
  }

  removeBody(ref: string): void {
    this.settle();
    // A trigger lets go of its content.
    this.#prepare('DELETE FROM body WHERE ref = ?').run(ref);
  }

  /** The flow with the number `n` has this body. */
  belongs(ref: string, n: number): void {
    const loose = this.#loose.get(ref);
    if (loose === undefined) {
      this.#bodies.flush();
      // Bodies may come behind their flows: they have a queue of their own.
      if (this.#claim.run(n, ref).changes === 0) this.#expected.set(ref, n);
    } else {
      this.#loose.delete(ref);
      this.#put(ref, n, loose);
    }
  }

  /** The transaction is about to end: bodies whose flow has not come yet are kept without it. */
  settle(): void {
    for (const [ref, content] of this.#loose) this.#put(ref, this.#expected.get(ref) ?? null, content);
    this.#loose.clear();
    this.#bodies.flush();
    for (const [content, { bytes, uses }] of this.#contents) if (uses > 0) this.#keep.run(content, bytes, uses);
    this.#contents.clear();
  }

  putSnapshot([id, storeId, recordId, at, lastUsed, content, bytes]: SnapshotRow): void {
    if (this.#prepare('SELECT 1 FROM snapshot WHERE id = ?').get(id) === undefined) this.#keep.run(content, bytes, 1);
    this.#prepare(
      `INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         at = excluded.at, last_used = ifnull(excluded.last_used, last_used)`,
    ).run(id, storeId, recordId, at, lastUsed, content);
  }

  /** After a transaction that was rolled back. */
  forget(): void {
    this.#loose.clear();
    this.#contents.clear();
    this.#bodies.forget();
  }

  #put(ref: string, n: number | null, content: string): void {
    this.#counted(content, 1);
    this.#bodies.add(ref, n, content);
  }

  #counted(content: string, uses: number): void {
    const known = this.#contents.get(content);
    if (known !== undefined) known.uses += uses;
  }
}

/** The bytes of one body: where they lie, or together where they lie apart. */
function bytesAt(buffers: readonly SharedArrayBuffer[], places: Int32Array): Uint8Array {
  const view = (i: number): Uint8Array => {
    const [number = 0, from = 0, to = 0] = places.subarray(i, i + 3);
    return new Uint8Array(buffers[number] as SharedArrayBuffer, from, to - from);
  };
  if (places.length === 3) return view(0);
  const views = Array.from({ length: places.length / 3 }, (_, i) => view(3 * i));
  return Buffer.concat(views);
}

/** Names a content: SHA-256, base64url. */
export function contentHash(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}
