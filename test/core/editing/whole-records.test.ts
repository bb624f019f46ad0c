import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { desk } from '../../support/editing-harness.ts';

/* A record that was removed comes back whole: the columns that are not the session's, the mode of its file. */

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'whole-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const ROWS = [
  [
    'Active Record, whose other columns may not be NULL',
    'create table sessions (id integer primary key autoincrement, session_id varchar not null, data text, created_at datetime(6) not null, updated_at datetime(6) not null)',
    "insert into sessions values (7, 'ffffffffffffffffffffffffffffffff', 'BAh7AA==', '2026-11-23 12:00:05.250000', '2026-11-23 12:01:00.500000')",
    'f'.repeat(32),
  ],
  [
    'Laravel, with user, address and browser',
    'create table sessions (id varchar primary key, user_id integer, ip_address varchar, user_agent text, payload text, last_activity integer)',
    "insert into sessions values ('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx7', 42, '127.0.0.9', 'Mozilla/5.0 (\"x\")', 'YTowOnt9', 1796000000)",
    `${'x'.repeat(39)}7`,
  ],
  [
    'Symfony, with the time of the last write',
    'create table sessions (sess_id text primary key, sess_data blob, sess_lifetime integer, sess_time integer not null)',
    "insert into sessions values ('abcdefghijklmnopqrstuvwxyz', x'5f', 1899000000, 1796000000)",
    'abcdefghijklmnopqrstuvwxyz',
  ],
] as const;

it.each(ROWS)('%s', async (_, create, insert, id) => {
  const file = path.join(folder, 'app.db');
  const db = new Database(file);
  db.exec(create);
  db.exec(insert);
  const before = db.prepare('select * from sessions').all();
  const store = await openRecordStore(`sqlite:${file}?table=sessions`);
  const d = await desk(path.join(folder, 'w.sqlite'), { store });
  const { editId } = await d.editor.remove({ storeId: 'store', id });
  expect(db.prepare('select * from sessions').all()).toEqual([]);
  await d.undo.undo(editId);
  expect(db.prepare('select * from sessions').all()).toEqual(before);
  await d.workspace.close();
  await store.close();
  db.close();
});

it('a file of sessions, with its mode', async () => {
  const name = `sess_${'a'.repeat(26)}`;
  const file = path.join(folder, 'sessions', name);
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, 'user|s:5:"alice";', { mode: 0o640 });
  fs.chmodSync(file, 0o640);
  const store = await openRecordStore(`disk:${path.dirname(file)}`);
  const d = await desk(path.join(folder, 'w.sqlite'), { store });
  const { editId } = await d.editor.remove({ storeId: 'store', id: name });
  await d.undo.undo(editId);
  expect(fs.statSync(file).mode & 0o777).toBe(0o640);
  expect(fs.readFileSync(file, 'utf8')).toBe('user|s:5:"alice";');
  await d.workspace.close();
  await store.close();
});
