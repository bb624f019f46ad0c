import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../core/frameworks/stores.ts';
import { tempFolder } from '../../../contract/places.ts';

/** Many rows, so that nothing may be read as a whole; the million of `scripts/large-tables.ts` is the same by more. */
const ROWS = 60_000;

let folder: string;
let file: string;
let db: Database.Database;

beforeAll(() => {
  folder = tempFolder();
  file = path.join(folder, 'app.db');
  db = new Database(file);
  db.exec('create table sessions (session_id char(128) unique not null, atime timestamp not null, data text)');
  const insert = db.prepare('insert into sessions values (?, ?, ?)');
  db.transaction(() => {
    for (let n = 0; n < ROWS; n++) {
      const at = new Date(1_700_000_000_000 + ((n * 7919) % ROWS) * 1000).toISOString().slice(0, 19).replace('T', ' ');
      insert.run(n.toString(16).padStart(40, '0'), at, 'gAN9cQAu'.repeat(40));
    }
  })();
});
afterAll(() => {
  db.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('a page of a large table', () => {
  it('is what sorting all rows gives, for any page and filter', async () => {
    const store = await openRecordStore(`sqlite:${file}?table=sessions`);
    const all = db.prepare('select session_id from sessions order by atime desc, rowid').pluck().all() as string[];
    for (const [filter, offset, limit] of [
      ['', 0, 50],
      ['', 59_980, 50],
      ['', 12_345, 7],
      ['FF', 0, 30],
      ['abc', 3, 10],
      ['%_', 0, 10],
      ["'", 0, 10],
      ['\\', 0, 10],
    ] as const) {
      const found = await store.page?.({ filter, offset, limit });
      const expected = all.filter((id) => id.includes(filter.toLowerCase()));
      expect(found?.total, filter).toBe(expected.length);
      expect(found?.rows.map(({ id }) => id)).toEqual(expected.slice(offset, offset + limit));
    }
    expect(await store.count?.()).toBe(ROWS);
    await store.close();
  });

  it('can be cancelled between two pieces', async () => {
    const store = await openRecordStore(`sqlite:${file}?table=sessions`);
    const stop = new AbortController();
    const page = store.page?.({ offset: 0, limit: 10 }, stop.signal);
    stop.abort();
    await expect(page).rejects.toThrow();
    await store.close();
  });

  it('is watched by what is cheap: a change is reported as one of anything, without reading all rows again', async () => {
    const store = await openRecordStore(`sqlite:${file}?table=sessions`, { pollMs: 20 });
    const reported = new Promise<readonly string[] | undefined>((resolve) => {
      store.watch(resolve);
    });
    // The first looks find out that the table is large.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    db.prepare("update sessions set data = 'gAN9cQAu' where rowid = 5").run();
    expect(await reported).toBeUndefined();
    await store.close();
  });
});
