import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import { RedisConnection } from '../../../core/stores/redis/redis-connection.ts';
import { tempFolder } from '../../contract/places.ts';
import { desk } from '../../support/editing-harness.ts';
import { needs } from '../../support/needs.ts';
import { startRedis } from '../../support/redis-server.ts';

let folder: string;
const open: RecordStore[] = [];
beforeEach(() => {
  folder = tempFolder();
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function opened(url: string): Promise<RecordStore> {
  const store = await openRecordStore(url);
  open.push(store);
  return store;
}

const KEY = 'abcdefghij0123456789abcdefghij01';

it('a row of Django ends an hour earlier, and the undo gives exactly the old end', async () => {
  const file = path.join(folder, 'app.db');
  const db = new Database(file);
  db.exec('create table django_session (session_key varchar(40) primary key, session_data text, expire_date datetime)');
  db.prepare('insert into django_session values (?, ?, ?)').run(
    KEY,
    'eyJhIjoxfQ:1abcde:xyz',
    '2026-12-01 10:00:00.123456',
  );
  const store = await opened(`sqlite:${file}?table=django_session`);
  const d = await desk(path.join(folder, 'w.db'), { s: store });
  const edit = await d.editor.age({ storeId: 's', id: KEY }, 3_600);
  const row = () => db.prepare('select expire_date from django_session').pluck().get();
  expect(row()).toBe('2026-12-01 09:00:00.123456');
  await d.undo.undo(edit.editId);
  expect(row()).toBe('2026-12-01 10:00:00.123456');
  db.close();
  await d.workspace.close();
});

it('a file of PHP gets an older modification time, and keeps its access time', async () => {
  const file = path.join(folder, 'sessions', `sess_${KEY}`);
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, 'user|s:5:"alice";');
  fs.utimesSync(file, 1_700_000_100, 1_700_000_000);
  const store = await opened(`disk:${path.dirname(file)}`);
  const d = await desk(path.join(folder, 'w.db'), { s: store });
  const edit = await d.editor.age({ storeId: 's', id: `sess_${KEY}` }, 7_200);
  const times = () => [fs.statSync(file).atimeMs / 1000, fs.statSync(file).mtimeMs / 1000];
  expect(times()).toEqual([1_700_000_100, 1_699_992_800]);
  await d.undo.undo(edit.editId);
  expect(times()).toEqual([1_700_000_100, 1_700_000_000]);
  await d.workspace.close();
});

it('is refused, with the reason, where it is not known what the application compares', async () => {
  const name = '0123456789abcdef0123456789abcdef.cache';
  const file = path.join(folder, 'container', '0', '01', name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, Buffer.from('80027d71002e', 'hex'));
  const store = await opened(`disk:${path.join(folder, 'container')}`);
  const d = await desk(path.join(folder, 'w.db'), { s: store });
  await expect(d.editor.age({ storeId: 's', id: name }, 60)).rejects.toMatchObject({
    problem: { kind: 'cannot-age', message: expect.stringContaining('_accessed_time') },
  });
  await d.workspace.close();
});

needs('redis')('a key of Redis', () => {
  it('that has ended by ageing comes back with its value and its time to live', async () => {
    const server = await startRedis();
    const redis = new RedisConnection({ kind: 'redis', host: '127.0.0.1', port: server.port, database: 0 });
    try {
      await redis.run('SET', `sess:${KEY}`, '{"cookie":{}}', 'PX', '100000');
      const store = await opened(`redis://127.0.0.1:${server.port}/0`);
      const d = await desk(path.join(folder, 'w.db'), { s: store });
      const edit = await d.editor.age({ storeId: 's', id: `sess:${KEY}` }, 3_600);
      expect(await redis.run('EXISTS', `sess:${KEY}`)).toBe(0);
      await d.undo.undo(edit.editId);
      expect(String(await redis.run('GET', `sess:${KEY}`))).toBe('{"cookie":{}}');
      expect(Number(await redis.run('PTTL', `sess:${KEY}`))).toBeGreaterThan(50_000);
      await d.workspace.close();
    } finally {
      await redis.close();
      await server.stop();
    }
  });
});
