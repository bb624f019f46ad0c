import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode } from '../../../../core/codec/codec.ts';
import { guessStoreUrl, openRecordStore } from '../../../../core/frameworks/stores.ts';
import { openSessionStore } from '../../../../core/frameworks/webpy/stores/open-session-store.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import { readBerkeleyHash } from '../../../../core/stores/shelf/berkeley-hash.ts';
import { parseDirectory, printDirectory } from '../../../../core/stores/shelf/dumb-directory.ts';
import { readGdbm } from '../../../../core/stores/shelf/gdbm.ts';
import { shelfTime, withShelfTime } from '../../../../core/stores/shelf/shelf-value.ts';
import { tempFolder } from '../../../contract/places.ts';
import { all } from '../../../contract/record-store.ts';
import { sampleShelfValue } from '../../../contract/samples.ts';
import { needs } from '../../../support/needs.ts';

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const python = (script: string, ...args: string[]) =>
  execFileSync('/usr/bin/python3', ['-c', script, ...args], { encoding: 'utf8' });

/** Opens a shelf on a given dbm in Python; SQLite as Python 3.13 does, which this Python does not have yet. */
const PRELUDE = `
import sys, pickle, shelve, json, web.session, dbm.dumb, dbm.ndbm, sqlite3, collections.abc, ctypes
class Sqlite(collections.abc.MutableMapping):
    def __init__(self, path):
        self.c = sqlite3.connect(path, isolation_level=None)
        self.c.execute('CREATE TABLE IF NOT EXISTS Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)')
    def __getitem__(self, k):
        r = self.c.execute('SELECT CAST(value AS BLOB) FROM Dict WHERE key = CAST(? AS BLOB)', (k,)).fetchone()
        if not r: raise KeyError(k)
        return r[0]
    def __setitem__(self, k, v): self.c.execute('REPLACE INTO Dict (key, value) VALUES (CAST(? AS BLOB), CAST(? AS BLOB))', (k, v))
    def __delitem__(self, k):
        if self.c.execute('DELETE FROM Dict WHERE key = CAST(? AS BLOB)', (k,)).rowcount < 1: raise KeyError(k)
    def __iter__(self): return (r[0] for r in self.c.execute('SELECT CAST(key AS BLOB) FROM Dict').fetchall())
    def __len__(self): return self.c.execute('SELECT count(*) FROM Dict').fetchone()[0]
    def close(self): self.c.close()
def open_shelf(kind, path):
    d = {'dumb': lambda: dbm.dumb.open(path, 'c'), 'ndbm': lambda: dbm.ndbm.open(path, 'c'), 'sqlite': lambda: Sqlite(path)}[kind]()
    return shelve.Shelf(d)
kind, path = sys.argv[1:3]
`;

const WRITE = `${PRELUDE}
shelf = open_shelf(kind, path)
store = web.session.ShelfStore(shelf)
for n in range(int(sys.argv[3])):
    k = '%04x' % n
    store[k] = {'session_id': k, 'count': n, 'ip': '127.0.0.1', 'text': 'x' * (n * 37 % 5000)}
store['b16'] = {'session_id': 'b16', 'text': 'y' * 100000, 'ip': None}
store["quo'te\\u4f60"] = {'count': 1}
del store['0001']
shelf.close()
`;

const READ = `${PRELUDE}
shelf = open_shelf(kind, path)
print(json.dumps({k: shelf[k] for k in shelf}))
`;

