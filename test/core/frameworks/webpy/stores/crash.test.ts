import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../../core/frameworks/stores.ts';
import { database } from '../../../../../core/frameworks/webpy/stores/database.ts';
import { DiskStore } from '../../../../../core/frameworks/webpy/stores/disk-store.ts';
import { openSessionStore } from '../../../../../core/frameworks/webpy/stores/open-session-store.ts';
import type { Problem } from '../../../../../core/model/problem.ts';
import { tempFolder } from '../../../../contract/places.ts';
import { all } from '../../../../contract/record-store.ts';
import { sampleRecord } from '../../../../contract/samples.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../../..');
const IDS = ['a1', 'a2', 'a3'];

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Saves forever, and says what was answered. The size of a record depends on its count, so that a torn one shows. */
const SAVER = `
import fs from 'node:fs';
const [root, url] = process.argv.slice(1);
const { openSessionStore } = await import(root + '/core/frameworks/webpy/stores/open-session-store.ts');
const store = await openSessionStore(url);
for (let count = 1; ; count++) {
  for (const id of ${JSON.stringify(IDS)}) {
    await store.save(id, new Map([['session_id', id], ['count', count], ['text', 'x'.repeat((count * 977) % 60000)], ['ip', '::1']]));
    fs.writeSync(1, id + ' ' + count + '\\n');
  }
}`;

/** The debugger's writes: guarded replacements. */
const EDITOR = `
import fs from 'node:fs';
const [root, url] = process.argv.slice(1);
const { openRecordStore } = await import(root + '/core/frameworks/stores.ts');
const { encodeSession } = await import(root + '/core/frameworks/webpy/session/encoding.ts');
const store = await openRecordStore(url);
for (let count = 1; ; count++) {
  for (const id of ${JSON.stringify(IDS)}) {
    const bytes = encodeSession(new Map([['session_id', id], ['count', count], ['text', 'x'.repeat((count * 977) % 60000)], ['ip', '::1']]));
    const record = await store.read(id);
    if (record === undefined) await store.create(id, bytes, Date.now());
    else if (await store.replace(id, bytes, record.revision) !== 'written') throw new Error('not written');
    fs.writeSync(1, id + ' ' + count + '\\n');
  }
}`;

/** Runs a saver and kills it with -9 after some answers; gives the last count answered for each id. */
async function killedSaver(script: string, url: string, answers: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ROOT, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const last = new Map<string, number>();
  let text = '';
  let errors = '';
  let seen = 0;
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', count = ''] = line.split(' ');
      last.set(id, Number(count));
      if (++seen === answers) child.kill('SIGKILL');
    }
  });
  await new Promise((done) => child.once('close', done));
  if (seen < answers) throw new Error(errors);
  return last;
}

async function checkAll(url: string, last: ReadonlyMap<string, number>): Promise<void> {
  const store = await openSessionStore(url);
  for (const id of IDS) {
    const value = (await store.load(id)) as { session_id: string; count: number; text: string };
    expect(value.session_id).toBe(id);
    expect(value.count).toBeGreaterThanOrEqual(last.get(id) ?? 0);
    expect(value.count).toBeLessThanOrEqual((last.get(id) ?? 0) + 1);
    expect(value.text.length).toBe((value.count * 977) % 60_000);
  }
  await store.close?.();
}

describe('kill -9 in the middle of saves: no torn record, nothing lost that was answered', () => {
  for (const [name, script] of [
    ['saves of the session core', SAVER],
    ['edits of the debugger', EDITOR],
  ] as const) {
    it(`DiskStore, ${name}`, async () => {
      const url = `disk:${folder}/sessions`;
      fs.mkdirSync(`${folder}/sessions`);
      for (const answers of [7, 100, 333, 334]) {
        const last = await killedSaver(script, url, answers);
        await checkAll(url, last);
        const records = await openRecordStore(url);
        for (const line of await all(records.list())) {
          expect(IDS.includes(line.id) ? undefined : 'leftover').toBe(line.problem?.kind);
        }
        await records.close();
        fs.rmSync(`${folder}/sessions`, { recursive: true });
        fs.mkdirSync(`${folder}/sessions`);
      }
    });

    it(`SQLite, ${name}`, async () => {
      for (const answers of [7, 40, 61]) {
        const db = database({ dbn: 'sqlite', db: `${folder}/${answers}.db` });
        await db.query(
          'create table sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)',
        );
        await db.close();
        const url = `sqlite:${folder}/${answers}.db`;
        await checkAll(url, await killedSaver(script, url, answers));
      }
    });

    it(`dumb shelf, ${name}`, async () => {
      // The debugger's bytes of a shelf are another form; the session core's saves are what is tried here.
      const url = `shelf:${folder}/shelf`;
      if (script !== SAVER) return;
      await checkAll(url, await killedSaver(script, url, 50));
    });
  }
});

