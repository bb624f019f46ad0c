import { expect, it } from 'vitest';
import { BulkInsert } from '../../../core/workspace/bulk-insert.ts';
import { loadSqlite } from '../../../core/workspace/sqlite.ts';

async function table() {
  const db = (await loadSqlite())(':memory:');
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)');
  const failed: (readonly unknown[])[] = [];
  const rows = new BulkInsert({
    prepare: (sql) => db.prepare(sql),
    into: 'INSERT INTO t (a, b)',
    columns: 2,
    onFailed: (_error, row) => failed.push(row),
  });
  const written = () => (db.prepare('SELECT a FROM t ORDER BY a').all() as { a: number }[]).map(({ a }) => a);
  return { db, rows, failed, written };
}

it.each([1, 15, 16, 17, 100])('writes %i rows, whole statements and what is left', async (count) => {
  const { rows, written } = await table();
  for (let i = 0; i < count; i += 1) rows.add(i, `row ${i}`);
  rows.flush();
  rows.flush();
  expect(written()).toEqual(Array.from({ length: count }, (_, i) => i));
});

it('leaves out the rows that cannot be written, and no others', async () => {
  const { rows, written, failed } = await table();
  for (let i = 0; i < 40; i += 1) rows.add(i === 20 ? 3 : i, i === 37 ? null : 'x');
  rows.flush();
  expect(failed).toEqual([
    [3, 'x'],
    [37, null],
  ]);
  expect(written()).toEqual(Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== 20 && i !== 37));
});

it('does not go on by itself where the whole transaction may be lost', async () => {
  const { db, rows, written, failed } = await table();
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
  const fill = db.transaction(() => {
    for (let i = 0; i < 16; i += 1) rows.add(i, 'x'.repeat(10_000));
  });
  expect(fill).toThrow(/full/);
  expect(written()).toEqual([]);
  expect(failed).toEqual([]);
});