needs('webpy')("shelves of Python's shelve", () => {
  for (const kind of ['dumb', 'sqlite', 'ndbm'] as const) {
    it(`${kind}: every value that web.py's ShelfStore wrote is read, times included`, async () => {
      const base = path.join(folder, 'session.shelf');
      const started = Date.now();
      python(WRITE, kind, base, '300');
      const store = await openRecordStore(await guessStoreUrl(kind === 'sqlite' ? base : `${base}`));
      expect(store.traits.kind).toBe('shelf');
      const scanned = new Map(
        (await all((store as Required<typeof store>).scan())).map((one) => [one.listing.id, one]),
      );
      expect(scanned.size).toBe(301);
      for (let n = 0; n < 300; n++) {
        const id = n.toString(16).padStart(4, '0');
        const one = scanned.get(id);
        if (n === 1) {
          expect(one).toBeUndefined();
          continue;
        }
        expect(one?.listing.problem).toBeUndefined();
        expect(one?.listing.lastUsed ?? 0).toBeGreaterThan(started - 1000);
        expect(one?.listing.lastUsed ?? 0).toBeLessThan(Date.now() + 1000);
        const { value, lossless } = decode(one?.record?.bytes ?? new Uint8Array(), { as: ['pickle'] });
        expect(lossless).toBe(true);
        expect(JSON.stringify(value)).toContain(`{"t":"int","v":"${n}"}`);
      }
      expect(scanned.get('b16')?.listing.bytes).toBeGreaterThan(100_000);
      expect(scanned.has("quo'te你")).toBe(true);
      expect((await store.read('00ff'))?.revision).toBe(scanned.get('00ff')?.record?.revision);
      await store.close();
    });
  }

  for (const kind of ['dumb', 'sqlite'] as const) {
    it(`${kind}: what our ShelfStore and the debugger write, Python reads`, async () => {
      const base = path.join(folder, 'session.shelf');
      python(WRITE, kind, base, '10');
      const store = await openSessionStore(`shelf:${base}`, { clock: () => 1_700_000_000_250 });
      expect(await store.load('0005')).toMatchObject({ count: 5 });
      await store.save(
        '0006',
        new Map<unknown, unknown>([
          ['count', 66],
          ['text', 'z'.repeat(3000)],
        ]),
      );
      await store.save('aaaa', new Map<unknown, unknown>([['count', 1]]));
      await store.delete('0007');
      await store.close?.();
      const records = await openRecordStore(`shelf:${base}`);
      expect(await records.setLastUsed('0008', 1_600_000_000_500)).toBe('written');
      const record = await records.read('0009');
      expect(await records.replace('0009', sampleShelfValue('0009', 99, 5.5), record?.revision ?? '')).toBe('written');
      await records.close();
      const now = JSON.parse(python(READ, kind, base)) as Record<string, [number, Record<string, unknown>]>;
      expect(now['0005']?.[0]).toBe(1_700_000_000.25);
      expect(now['0005']?.[1]).toMatchObject({ count: 5, session_id: '0005' });
      expect(now['0006']).toEqual([1_700_000_000.25, { count: 66, text: 'z'.repeat(3000) }]);
      expect(now['aaaa']).toEqual([1_700_000_000.25, { count: 1 }]);
      expect(now['0007']).toBeUndefined();
      expect(now['0008']?.[0]).toBe(1_600_000_000.5);
      expect(now['0008']?.[1]).toMatchObject({ count: 8 });
      expect(now['0009']).toEqual([5.5, { session_id: '0009', count: 99, ip: '127.0.0.1' }]);
      expect(Object.keys(now)).toHaveLength(11);
    });
  }

  it('ndbm: is only read, and says so', async () => {
    const base = path.join(folder, 'session.shelf');
    python(WRITE, 'ndbm', base, '5');
    const store = await openRecordStore(`shelf:${base}.db`);
    expect([store.traits.canWrite, store.traits.canAge]).toEqual([false, false]);
    const record = await store.read('0003');
    for (const work of [
      store.replace('0003', new Uint8Array(), record?.revision ?? ''),
      store.remove('0003'),
      store.setLastUsed('0003', 0),
      store.create('ffff', sampleShelfValue('ffff', 1, 1), 0),
    ]) {
      await expect(work).rejects.toMatchObject({
        problem: { kind: 'store-read-only', remedy: expect.stringContaining('dbm.dumb') },
      });
    }
    await store.close();
  });

  it('dumb: CPython goes on with files that we have changed', async () => {
    const base = path.join(folder, 'session.shelf');
    python(WRITE, 'dumb', base, '20');
    const records = await openRecordStore(`shelf:${base}`);
    for (let n = 2; n < 20; n++) {
      const id = n.toString(16).padStart(4, '0');
      const { revision } = (await records.read(id)) ?? { revision: '' };
      expect(await records.replace(id, sampleShelfValue('x'.repeat(n * 100), n, 1), revision)).toBe('written');
    }
    await records.remove('0002');
    await records.close();
    python(
      `${PRELUDE}
shelf = open_shelf(kind, path)
store = web.session.ShelfStore(shelf)
assert '0002' not in store
for n in range(3, 20):
    v = store['%04x' % n]
    assert v['count'] == n and v['session_id'] == 'x' * (n * 100), v
    v['count'] = n + 1; v['more'] = 'm' * 700
    store['%04x' % n] = v
shelf.close()`,
      'dumb',
      base,
    );
    const again = await openSessionStore(`shelf:${base}`);
    for (let n = 3; n < 20; n++)
      expect(await again.load(n.toString(16).padStart(4, '0'))).toMatchObject({ count: n + 1 });
    await again.close?.();
  });

  const gdbm = ['/usr/lib/x86_64-linux-gnu/libgdbm.so.6', '/usr/lib/aarch64-linux-gnu/libgdbm.so.6'].find((file) =>
    fs.existsSync(file),
  );
  it.skipIf(gdbm === undefined)('gdbm: files that the real library wrote are read', async () => {
    const base = path.join(folder, 'session.shelf');
    python(
      `
import sys, ctypes, pickle
lib = ctypes.CDLL(sys.argv[1])
class Datum(ctypes.Structure): _fields_ = [('p', ctypes.c_char_p), ('n', ctypes.c_int)]
lib.gdbm_open.restype = ctypes.c_void_p
lib.gdbm_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
lib.gdbm_store.argtypes = [ctypes.c_void_p, Datum, Datum, ctypes.c_int]
lib.gdbm_delete.argtypes = [ctypes.c_void_p, Datum]
lib.gdbm_close.argtypes = [ctypes.c_void_p]
f = lib.gdbm_open(sys.argv[2].encode(), 512, 3, 0o644, None)
for n in range(500):
    k = b'%04x' % n; v = pickle.dumps((1700000000.25 + n, {'session_id': k.decode(), 'count': n, 'text': 'x' * (n * 31 % 3000)}))
    assert lib.gdbm_store(f, Datum(k, len(k)), Datum(v, len(v)), 1) == 0
for n in range(0, 500, 10):
    k = b'%04x' % n; lib.gdbm_delete(f, Datum(k, len(k)))
lib.gdbm_close(f)`,
      gdbm ?? '',
      base,
    );
    const store = await openRecordStore(`shelf:${base}`);
    const lines = await all(store.list());
    expect(lines).toHaveLength(450);
    for (const line of lines) {
      const n = Number.parseInt(line.id, 16);
      expect(line.lastUsed).toBe(1_700_000_000_250 + n * 1000);
    }
    const record = await store.read('0007');
    expect(JSON.stringify(decode(record?.bytes ?? new Uint8Array(), { as: ['pickle'] }).value)).toContain('"v":"7"');
    await store.close();
  });
});

