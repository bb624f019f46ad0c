import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordStore } from '../../../core/model/record.ts';
import { database } from '../../../core/stores/database.ts';
import { openRecordStore } from '../../../core/stores/open.ts';
import { removeLeftoverScratch, SCRATCH_PREFIX, scratchCopy } from '../../../core/stores/scratch.ts';
import {
  diskPlace,
  dumbShelfPlace,
  memoryPlace,
  type RecordPlaceAt,
  serverPlace,
  sqlitePlace,
  sqliteShelfPlace,
  tempFolder,
} from '../../contract/places.ts';
import { all } from '../../contract/record-store.ts';
import { needs } from '../../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../../support/servers.ts';

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

    it('those left by a crash are found by name and removed, the young ones only when asked', async () => {
      const place = await serverPlace(server, 'timestamp', 'text');
      const { host, port, user, password: pw, database: db } = server;
      const admin = database({ dbn, db, host, port, user, pw });
      const left = await scratchCopy(place.url);
      const table = new URL(left.url).searchParams.get('table');
      expect(table?.startsWith(SCRATCH_PREFIX)).toBe(true);
      const folder = tempFolder();
      expect(await removeLeftoverScratch({ url: place.url, folder })).toEqual([]);
      const later = () => Date.now() + 2 * 3_600_000;
      expect(await removeLeftoverScratch({ url: place.url, folder, clock: later })).toEqual([table]);
      await expect(admin.query(`select * from ${table}`)).rejects.toThrow();
      await left.dispose();
      await admin.close();
      await place.dispose();
      fs.rmSync(folder, { recursive: true });
    });
  });
}

describe('scratch folders left by a crash', () => {
  it('are removed once they are old', async () => {
    const folder = tempFolder();
    const place = await diskPlace();
    await scratchCopy(place.url, { folder });
    fs.mkdirSync(path.join(folder, 'something-else'));
    expect(await removeLeftoverScratch({ folder })).toEqual([]);
    const removed = await removeLeftoverScratch({ folder, clock: () => Date.now() + 2 * 3_600_000 });
    expect(removed).toHaveLength(1);
    expect(fs.readdirSync(folder)).toEqual(['something-else']);
    await place.dispose();
    fs.rmSync(folder, { recursive: true });
  });
});