const isRoot = process.getuid?.() === 0;

function canMount(): boolean {
  if (!isRoot || process.platform !== 'linux') return false;
  const probe = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    fs.rmSync(probe, { recursive: true, force: true });
  }
}

describe.runIf(canMount())('a full disk', () => {
  let small: string;
  beforeEach(() => {
    small = path.join(folder, 'small');
    fs.mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small]);
  });
  afterEach(() => {
    execFileSync('umount', ['-l', small]);
  });
  const fill = () => {
    const fd = fs.openSync(path.join(small, 'ffff'), 'w');
    try {
      for (;;) fs.writeSync(fd, Buffer.alloc(4096));
    } catch {
      // Full.
    }
    fs.closeSync(fd);
  };
  const data = (count: number, size: number) =>
    new Map<unknown, unknown>([
      ['session_id', 'a1'],
      ['count', count],
      ['text', 'x'.repeat(size)],
      ['ip', '::1'],
    ]);

  it('a save leaves the session that was there (web.py destroys it), and says so to who asks', async () => {
    const problems: Problem[] = [];
    const store = new DiskStore(small, { onProblem: (problem) => problems.push(problem) });
    await store.save('a1', data(1, 100));
    fill();
    await store.save('a1', data(2, 20_000));
    expect(problems).toMatchObject([{ kind: 'store-full' }]);
    expect(await store.load('a1')).toMatchObject({ count: 1 });
    expect(fs.readdirSync(small).sort()).toEqual(['a1', 'ffff']);
  });

  it('an edit is refused and changes nothing', async () => {
    fs.writeFileSync(path.join(small, 'a1'), sampleRecord('a1', 1));
    const records = await openRecordStore(`disk:${small}`);
    const before = await records.read('a1');
    fill();
    await expect(
      records.replace('a1', sampleRecord('y'.repeat(20_000), 2), before?.revision ?? ''),
    ).rejects.toMatchObject({ problem: { kind: 'store-full', remedy: expect.any(String) } });
    await expect(records.create('a2', sampleRecord('y'.repeat(20_000), 2), 0)).rejects.toMatchObject({
      problem: { kind: 'store-full' },
    });
    expect(await records.read('a1')).toEqual(before);
    expect(fs.readdirSync(small).sort()).toEqual(['a1', 'ffff']);
    await records.close();
  });

  it('SQLite says so too, and keeps what was there', async () => {
    const db = database({ dbn: 'sqlite', db: path.join(small, 'app.db') });
    await db.query('create table sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp, data text)');
    await db.close();
    const url = `sqlite:${small}/app.db`;
    const store = await openSessionStore(url);
    await store.save('a1', data(1, 100));
    fill();
    await expect(store.save('a1', data(2, 60_000))).rejects.toMatchObject({ problem: { kind: 'store-full' } });
    fs.rmSync(path.join(small, 'ffff'));
    expect(await store.load('a1')).toMatchObject({ count: 1 });
    await store.save('a1', data(2, 60_000));
    expect(await store.load('a1')).toMatchObject({ count: 2 });
    await store.close?.();
  });
});

describe.runIf(isRoot)('a directory that may not be written', () => {
  it('web.py passes over it: so do saves; edits are refused with a remedy; reading works', async () => {
    const root = path.join(folder, 'sessions');
    const problems: Problem[] = [];
    const store = new DiskStore(root, { onProblem: (problem) => problems.push(problem) });
    fs.writeFileSync(path.join(root, 'a1'), sampleRecord('a1', 1));
    fs.chmodSync(folder, 0o755);
    fs.chmodSync(root, 0o555);
    const records = await openRecordStore(`disk:${root}`);
    const { revision } = (await records.read('a1')) ?? { revision: '' };
    // Each call does its file work before it gives its promise, so that the user is back before anything else runs.
    const asNobody = <T>(work: () => Promise<T>): Promise<T> => {
      process.seteuid?.(65_534);
      try {
        return work();
      } finally {
        process.seteuid?.(0);
      }
    };
    await asNobody(() => store.save('a1', new Map<unknown, unknown>([['count', 2]])));
    expect(problems).toMatchObject([{ kind: 'store-read-only', remedy: expect.stringContaining('permission') }]);
    await expect(asNobody(() => records.replace('a1', sampleRecord('a1', 2), revision))).rejects.toMatchObject({
      problem: { kind: 'store-read-only' },
    });
    await expect(asNobody(() => records.remove('a1', revision))).rejects.toMatchObject({
      problem: { kind: 'store-read-only' },
    });
    await expect(asNobody(() => records.setLastUsed('a1', 0))).rejects.toMatchObject({
      problem: { kind: 'store-read-only' },
    });
    expect(await asNobody(() => store.load('a1'))).toMatchObject({ count: 1 });
    await records.close();
  });
});
