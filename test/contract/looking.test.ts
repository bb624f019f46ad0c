import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeCommand } from '../../cli/run/values.ts';
import { guessStoreUrls, openRecordStore } from '../../core/frameworks/stores.ts';
import { scratchCopy } from '../../core/frameworks/webpy/stores/scratch.ts';
import { has } from '../support/needs.ts';
import { sampleRecord, sampleShelfValue } from './samples.ts';

/*
 * Looking changes nothing, whoever looks: every way of reading that exists, on every form of store that is a file, as
 * this user and as another one. Names, owners, modes, times and bytes of everything around are compared.
 */

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
const TABLE =
  'create table sessions (session_id char(128) unique not null, atime timestamp not null default current_timestamp, data text)';
/** So long ago that a mount with `relatime` moves the access time at the next read. */
const LONG_AGO = 1_600_000_000;

interface Place {
  readonly url: string;
  /** What the application does that has the store open. */
  readonly stop?: () => void;
}

let folder: string;
let app: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'looking-'));
  fs.chmodSync(folder, 0o755);
  app = path.join(folder, 'app');
  fs.mkdirSync(app);
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function database(mode: string): Database.Database {
  const db = new Database(path.join(app, 'app.db'));
  db.pragma(`journal_mode = ${mode}`);
  db.exec(TABLE);
  db.prepare('insert into sessions (session_id, data) values (?, ?)').run(ID, sampleRecord(ID, 7).toString());
  return db;
}

const sqliteUrl = () => `sqlite:${path.join(app, 'app.db')}?table=sessions`;

/** The files as they are now, in a folder of their own: what a crash at this moment leaves. */
function crashed(db: Database.Database, suffixes: readonly string[]): void {
  const left = path.join(folder, 'left');
  fs.mkdirSync(left);
  for (const suffix of ['', ...suffixes]) fs.copyFileSync(`${app}/app.db${suffix}`, `${left}/app.db${suffix}`);
  db.close();
  fs.rmSync(app, { recursive: true });
  fs.renameSync(left, app);
}

const PLACES: Readonly<Record<string, () => Place>> = {
  'a folder of session files': () => {
    fs.writeFileSync(path.join(app, ID), sampleRecord(ID, 7));
    return { url: `disk:${app}` };
  },
  ...Object.fromEntries(
    ['delete', 'truncate', 'persist', 'wal'].map((mode) => [
      `SQLite, journal mode ${mode}, at rest`,
      (): Place => {
        database(mode).close();
        return { url: sqliteUrl() };
      },
    ]),
  ),
  'SQLite, journal mode wal, in use': () => {
    const db = database('wal');
    return { url: sqliteUrl(), stop: () => db.close() };
  },
  'SQLite, journal mode delete, in the middle of a transaction': () => {
    const db = database('delete');
    db.exec('begin immediate');
    db.exec("insert into sessions (session_id, data) values ('abc', 'x')");
    return { url: sqliteUrl(), stop: () => db.close() };
  },
  'SQLite with a log that a crash left': () => {
    crashed(database('wal'), ['-wal']);
    return { url: sqliteUrl() };
  },
  'SQLite with a journal that a crash left': () => {
    const db = database('delete');
    db.pragma('cache_size = 5');
    const insert = db.prepare('insert into sessions (session_id, data) values (?, ?)');
    for (let n = 0; n < 200; n++) insert.run(`c0ffee${n}`, 'x'.repeat(3000));
    db.exec('begin');
    db.exec("update sessions set data = 'half done'");
    crashed(db, ['-journal']);
    return { url: sqliteUrl() };
  },
  'a shelf of dbm.dumb': () => {
    const value = sampleShelfValue(ID, 7, 1);
    fs.writeFileSync(path.join(app, 'shelf.dat'), value);
    fs.writeFileSync(path.join(app, 'shelf.dir'), `'${ID}', (0, ${value.length})\n`);
    return { url: `shelf:${path.join(app, 'shelf')}` };
  },
  'a shelf of dbm.sqlite3': () => {
    const db = new Database(path.join(app, 'shelf'));
    db.pragma('journal_mode = wal');
    db.exec('CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)');
    db.prepare('insert into Dict values (?, ?)').run(Buffer.from(ID), sampleShelfValue(ID, 7, 1));
    db.close();
    return { url: `shelf:${path.join(app, 'shelf')}` };
  },
};

/** Everything about a folder and what is in it. The time of the last look at a folder's own list is not a file's. */
function picture(root: string, accessTimes: boolean): string[] {
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .concat('')
    .sort()
    .map((name) => {
      const file = path.join(root, name);
      const stat = fs.lstatSync(file, { bigint: true });
      const bytes = stat.isFile() ? createHash('sha256').update(fs.readFileSync(file)).digest('hex') : '';
      const times = [stat.mtimeNs, ...(accessTimes && stat.isFile() ? [stat.atimeNs] : [])];
      return [name, stat.ino, stat.mode, stat.uid, stat.gid, stat.nlink, ...times, bytes].join(' ');
    });
}

