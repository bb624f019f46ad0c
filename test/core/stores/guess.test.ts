import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { guessStoreUrl, guessStoreUrls, LAYOUTS } from '../../../core/frameworks/stores.ts';
import { database } from '../../../core/frameworks/webpy/stores/database.ts';
import { SqliteDriver } from '../../../core/stores/sql/dialects/sqlite/sqlite-driver.ts';
import { detectTables } from '../../../core/stores/sql/table-shape.ts';
import { tempFolder } from '../../contract/places.ts';

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

async function sqlite(name: string, ...statements: string[]): Promise<string> {
  const file = path.join(folder, name);
  const db = database({ dbn: 'sqlite', db: file });
  for (const statement of statements) await db.query(statement);
  await db.close();
  return file;
}
const table = (name: string) => `create table "${name}" (session_id char(128), atime timestamp, data text, more text)`;

it('a directory is a DiskStore, with a trailing slash and relative as well', async () => {
  fs.mkdirSync(path.join(folder, 'sessions'));
  expect(await guessStoreUrl(`${folder}/sessions/`)).toBe(`disk:${folder}/sessions`);
  expect(await guessStoreUrl('sessions', folder)).toBe(`disk:${folder}/sessions`);
  expect(await guessStoreUrl(`file://${folder}/sessions`)).toBe(`disk:${folder}/sessions`);
});

it('an SQLite file is known by its content, its tables by their columns', async () => {
  const file = await sqlite('noextension', table('visits'), table('sessions'), 'create table users (a, data)');
  expect((await guessStoreUrls(file)).map(({ url }) => url)).toEqual([
    `sqlite:${file}?table=sessions`,
    `sqlite:${file}?table=visits`,
  ]);
  const driver = new SqliteDriver(file);
  expect((await detectTables(driver, LAYOUTS.tables)).map(({ table }) => table)).toEqual(['sessions', 'visits']);
  await driver.close();
});

it('an SQLite file without such a table says which there are', async () => {
  const file = await sqlite('app.db', 'create table users (a)', 'create table orders (b)');
  await expect(guessStoreUrl(file)).rejects.toMatchObject({
    problem: { kind: 'table-missing', remedy: expect.stringContaining('orders, users') },
  });
});

it('shelves: by any of their files, or the name given to shelve.open', async () => {
  fs.writeFileSync(`${folder}/s.dat`, '');
  fs.writeFileSync(`${folder}/s.dir`, '');
  for (const name of ['s', 's.dat', 's.dir']) {
    expect(await guessStoreUrl(`${folder}/${name}`)).toBe(`shelf:${folder}/${name}`);
  }
  const file = await sqlite('x', 'CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)');
  expect(await guessStoreUrl(file)).toBe(`shelf:${file}`);
});

it('a URL stays what it is', async () => {
  expect(await guessStoreUrl('postgres://u:p@h/d')).toBe('postgres://u:p@h:5432/d?table=sessions');
});

it('anything else is refused with what to do', async () => {
  fs.writeFileSync(`${folder}/text`, 'hello');
  await expect(guessStoreUrl(`${folder}/text`)).rejects.toMatchObject({
    problem: { kind: 'not-a-store', remedy: expect.stringContaining('disk:PATH') },
  });
  await expect(guessStoreUrl(`${folder}/none`)).rejects.toMatchObject({ problem: { kind: 'store-not-found' } });
  await expect(guessStoreUrl('/dev/null')).rejects.toMatchObject({ problem: { kind: 'not-a-store' } });
});