describe('the directory of dbm.dumb', () => {
  it('reads what it prints, whatever the key', () => {
    const key = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text).toString('latin1'));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(), fc.nat())), (rows) => {
        const index = new Map(rows.map(([name, position, size]) => [name, [position, size] as const]));
        expect(parseDirectory(printDirectory(index), 'x.dir')).toEqual(index);
      }),
    );
  });
  it.each(['junk', "'a', (1)", "'a' (1, 2)", "'a, (1, 2)", "'\\N{x}', (1, 2)"])('refuses the line %s', (line) => {
    expect(() => parseDirectory(line, 'x.dir')).toThrow(ProblemError);
  });
});

describe('the time of a shelf value', () => {
  const pickles = {
    'protocol 0': 'KEYxNzAwMDAwMDAwLjI1CihkcDAKVmEKcDEKSTEKc3AyCnRwMwou',
    'protocol 1': 'KEdB2VT8QBAAAH1xAFgBAAAAYXEBSwFzdHECLg==',
    'protocol 2': 'gAJHQdlU/EAQAAB9cQBYAQAAAGFxAUsBc4ZxAi4=',
    'protocol 4': 'gASVEwAAAAAAAABHQdlU/EAQAAB9lIwBYZRLAXOGlC4=',
  };
  for (const [name, b64] of Object.entries(pickles)) {
    it(`${name}: is read and exchanged, and every other byte stays`, () => {
      const bytes = Buffer.from(b64, 'base64');
      expect(shelfTime(bytes)?.seconds).toBe(1_700_000_000.25);
      const other = withShelfTime(bytes, 5, 'x');
      expect(shelfTime(other)?.seconds).toBe(5);
      expect(JSON.stringify(decode(other, { as: ['pickle'] }).value)).toContain('"v":"5.0"');
      expect(Buffer.from(withShelfTime(other, 1_700_000_000.25, 'x'))).toEqual(bytes);
    });
  }
  it('is not made up', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const time = shelfTime(bytes);
        if (time !== undefined) expect(time.end).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
    expect(() => withShelfTime(Buffer.from('I5\n.'), 1, 'x')).toThrow(/not begin with a time/);
  });
});