/** The same before and after, although `picture` itself reads. */
function unchanged(root: string, accessTimes: boolean): () => void {
  const settle = () => {
    for (const name of fs.readdirSync(root)) {
      const file = path.join(root, name);
      const { mtimeNs } = fs.statSync(file, { bigint: true });
      execFileSync('touch', ['-a', '-d', `@${LONG_AGO}`, file]);
      expect(fs.statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs);
    }
  };
  const bytes = picture(root, false);
  settle();
  const stats = () =>
    fs.readdirSync(root).map((name) => `${name} ${fs.statSync(path.join(root, name), { bigint: true }).atimeNs}`);
  const times = stats();
  return () => {
    if (accessTimes) expect(stats()).toEqual(times);
    expect(picture(root, false)).toEqual(bytes);
  };
}

async function lookEverywhere(url: string): Promise<string[]> {
  const store = await openRecordStore(url, { pollMs: 20 });
  const ids: string[] = [];
  try {
    for await (const { id } of store.list()) ids.push(id);
    for await (const _ of store.scan?.() ?? []);
    for (const id of [...ids, 'c0ffee']) await store.read(id);
    const stop = store.watch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    stop();
  } finally {
    await store.close();
  }
  await guessStoreUrls(url.replace(/^\w+:/, '').replace(/\?.*$/, ''));
  const copy = await scratchCopy(url, { folder });
  await copy.dispose();
  return ids;
}

async function decodeEach(root: string): Promise<void> {
  for (const name of fs.readdirSync(root)) {
    const io = { stdin: (async function* () {})(), out: () => {}, err: () => {} };
    await decodeCommand(io, path.join(root, name), {});
  }
}

describe('looking leaves everything as it was', () => {
  for (const [what, make] of Object.entries(PLACES)) {
    it(`as this user: ${what}`, async () => {
      const { url, stop } = make();
      try {
        const check = unchanged(app, true);
        expect(await lookEverywhere(url)).toContain(ID);
        await decodeEach(app);
        check();
      } finally {
        stop?.();
      }
    });
  }

  const others = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
  for (const [what, make] of others ? Object.entries(PLACES) : []) {
    it(`as another user, while the application goes on: ${what}`, () => {
      const { url, stop } = make();
      try {
        const owner = 1001;
        const files = [app, ...fs.readdirSync(app).map((name) => path.join(app, name))];
        for (const file of files) fs.chownSync(file, owner, owner);
        // The folder may be written by anybody, so that whoever looks could leave something.
        fs.chmodSync(app, 0o777);
        const check = unchanged(app, false);
        const found = spawnSync(
          'setpriv',
          ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, 'test/support/look-as.ts', url],
          { encoding: 'utf8', env: { ...process.env, HOME: '/nonexistent' } },
        );
        expect(found.stderr).toBe('');
        expect(Number(found.stdout)).toBeGreaterThan(0);
        check();
        if (stop !== undefined || !has('python') || !url.startsWith('sqlite:')) return;
        const write = `import sqlite3; c = sqlite3.connect('${app}/app.db'); c.execute("insert into sessions (session_id) values ('new')"); c.commit()`;
        const wrote = spawnSync('setpriv', [`--reuid=${owner}`, '--clear-groups', '/usr/bin/python3', '-c', write]);
        expect(wrote.stderr.toString()).toBe('');
      } finally {
        stop?.();
      }
    });
  }
});

describe('a folder and files that may only be read', () => {
  it('give their sessions', async () => {
    database('wal').close();
    for (const name of fs.readdirSync(app)) fs.chmodSync(path.join(app, name), 0o444);
    fs.chmodSync(app, 0o555);
    expect(await lookEverywhere(sqliteUrl())).toEqual([ID]);
    fs.chmodSync(app, 0o755);
  });
});

describe('a write to a database in WAL mode that nobody has open', () => {
  it('leaves no file of ours, and the application can go on while the store stays attached', async () => {
    database('wal').close();
    const store = await openRecordStore(sqliteUrl(), { pollMs: 20 });
    const stop = store.watch(() => {});
    const record = await store.read(ID);
    expect(await store.replace(ID, sampleRecord(ID, 8), record?.revision ?? '')).toBe('written');
    expect(fs.readdirSync(app)).toEqual(['app.db']);
    const other = new Database(path.join(app, 'app.db'));
    other.prepare('update sessions set data = ? where session_id = ?').run(sampleRecord(ID, 9).toString(), ID);
    expect(Buffer.from((await store.read(ID))?.bytes ?? [])).toEqual(sampleRecord(ID, 9));
    other.close();
    stop();
    await store.close();
    expect(fs.readdirSync(app)).toEqual(['app.db']);
  });

  it('is seen at once, however quickly it follows a look', async () => {
    const db = database('wal');
    const store = await openRecordStore(sqliteUrl());
    for (let count = 0; count < 200; count++) {
      db.prepare('update sessions set data = ? where session_id = ?').run(sampleRecord(ID, count).toString(), ID);
      expect(Buffer.from((await store.read(ID))?.bytes ?? [])).toEqual(sampleRecord(ID, count));
    }
    db.close();
    await store.close();
  });
});
