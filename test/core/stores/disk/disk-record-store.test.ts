import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode } from '../../../../core/codec/codec.ts';
import { openRecordStore } from '../../../../core/frameworks/stores.ts';
import { webpyFiles } from '../../../../core/frameworks/webpy/layouts.ts';
import { DiskRecordStore } from '../../../../core/stores/disk/disk-record-store.ts';
import { tempFolder } from '../../../contract/places.ts';
import { all } from '../../../contract/record-store.ts';
import { sampleRecord } from '../../../contract/samples.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/webpy/disk');
const DAY_S = 86_400;

interface Expected {
  readonly sessions: readonly { name: string; session_id: string; file_bytes: number; sha256: string }[];
  readonly odd: readonly { file: string; name: string; decode: { value?: unknown; error?: string } }[];
}
const expected = JSON.parse(fs.readFileSync(path.join(FIXTURES, 'expected.json'), 'utf8')) as Expected;

let folder: string;
let root: string;
let store: DiskRecordStore;

beforeEach(async () => {
  folder = tempFolder();
  root = path.join(folder, 'sessions');
  fs.mkdirSync(root);
  store = new DiskRecordStore(root, { url: `disk:${root}`, layouts: [webpyFiles] });
  await store.check();
});
afterEach(async () => {
  await store.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const file = (id: string) => path.join(root, id);
const put = (id: string, count = 1) => fs.writeFileSync(file(id), sampleRecord(id, count));
const listing = async () => new Map((await all(store.list())).map((line) => [line.id, line]));

describe('the fixtures of a real DiskStore', () => {
  it('all 27 sessions read and decode as web.py wrote them', async () => {
    fs.cpSync(path.join(FIXTURES, 'sessions'), root, { recursive: true });
    const scanned = new Map((await all(store.scan())).map((one) => [one.listing.id, one]));
    expect(scanned.size).toBe(27);
    for (const session of expected.sessions) {
      const record = scanned.get(session.session_id)?.record;
      expect(record?.bytes.length).toBe(session.file_bytes);
      const bytes = record?.bytes ?? new Uint8Array();
      expect(createHash('sha256').update(bytes).digest('hex'), session.name).toBe(session.sha256);
      expect(decode(bytes, { as: ['base64', 'pickle'] }).error, session.name).toBeUndefined();
    }
  });

  it('all odd files are listed, and read as far as web.py can', async () => {
    fs.cpSync(path.join(FIXTURES, 'odd'), root, { recursive: true });
    const lines = await listing();
    // A stranger in the folder is no record: it is not listed, and cannot be read, changed or removed here.
    const strangers = expected.odd.filter(({ name }) => name === 'not_hex_name');
    expect(lines.size).toBe(expected.odd.length - strangers.length);
    for (const { file: name } of strangers) {
      expect(await store.read(name)).toBeUndefined();
      await expect(store.remove(name)).rejects.toMatchObject({ problem: { kind: 'bad-id' } });
      expect(fs.existsSync(file(name))).toBe(true);
    }
    for (const odd of expected.odd.filter((one) => !strangers.includes(one))) {
      const kind = { leftover_temp: 'leftover' }[odd.name];
      expect(lines.get(odd.file)?.problem?.kind, odd.name).toBe(kind);
      const record = await store.read(odd.file);
      const decoded = decode(record?.bytes ?? new Uint8Array(), { as: ['base64', 'pickle'] });
      if (odd.decode.error === undefined) expect(decoded.value, odd.name).toEqual(odd.decode.value);
      else expect(decoded.error, odd.name).toBeDefined();
    }
  });
});

describe('what else can stand in a session directory', () => {
  it('is listed with its reason, and stops nothing', async () => {
    put('abc1');
    fs.mkdirSync(file('dead'));
    fs.symlinkSync('nowhere', file('11'));
    fs.symlinkSync('12', file('12'));
    fs.symlinkSync('abc1', file('13'));
    execFileSync('mkfifo', [file('14')]);
    fs.writeFileSync(file('15'), '');
    fs.truncateSync(file('15'), 65 * 1024 * 1024);
    fs.writeFileSync(file('notes.txt'), 'x');
    fs.writeFileSync(file('abc1.CP Server Thread-3'), 'x');
    fs.writeFileSync(file('sessionscope-1-1.tmp'), 'x');
    fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'x');
    const lines = await listing();
    const kinds = Object.fromEntries([...lines].map(([id, line]) => [id, line.problem?.kind]));
    expect(kinds).toEqual({
      abc1: undefined,
      dead: 'not-a-file',
      '11': 'dangling-link',
      '12': 'not-a-file',
      '13': undefined,
      '14': 'not-a-file',
      '15': 'too-large',
      'abc1.CP Server Thread-3': 'leftover',
      'sessionscope-1-1.tmp': 'leftover',
    });
    for (const line of lines.values()) if (line.problem !== undefined) expect(line.problem.message).not.toBe('');
    const scanned = new Map((await all(store.scan())).map((one) => [one.listing.id, one]));
    expect(Object.fromEntries([...scanned].map(([id, one]) => [id, one.listing.problem?.kind]))).toEqual(kinds);
    expect(
      [...scanned]
        .filter(([, one]) => one.record !== undefined)
        .map(([id]) => id)
        .sort(),
    ).toEqual(['13', 'abc1', 'abc1.CP Server Thread-3', 'sessionscope-1-1.tmp'].sort());
    await expect(store.read('dead')).rejects.toMatchObject({ problem: { kind: 'not-a-file' } });
    await expect(store.read('14')).rejects.toMatchObject({ problem: { kind: 'not-a-file' } });
    await expect(store.read('15')).rejects.toMatchObject({ problem: { kind: 'too-large' } });
    await expect(store.remove('dead')).rejects.toMatchObject({ problem: { kind: 'not-a-file' } });
    expect(await store.read('11')).toBeUndefined();
    expect(await store.read('notes.txt')).toBeUndefined();
    expect(await store.remove('11')).toBe('written');
    expect(fs.existsSync(file('dead'))).toBe(true);
  });

  it('an id that is too long for a file name does not exist', async () => {
    expect(await store.read('a'.repeat(300))).toBeUndefined();
    expect(await store.replace('a'.repeat(300), new Uint8Array(), 'x')).toBe('gone');
    await expect(store.read('../sessions/abc')).rejects.toMatchObject({ problem: { kind: 'bad-id' } });
  });

  it('takes a linked record for what it leads to; an edit replaces the link, as a save of web.py does', async () => {
    fs.writeFileSync(path.join(folder, 'elsewhere'), sampleRecord('13', 1));
    fs.symlinkSync('../elsewhere', file('13'));
    const record = await store.read('13');
    expect(await store.replace('13', sampleRecord('13', 2), record?.revision ?? '')).toBe('written');
    expect(fs.lstatSync(file('13')).isSymbolicLink()).toBe(false);
    expect(fs.readFileSync(path.join(folder, 'elsewhere'))).toEqual(sampleRecord('13', 1));
  });
});

describe('access times', () => {
  it('stay when a session is listed, read, scanned, watched; a plain read would change them', async () => {
    put('abc1');
    const old = Date.now() / 1000 - 3 * DAY_S;
    fs.utimesSync(file('abc1'), old, old - 10);
    const before = fs.statSync(file('abc1'), { bigint: true });
    const stop = store.watch(() => {});
    await store.read('abc1');
    await all(store.list());
    await all(store.scan());
    stop();
    const after = fs.statSync(file('abc1'), { bigint: true });
    expect(after.atimeNs).toBe(before.atimeNs);
    expect(after.mtimeNs).toBe(before.mtimeNs);
    const mount = execFileSync('findmnt', ['-no', 'OPTIONS', '-T', root], { encoding: 'utf8' });
    if (!/noatime/.test(mount)) {
      fs.readFileSync(file('abc1'));
      expect(fs.statSync(file('abc1'), { bigint: true }).atimeNs).not.toBe(before.atimeNs);
    }
  });

  it.runIf(process.getuid?.() === 0)('a foreign file that the look had to touch says so', async () => {
    put('abc1');
    fs.chmodSync(folder, 0o755);
    const old = Date.now() / 1000 - 3 * DAY_S;
    fs.utimesSync(file('abc1'), old, old - 10);
    const asNobody = <T>(work: () => T): T => {
      process.seteuid?.(65_534);
      try {
        return work();
      } finally {
        process.seteuid?.(0);
      }
    };
    // `read` does its work before it gives its promise.
    const record = await asNobody(() => store.read('abc1'));
    expect(Buffer.from(record?.bytes ?? [])).toEqual(sampleRecord('abc1', 1));
    const touched = Math.abs(fs.statSync(file('abc1')).atimeMs / 1000 - old) > 1;
    expect(record?.extra?.['accessTime'] !== undefined).toBe(touched);
    expect(Math.abs((record?.lastUsed ?? 0) / 1000 - old)).toBeLessThan(0.001);
    const again = await asNobody(() => store.read('abc1'));
    expect(again?.extra?.['accessTime']).toBeUndefined();
  });

  it('an edit keeps access and modification time, mode and owner', async () => {
    put('abc1');
    fs.chmodSync(file('abc1'), 0o640);
    if (process.getuid?.() === 0) fs.chownSync(file('abc1'), 1234, 2345);
    const old = 1_700_000_000.125;
    fs.utimesSync(file('abc1'), old, old - 5);
    const record = await store.read('abc1');
    expect(await store.replace('abc1', sampleRecord('abc1', 2), record?.revision ?? '')).toBe('written');
    const stat = fs.statSync(file('abc1'));
    expect([stat.atimeMs, stat.mtimeMs, stat.mode & 0o777]).toEqual([old * 1000, (old - 5) * 1000, 0o640]);
    if (process.getuid?.() === 0) expect([stat.uid, stat.gid]).toEqual([1234, 2345]);
    expect(fs.readdirSync(root)).toEqual(['abc1']);
  });

  it('ageing moves the access time alone', async () => {
    put('abc1');
    const { mtimeMs } = fs.statSync(file('abc1'));
    const at = Date.now() - 90_000_000;
    expect(await store.setLastUsed('abc1', at)).toBe('written');
    const stat = fs.statSync(file('abc1'));
    expect(Math.abs(stat.atimeMs - at)).toBeLessThan(0.01);
    expect(Math.abs(stat.mtimeMs - mtimeMs)).toBeLessThan(0.01);
  });
});

describe('a large directory', () => {
  it('is read ahead by another thread: the same records, odd entries included, no access time changed', async () => {
    const old = Date.now() / 1000 - 3 * DAY_S;
    for (let n = 0; n < 3100; n++) {
      const id = n.toString(16).padStart(4, '0');
      put(id, n);
      fs.utimesSync(file(id), old - n, old - 10_000);
    }
    fs.mkdirSync(file('dead'));
    fs.symlinkSync('nowhere', file('11'));
    fs.symlinkSync('00ff', file('12'));
    fs.writeFileSync(file('15'), '');
    fs.truncateSync(file('15'), 65 * 1024 * 1024);
    fs.writeFileSync(file('notes.txt'), 'x'.repeat(3_000_000));
    const scanned = new Map((await all(store.scan())).map((one) => [one.listing.id, one]));
    const lines = await listing();
    expect(scanned.size).toBe(3104);
    for (const [id, line] of lines) {
      const one = scanned.get(id);
      expect(one?.listing).toEqual(line);
      const readable = line.problem === undefined || line.problem.kind === 'foreign-name';
      expect(one?.record === undefined).toBe(!readable);
      if (line.problem !== undefined || id.endsWith('7')) {
        expect(one?.record).toEqual(readable ? await store.read(id) : undefined);
      }
    }
    for (let n = 0; n < 3100; n += 97) {
      const { atimeMs } = fs.statSync(file(n.toString(16).padStart(4, '0')));
      expect(Math.abs(atimeMs / 1000 - (old - n))).toBeLessThan(0.001);
    }
  });

  it('can be left early, and stopped', async () => {
    for (let n = 0; n < 4000; n++) fs.writeFileSync(file(n.toString(16).padStart(4, '0')), 'x');
    let count = 0;
    for await (const _ of store.scan()) if (++count === 10) break;
    const abort = new AbortController();
    const stopped = async () => {
      for await (const _ of store.scan(abort.signal)) if (++count === 1000) abort.abort();
    };
    await expect(stopped()).rejects.toThrow(/abort/i);
    expect(count).toBeLessThan(3000);
  });
});

describe('watching', () => {
  it('goes on when the directory is removed and made again', async () => {
    const seen: (readonly string[] | undefined)[] = [];
    let told: () => void = () => {};
    const stop = store.watch((ids) => {
      seen.push(ids);
      told();
    });
    const next = () => new Promise<void>((done) => (told = done));
    let heard = next();
    put('abc1');
    await heard;
    expect(seen.flat()).toContain('abc1');
    heard = next();
    fs.rmSync(root, { recursive: true });
    await heard;
    fs.mkdirSync(root);
    seen.length = 0;
    // Found again by looking every second or two.
    while (!seen.some((ids) => ids === undefined || ids.includes('abc2'))) {
      heard = next();
      put('abc2');
      await heard;
    }
    stop();
    expect(await store.read('abc2')).toBeDefined();
  });
});

describe('opening', () => {
  it('says what is wrong', async () => {
    await expect(openRecordStore(`disk:${folder}/nothing`)).rejects.toMatchObject({
      problem: { kind: 'store-not-found', where: path.join(folder, 'nothing') },
    });
    put('abc1');
    await expect(openRecordStore(`disk:${file('abc1')}`)).rejects.toMatchObject({
      problem: { kind: 'store-not-found', message: expect.stringContaining('not a directory') },
    });
  });
});
