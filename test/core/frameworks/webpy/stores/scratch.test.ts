import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../../core/frameworks/stores.ts';
import { PROFILES } from '../../../../../core/frameworks/webpy/session/profiles.ts';
import { database } from '../../../../../core/frameworks/webpy/stores/database.ts';
import { openSandbox } from '../../../../../core/frameworks/webpy/stores/sandbox.ts';
import { removeLeftoverScratch, scratchCopy } from '../../../../../core/frameworks/webpy/stores/scratch.ts';
import { isLeftover, SCRATCH_PREFIX, scratchName } from '../../../../../core/frameworks/webpy/stores/scratch-names.ts';
import type { RecordStore } from '../../../../../core/model/record.ts';
import {
  diskPlace,
  dumbShelfPlace,
  memoryPlace,
  type RecordPlaceAt,
  serverPlace,
  sqlitePlace,
  sqliteShelfPlace,
  tempFolder,
} from '../../../../contract/places.ts';
import { all } from '../../../../contract/record-store.ts';
import { needs } from '../../../../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../../../../support/servers.ts';

const IDS = ['a1', 'a2', 'a3'];
const T0 = Date.UTC(2026, 5, 1, 12, 0, 0);

async function contents(store: RecordStore): Promise<unknown[]> {
  const scanned = await all((store as Required<RecordStore>).scan());
  return scanned
    .map(({ record }) => [record?.id, record?.revision, record?.lastUsed, record?.lastUsedText])
    .sort((a, b) => String(a[0]).localeCompare(String(b[0])));
}

function copies(makePlace: () => Promise<RecordPlaceAt>): void {
  it('has the same records and last uses, and nothing done to it reaches the original', async () => {
    const place = await makePlace();
    const store = await place.open();
    for (const [n, id] of IDS.entries()) await store.create(id, place.sample(id, n), T0 - n * 1000);
    const lastUse = await place.lastUse('a1');
    const before = await contents(store);
    const copy = await scratchCopy(place.url);
    expect(copy.url).not.toBe(store.url);
    const scratch = await openRecordStore(copy.url);
    expect(scratch.traits.kind).toBe(store.traits.kind);
    expect(await contents(scratch)).toEqual(before);
    expect(await place.lastUse('a1')).toBe(lastUse);
    await scratch.setLastUsed('a1', T0 - 86_400_000);
    expect(await scratch.remove('a2')).toBe('written');
    await scratch.create('a4', place.sample('a4', 1), T0);
    await scratch.close();
    expect(await contents(store)).toEqual(before);
    await copy.dispose();
    if (place.url.startsWith('memory:')) expect(await all((await openRecordStore(copy.url)).list())).toEqual([]);
    else await expect(openRecordStore(copy.url)).rejects.toMatchObject({ problem: { kind: expect.any(String) } });
    expect(await contents(store)).toEqual(before);
    await store.close();
    await place.dispose();
  });
}

describe('scratch copy of a directory', () => {
  copies(diskPlace);

  it('holds sub-directories, links, modes and times as well', async () => {
    const folder = tempFolder();
    const root = path.join(folder, 'sessions');
    fs.mkdirSync(path.join(root, 'sub'), { recursive: true });
    fs.writeFileSync(path.join(root, 'sub', 'inner'), 'x');
    fs.writeFileSync(path.join(root, 'a1'), 'y', { mode: 0o600 });
    fs.symlinkSync('nowhere', path.join(root, '11'));
    fs.utimesSync(path.join(root, 'sub'), 1000, 2000);
    fs.utimesSync(path.join(root, 'a1'), 3000, 4000);
    const copy = await scratchCopy(`disk:${root}`, { folder });
    const to = copy.url.slice('disk:'.length);
    expect(path.basename(path.dirname(to)).startsWith(SCRATCH_PREFIX)).toBe(true);
    expect(fs.readdirSync(to).sort()).toEqual(['11', 'a1', 'sub']);
    expect(fs.readlinkSync(path.join(to, '11'))).toBe('nowhere');
    const [sub, a1] = [fs.statSync(path.join(to, 'sub')), fs.statSync(path.join(to, 'a1'))];
    expect([sub.atimeMs, sub.mtimeMs]).toEqual([1_000_000, 2_000_000]);
    expect([a1.atimeMs, a1.mtimeMs, a1.mode & 0o777]).toEqual([3_000_000, 4_000_000, 0o600]);
    expect(fs.statSync(path.join(root, 'a1')).atimeMs).toBe(3_000_000);
    await copy.dispose();
    fs.rmSync(folder, { recursive: true });
  });
});
describe('scratch copy of an SQLite table', () => copies(() => sqlitePlace()));
describe('scratch copy of a MemoryStore', () => copies(memoryPlace));
describe('scratch copy of a dumb shelf', () => copies(dumbShelfPlace));
describe('scratch copy of an SQLite shelf', () => copies(sqliteShelfPlace));

