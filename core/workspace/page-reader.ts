import type { Flow } from '../model/flow.ts';
import { Recent } from '../model/recent.ts';
import type { Database, Statement } from './sqlite.ts';
import { WrittenPage } from './written-page.ts';

/** Whoever looks at one flow looks at its neighbours next. */
const MOST_PAGES = 8;

interface PageRow {
  readonly ints: Uint8Array;
  readonly floats: Uint8Array;
  readonly lengths: Uint8Array;
  readonly lists: Uint8Array;
  /** UTF-8, or UTF-16 (little-endian) of what is no proper Unicode. */
  readonly text: string | Uint8Array;
}

/** Reads flows out of the pages in which they were written. */
export class PageReader {
  readonly #where: Statement;
  readonly #page: Statement;
  readonly #head: Statement;
  readonly #known = new Recent<number, WrittenPage>(MOST_PAGES);

  constructor(db: Database) {
    this.#where = db.prepare('SELECT p, place FROM flow WHERE n = ?');
    this.#page = db.prepare('SELECT ints, floats, lengths, lists, text FROM flow_page WHERE p = ?');
    this.#head = db.prepare('SELECT head FROM flow_head WHERE n = ?');
  }

  /** The flow with this row number; undefined when there is none. */
  flow(n: number): Flow | undefined {
    const where = this.#where.get(n) as { p: number | null; place: number } | undefined;
    if (where === undefined) return undefined;
    if (where.p !== null) return this.#read(where.p)?.flow(where.place);
    // Written by a version before pages.
    const row = this.#head.get(n) as { head: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.head) as Flow);
  }

  /** Names of the bodies of the flow with this row number. */
  refs(n: number): string[] {
    const where = this.#where.get(n) as { p: number | null; place: number } | undefined;
    if (where === undefined) return [];
    if (where.p !== null) return this.#read(where.p)?.refs(where.place) ?? [];
    const flow = this.flow(n);
    return [flow?.request.body.ref, flow?.response?.body.ref, flow?.frames?.ref].filter((ref) => ref !== undefined);
  }

  /** Pages may be gone. */
  forget(): void {
    this.#known.clear();
  }

  #read(p: number): WrittenPage | undefined {
    const known = this.#known.get(p);
    if (known !== undefined) return known;
    const row = this.#page.get(p) as PageRow | undefined;
    if (row === undefined) return undefined;
    const page = new WrittenPage({
      ints: new Int32Array(aligned(row.ints)),
      floats: new Float64Array(aligned(row.floats)),
      lengths: new Int32Array(aligned(row.lengths)),
      lists: new Int32Array(aligned(row.lists)),
      text: typeof row.text === 'string' ? row.text : Buffer.from(row.text).toString('utf16le'),
    });
    this.#known.set(p, page);
    return page;
  }
}

/** In memory of its own: numbers have to lie at multiples of their size. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  return own.buffer;
}
