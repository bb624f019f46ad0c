import { type Problem, toProblem } from '../model/problem.ts';
import { Recent } from '../model/recent.ts';
import type { BlobWriter } from './blob-writer.ts';
import { BulkInsert } from './bulk-insert.ts';
import { diskRefuses } from './disk-refuses.ts';
import { FLAG, FLOAT, FLOATS, type FlowPageData, INT, INTS } from './page-layout.ts';
import { sessionNumbers } from './session-numbers.ts';
import type { Statement } from './sqlite.ts';
import { WrittenPage } from './written-page.ts';

/** Writes pages of flows with the sightings in them. Used inside a transaction. */
export class FlowWriter {
  readonly #prepare: (sql: string) => Statement;
  readonly #blobs: BlobWriter;
  readonly #hosts: Names;
  readonly #urls: Names;
  readonly #sets: Names;
  readonly #page: Statement;
  readonly #flows: BulkInsert;
  readonly #sightings: BulkInsert;
  /** Flows that could not be written although the disk took the others. */
  #failures: Problem[] = [];

  constructor(prepare: (sql: string) => Statement, blobs: BlobWriter) {
    this.#prepare = prepare;
    this.#blobs = blobs;
    this.#hosts = new Names(
      prepare,
      1_000,
      'SELECT h AS n FROM host WHERE name = ?',
      'INSERT INTO host (name) VALUES (?)',
    );
    this.#urls = new Names(prepare, 3_000, 'SELECT u AS n FROM url WHERE url = ?', 'INSERT INTO url (url) VALUES (?)');
    this.#sets = new Names(
      prepare,
      1_000,
      'SELECT c AS n FROM cookie_set WHERE names = ?',
      'INSERT INTO cookie_set (names) VALUES (?)',
    );
    this.#page = prepare('INSERT OR REPLACE INTO flow_page VALUES (?,?,?,?,?,?,?)');
    const onFailed = (error: unknown): void => {
      if (diskRefuses(error)) throw error;
      this.#failures.push(toProblem(error));
    };
    this.#flows = new BulkInsert({
      prepare,
      into: `INSERT INTO flow (n, id, started_at, ended_at, method, h, u, c, status, request_bytes, response_bytes,
        content_type, error, kind, edited_by, origin, p, place, sessions)`,
      columns: 19,
      tail: `ON CONFLICT (n) DO UPDATE SET
        ended_at = excluded.ended_at, u = excluded.u, h = excluded.h, c = excluded.c, status = excluded.status,
        request_bytes = excluded.request_bytes, response_bytes = excluded.response_bytes, method = excluded.method,
        content_type = excluded.content_type, error = excluded.error, kind = excluded.kind,
        edited_by = excluded.edited_by, origin = excluded.origin, p = excluded.p, place = excluded.place,
        sessions = excluded.sessions`,
      onFailed,
    });
    this.#sightings = new BulkInsert({
      prepare,
      into: 'INSERT INTO sighting (s, f, direction)',
      columns: 3,
      tail: 'ON CONFLICT (s, f) DO UPDATE SET direction = direction | excluded.direction',
      onFailed,
    });
  }

  put(data: FlowPageData): void {
    const { p, count, ints, floats, lengths, lists, sightings } = data;
    const page = new WrittenPage(data);
    const sessions = sessionsByPlace(sightings, count);
    let last = 0;
    for (let place = 0; place < count; place += 1) {
      last = Math.max(last, ints[place * INTS + INT.n] as number);
      this.#row(data, page, place, sessions[place]);
    }
    this.#flows.flush();
    for (let i = 0; i < sightings.length; i += 3) {
      const n = ints[(sightings[i] as number) * INTS + INT.n];
      this.#sightings.add(sightings[i + 1], n, sightings[i + 2]);
    }
    this.#sightings.flush();
    const numbers = [ints, floats, lengths, lists].map(bytesOf);
    this.#page.run(p, last, ...numbers, storable(data.text));
  }

  #row({ p, ints, floats }: FlowPageData, page: WrittenPage, place: number, sessions: string | undefined): void {
    const i = place * INTS;
    const f = place * FLOATS;
    const n = ints[i + INT.n] as number;
    const flags = ints[i + INT.flags] as number;
    const endedAt = floats[f + FLOAT.endedAt] as number;
    this.#flows.add(
      n,
      page.text(ints[i + INT.id] as number),
      floats[f + FLOAT.startedAt],
      Number.isNaN(endedAt) ? null : endedAt,
      page.text(ints[i + INT.listedMethod] as number),
      this.#hosts.number(page, ints[i + INT.host] as number),
      this.#urls.number(page, ints[i + INT.listedUrl] as number),
      this.#sets.number(page, ints[i + INT.cookies] as number),
      (flags & FLAG.response) === 0 ? null : ints[i + INT.status],
      floats[f + FLOAT.requestSize],
      floats[f + FLOAT.responseSize],
      maybe(page, ints[i + INT.contentType] as number),
      maybe(page, ints[i + INT.error] as number),
      page.text(ints[i + INT.kind] as number),
      maybe(page, ints[i + INT.editedBy] as number),
      maybe(page, ints[i + INT.origin] as number),
      p,
      place,
      (flags & FLAG.isNew) === 0 ? this.#together(n, sessions) : (sessions ?? null),
    );
    for (const at of REFS) {
      const ref = ints[i + at] as number;
      if (ref >= 0) this.#blobs.belongs(page.text(ref), n);
    }
  }

  /** With the sessions that were seen in the flow when it was written before. */
  #together(n: number, sessions: string | undefined): string | null {
    const row = this.#prepare('SELECT sessions FROM flow WHERE n = ?').get(n) as
      | { sessions: string | null }
      | undefined;
    const before = row?.sessions ?? null;
    if (before === null || sessions === undefined) return before ?? sessions ?? null;
    return [...new Set([...sessionNumbers(before), ...sessionNumbers(sessions)])].join(',');
  }

  /** What failed since the last time. */
  takeFailures(): Problem[] {
    const failures = this.#failures;
    this.#failures = [];
    return failures;
  }

  forget(): void {
    this.#failures = [];
    this.#flows.forget();
    this.#sightings.forget();
    for (const names of [this.#hosts, this.#urls, this.#sets]) names.forget();
  }
}

const REFS = [INT.requestRef, INT.responseRef, INT.framesRef] as const;

/** One of the small tables in which long texts have numbers. */
class Names {
  readonly #known: Recent<string, number>;
  readonly #find: Statement;
  readonly #insert: Statement;
  /** Of the page that is being written: a text's number there, and in the table. */
  #page: WrittenPage | undefined;
  readonly #ofPage = new Map<number, number>();

  constructor(prepare: (sql: string) => Statement, most: number, find: string, insert: string) {
    this.#known = new Recent(most);
    this.#find = prepare(find);
    this.#insert = prepare(insert);
  }

  /** The number in the table of a text of a page; made when new. */
  number(page: WrittenPage, text: number): number {
    if (this.#page !== page) {
      this.#page = page;
      this.#ofPage.clear();
    }
    let n = this.#ofPage.get(text);
    if (n === undefined) this.#ofPage.set(text, (n = this.#look(page.text(text))));
    return n;
  }

  forget(): void {
    this.#page = undefined;
    this.#known.clear();
  }

  #look(value: string): number {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const found = this.#find.get(value) as { n: number } | undefined;
    const n = found?.n ?? Number(this.#insert.run(value).lastInsertRowid);
    this.#known.set(value, n);
    return n;
  }
}

/** For each place the numbers of its sessions, as they stand in `flow.sessions`. */
function sessionsByPlace(sightings: Int32Array, count: number): (string | undefined)[] {
  const lists = new Array<string | undefined>(count);
  for (let i = 0; i < sightings.length; i += 3) {
    const place = sightings[i] as number;
    const before = lists[place];
    const session = String(sightings[i + 1]);
    if (before === undefined) lists[place] = session;
    else if (!sessionNumbers(before).includes(sightings[i + 1] as number)) lists[place] = `${before},${session}`;
  }
  return lists;
}

function maybe(page: WrittenPage, text: number): string | null {
  return text < 0 ? null : page.text(text);
}

function bytesOf(numbers: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** SQLite keeps texts in UTF-8, which has no place for half a surrogate pair. */
function storable(text: string): string | Uint8Array {
  return text.isWellFormed() ? text : Buffer.from(text, 'utf16le');
}