describe('files that are no shelf, or damaged', () => {
  it('are refused with a remedy', async () => {
    await expect(openRecordStore(`shelf:${folder}/none`)).rejects.toMatchObject({
      problem: { kind: 'store-not-found' },
    });
    fs.writeFileSync(`${folder}/old.db`, Buffer.from('00061561000000020000', 'hex'));
    await expect(openRecordStore(`shelf:${folder}/old`)).rejects.toMatchObject({
      problem: { kind: 'shelf-format', message: expect.stringContaining('1.85'), remedy: expect.any(String) },
    });
    fs.writeFileSync(`${folder}/text`, 'just text');
    await expect(openRecordStore(`shelf:${folder}/text`)).rejects.toMatchObject({ problem: { kind: 'shelf-format' } });
    fs.writeFileSync(`${folder}/bad.dir`, 'junk');
    fs.writeFileSync(`${folder}/bad.dat`, '');
    const bad = await openRecordStore(`shelf:${folder}/bad`);
    await expect(bad.read('a')).rejects.toMatchObject({ problem: { kind: 'store-damaged' } });
    fs.writeFileSync(`${folder}/short.dir`, "'a', (0, 100)\n");
    fs.writeFileSync(`${folder}/short.dat`, 'x');
    const short = await openRecordStore(`shelf:${folder}/short`);
    await expect(short.read('a')).rejects.toMatchObject({ problem: { kind: 'store-damaged' } });
    await expect(all(short.list())).rejects.toMatchObject({ problem: { kind: 'store-damaged' } });
  });

  needs('webpy')('fuzzed', () => {
    it('bytes of real files turned over never hang or crash the readers', () => {
      const base = path.join(folder, 'session.shelf');
      python(WRITE, 'ndbm', base, '60');
      const good = fs.readFileSync(`${base}.db`);
      expect(readBerkeleyHash(good, 'x').size).toBe(61);
      const gdbmHead = Buffer.alloc(4096);
      gdbmHead.writeUInt32LE(0x13579acf, 0);
      gdbmHead.writeBigInt64LE(1024n, 8);
      gdbmHead.writeInt32LE(512, 16);
      gdbmHead.writeInt32LE(20, 28);
      const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 30 });
      for (const [bytes, read] of [
        [good, readBerkeleyHash],
        [gdbmHead, readGdbm],
      ] as const) {
        fc.assert(
          fc.property(damage, fc.nat(), fc.boolean(), (changes, cut, cutOff) => {
            const bad = Buffer.from(bytes);
            for (const [at, value] of changes) bad[(at % 7 === 0 ? at : at % 4096) % bad.length] = value;
            try {
              read(cutOff ? bad.subarray(0, 64 + (cut % bad.length)) : bad, 'x');
            } catch (error) {
              if (!(error instanceof ProblemError) && !(error instanceof RangeError)) throw error;
            }
          }),
          { numRuns: 400 },
        );
      }
    });
  });
});
