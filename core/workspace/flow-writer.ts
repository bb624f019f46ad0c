import { Recent } from '../model/recent.ts';
import type { BlobWriter } from './blob-writer.ts';
import type { Statement } from './sqlite.ts';
import type { FlowRow } from './writes.ts';

/** Writes flows with the sightings in them. Used inside a transaction. */
export class FlowWriter {
  readonly #prepare: (sql: string) => Statement;
  readonly #blobs: BlobWriter;
  readonly #hosts = new Recent<string, number>(1_000);
  readonly #urls = new Recent<string, number>(3_000);
  readonly #sets = new Recent<string, number>(1_000);
  readonly #flow: Statement;
  readonly #head: Statement;
  readonly #sighting: Statement;

  constructor(prepare: (sql: string) => Statement, blobs: BlobWriter) {
    this.#prepare = prepare;
    this.#blobs = blobs;
    this.#flow = prepare(
      `INSERT INTO flow VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (n) DO UPDATE SET
        ended_at = excluded.ended_at, u = excluded.u, h = excluded.h, c = excluded.c, status = excluded.status,
        request_bytes = excluded.request_bytes, response_bytes = excluded.response_bytes, method = excluded.method,
        content_type = excluded.content_type, error = excluded.error, kind = excluded.kind,
        edited_by = excluded.edited_by, origin = excluded.origin`,
    );
    this.#head = prepare('INSERT INTO flow_head VALUES (?,?) ON CONFLICT (n) DO UPDATE SET head = excluded.head');
    this.#sighting = prepare(
      `INSERT INTO sighting VALUES (?,?,?,?,?) ON CONFLICT (s, f) DO UPDATE SET direction = direction | excluded.direction`,
    );
  }

  put(row: FlowRow): void {
    const [n, id, startedAt, endedAt, method, host, url, cookies, status, requestBytes, responseBytes] = row;
    const [, , , , , , , , , , , contentType, error, kind, editedBy, origin, head, bodies, sightings] = row;
    this.#flow.run(
      n,
      id,
      startedAt,
      endedAt,
      method,
      this.#name(this.#hosts, 'host', 'h', 'name', host),
      this.#name(this.#urls, 'url', 'u', 'url', url),
      this.#name(this.#sets, 'cookie_set', 'c', 'names', cookies),
      status,
      requestBytes,
      responseBytes,
      contentType,
      error,
      kind,
      editedBy,
      origin,
    );
    this.#head.run(n, head);
    for (const ref of bodies) this.#blobs.belongs(ref, n);
    for (let i = 0; i + 3 < sightings.length; i += 4) {
      this.#sighting.run(sightings[i], n, sightings[i + 1], sightings[i + 2], sightings[i + 3]);
    }
  }

  forget(): void {
    this.#hosts.clear();
    this.#urls.clear();
    this.#sets.clear();
  }

  /** The number of a name in one of the small tables; made when new. */
  #name(cache: Recent<string, number>, table: string, column: string, field: string, value: string): number {
    const known = cache.get(value);
    if (known !== undefined) return known;
    const found = this.#prepare(`SELECT ${column} AS n FROM ${table} WHERE ${field} = ?`).get(value);
    const n =
      found === undefined
        ? Number(this.#prepare(`INSERT INTO ${table} (${field}) VALUES (?)`).run(value).lastInsertRowid)
        : (found as { n: number }).n;
    cache.set(value, n);
    return n;
  }
}