for (const [name, start, dbn] of [
  ['postgres', startPostgres, 'postgres'],
  ['mariadb', startMariadb, 'mysql'],
] as const) {
  needs(name)(`scratch copy of a table on ${name}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());
    copies(() => serverPlace(server, 'timestamp', 'text'));

    benches(() => serverPlace(server, 'timestamp', 'text'));

    it('a table left by kill -9 in the middle of a question is removed, one in use is not', async () => {
      const place = await serverPlace(server, 'timestamp', 'text');
      const { host, port, user, password: pw, database: db } = server;
      const admin = database({ dbn, db, host, port, user, pw });
      const scratchTables = async () =>
        (
          await admin.query(
            `select table_name as name from information_schema.tables where table_name like '${SCRATCH_PREFIX}%'`,
          )
        ).map(({ name }) => name);
      const bench = await openSandbox(place.url);
      const [used] = await scratchTables();
      const folder = tempFolder();
      await dieInQuestion(place, folder);
      expect(await scratchTables()).toHaveLength(2);
      expect(await removeLeftoverScratch({ url: place.url, folder })).toHaveLength(1);
      expect(await scratchTables()).toEqual([used]);
      await bench.refresh(['a1']);
      await bench.dispose();
      expect(await scratchTables()).toEqual([]);
      await admin.close();
      await place.dispose();
      fs.rmSync(folder, { recursive: true });
    });
  });
}

/** Kills a process (by itself, in the middle of saving) that asks about a record of the place. */
async function dieInQuestion(place: RecordPlaceAt, folder: string): Promise<void> {
  const store = await place.open();
  await store.create('a1', place.sample('a1', 1), Date.now());
  const script = path.resolve('test/support/die-in-question.ts');
  const child = spawnSync(process.execPath, [script, place.url, 'a1', folder], { encoding: 'utf8' });
  expect(child.signal, child.stderr).toBe('SIGKILL');
  // The original is as it was.
  expect((await store.read('a1'))?.bytes).toEqual(place.sample('a1', 1));
  await store.close();
}

function benches(makePlace: () => Promise<RecordPlaceAt>): void {
  it('a bench holds what is asked about as it is now, and nothing done to it reaches the original', async () => {
    const place = await makePlace();
    const store = await place.open();
    for (const [n, id] of IDS.entries()) await store.create(id, place.sample(id, n), T0 - n * 1000);
    const lastUse = await place.lastUse('a1');
    const before = await contents(store);
    const bench = await openSandbox(place.url);
    await bench.refresh(['a1', 'a3', 'none']);
    const original = await store.read('a1');
    expect(await bench.look('a1')).toMatchObject({ bytes: original?.bytes, lastUsed: original?.lastUsed });
    expect(await bench.look('none')).toBeUndefined();
    const asStore = await bench.store({ clock: () => T0 + 60_000, profile: PROFILES['0.62'] });
    expect(await asStore.contains('a3')).toBe(true);
    await asStore.save('a9', new Map<unknown, unknown>([['session_id', 'a9']]));
    await asStore.cleanup(30);
    expect(await bench.look('a1')).toBeUndefined();
    expect((await bench.look('a9'))?.lastUsed).toBe(T0 + 60_000);
    expect(await contents(store)).toEqual(before);
    await bench.refresh(['a1']);
    expect((await bench.look('a1'))?.lastUsed).toBe(original?.lastUsed);
    expect(await bench.look('a9')).toBeUndefined();
    expect(await place.lastUse('a1')).toBe(lastUse);
    await bench.dispose();
    expect(await contents(store)).toEqual(before);
    await store.close();
    await place.dispose();
  });
}

describe('bench of a directory', () => benches(diskPlace));
describe('bench of an SQLite table', () => benches(() => sqlitePlace()));
describe('bench of a MemoryStore', () => benches(memoryPlace));
describe('bench of a dumb shelf', () => benches(dumbShelfPlace));

describe('scratch folders left by a crash', () => {
  for (const [name, makePlace] of [
    ['directory', diskPlace],
    ['SQLite table', () => sqlitePlace()],
  ] as const) {
    it(`are removed after kill -9 in the middle of a question to a ${name}, those in use are not`, async () => {
      const folder = tempFolder();
      const place = await makePlace();
      const inUse = await scratchCopy(place.url, { folder });
      const [kept] = fs.readdirSync(folder);
      fs.mkdirSync(path.join(folder, 'something-else'));
      expect(await removeLeftoverScratch({ folder })).toEqual([]);
      await dieInQuestion(place, folder);
      expect(fs.readdirSync(folder)).toHaveLength(3);
      expect(await removeLeftoverScratch({ folder })).toHaveLength(1);
      expect(fs.readdirSync(folder).sort()).toEqual([kept, 'something-else'].sort());
      await inUse.dispose();
      expect(fs.readdirSync(folder)).toEqual(['something-else']);
      await place.dispose();
      fs.rmSync(folder, { recursive: true });
    });
  }

  it('of another machine are left alone for a day; no two names are alike', () => {
    const now = Date.now();
    const mine = scratchName(() => now);
    const foreign = mine.replace(/_[0-9a-f]{6}_/, '_zzzzzz_');
    expect(isLeftover(foreign, now + 3_600_000)).toBe(false);
    expect(isLeftover(foreign, now + 86_400_000)).toBe(true);
    expect(isLeftover(mine, now + 86_400_000)).toBe(false);
    expect(isLeftover('sessions', now)).toBe(false);
    expect(mine.length).toBeLessThanOrEqual(63);
    expect(new Set(Array.from({ length: 1_000 }, () => scratchName(() => now))).size).toBe(1_000);
  });
});
