import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskStore } from '../../../../../core/frameworks/webpy/stores/disk-store.ts';
import type { Problem } from '../../../../../core/model/problem.ts';
import { PythonError } from '../../../../../core/python/python-error.ts';
import { tempFolder } from '../../../../contract/places.ts';
import { needs } from '../../../../support/needs.ts';

/** What only DiskStore does; what all stores do is in `test/contract/session-stores.test.ts`. */

const ID = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3';
const DAY_S = 86_400;
let folder: string;
let root: string;

beforeEach(() => {
  folder = tempFolder();
  root = path.join(folder, 'deep/sessions');
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const data = (count: number) =>
  new Map<unknown, unknown>([
    ['session_id', ID],
    ['count', count],
    ['ip', '127.0.0.1'],
  ]);
const file = (id = ID) => path.join(root, id);
const old = (id: string, seconds = DAY_S + 1) => {
  const at = Date.now() / 1000 - seconds;
  fs.utimesSync(file(id), at, at);
};

describe('DiskStore', () => {
  it('makes the directory with its parents; a missing one is no error later', async () => {
    const store = new DiskStore(root);
    expect(fs.statSync(root).isDirectory()).toBe(true);
    fs.rmSync(root, { recursive: true });
    await store.cleanup(1);
    expect(await store.contains(ID)).toBe(false);
    await store.save(ID, data(1));
    expect(fs.existsSync(root)).toBe(false);
  });

  it('writes base64 lines of 76 characters into a new file of mode 0666 less umask', async () => {
    const umask = process.umask(0o027);
    try {
      const store = new DiskStore(root);
      await store.save(ID, data(1));
      const first = fs.statSync(file());
      expect(first.mode & 0o777).toBe(0o640);
      const text = fs.readFileSync(file(), 'latin1');
      expect(text.endsWith('\n')).toBe(true);
      expect(
        text
          .split('\n')
          .slice(0, -2)
          .every((line) => line.length === 76),
      ).toBe(true);
      // A name that is held open shows that the old file was left whole.
      const fd = fs.openSync(file(), 'r');
      await store.save(ID, data(2));
      expect(fs.readFileSync(fd, 'latin1')).toBe(text);
      fs.closeSync(fd);
      expect(fs.statSync(file()).ino).not.toBe(first.ino);
      expect(fs.readdirSync(root)).toEqual([ID]);
    } finally {
      process.umask(umask);
    }
  });

  needs('webpy')('beside the real one', () => {
    it('its files are byte for byte those of web.py', async () => {
      const script = `
import sys, web.session
web.session.DiskStore(sys.argv[1])[sys.argv[2]] = {'session_id': sys.argv[2], 'count': 1, 'ip': '127.0.0.1'}`;
      const theirs = path.join(folder, 'theirs');
      execFileSync('/usr/bin/python3', ['-c', script, theirs, ID]);
      const store = new DiskStore(root);
      await store.save(ID, data(1));
      expect(fs.readFileSync(file())).toEqual(fs.readFileSync(path.join(theirs, ID)));
      expect(fs.statSync(file()).mode).toBe(fs.statSync(path.join(theirs, ID)).mode);
    });
  });

  it('refuses ids that lead elsewhere', async () => {
    const store = new DiskStore(root);
    for (const id of ['a/b', '../x', '..', '.', '', 'a\0b', 'a\\b']) {
      const error = await store.contains(id).catch((thrown: unknown) => thrown);
      expect(error, id).toBeInstanceOf(PythonError);
      expect(String(error)).toMatch(/^ValueError: Bad key: /);
    }
  });

  it('a directory of that name exists but cannot be loaded or removed', async () => {
    const store = new DiskStore(root);
    fs.mkdirSync(file('dead'));
    expect(await store.contains('dead')).toBe(true);
    expect(String(await store.load('dead').catch((error: unknown) => error))).toBe(
      `IsADirectoryError: [Errno 21] Is a directory: '${file('dead')}'`,
    );
    await expect(store.delete('dead')).rejects.toThrow(PythonError);
    const problems: Problem[] = [];
    await new DiskStore(root, { onProblem: (problem) => problems.push(problem) }).save('dead', data(1));
    expect(problems).toHaveLength(1);
    expect(fs.readdirSync(file('dead'))).toEqual([]);
    expect(fs.readdirSync(root)).toEqual(['dead']);
  });

  it('a pipe is not waited for', async () => {
    const store = new DiskStore(root);
    execFileSync('mkfifo', [file('beef')]);
    await expect(store.load('beef')).rejects.toThrow();
  });

  it("leaves the file system's access time alone to count, as web.py", async () => {
    const store = new DiskStore(root);
    await store.save(ID, data(1));
    old(ID, 2 * DAY_S);
    const before = fs.statSync(file()).atimeMs;
    await store.load(ID);
    const mount = execFileSync('findmnt', ['-no', 'OPTIONS', '-T', root], { encoding: 'utf8' });
    expect(fs.statSync(file()).atimeMs > before).toBe(!/noatime/.test(mount));
  });
});

describe("DiskStore's cleanup", () => {
  const everything = async (store: DiskStore) => {
    for (const id of ['aa', 'bb']) await store.save(id, data(1));
    fs.writeFileSync(file('notes.txt'), 'x');
    fs.writeFileSync(file('aa.CP Server Thread-7'), 'x');
    fs.mkdirSync(path.join(file('sub'), 'inner'), { recursive: true });
    fs.writeFileSync(path.join(file('sub'), 'inner', 'precious'), 'x');
    fs.mkdirSync(file('young'));
  };

  it('removes everything old: foreign files, leftovers, sub-directories with all in them', async () => {
    const store = new DiskStore(root);
    await everything(store);
    for (const id of ['aa', 'notes.txt', 'aa.CP Server Thread-7', 'sub']) old(id);
    await store.cleanup(DAY_S);
    expect(fs.readdirSync(root).sort()).toEqual(['bb', 'young']);
  });

  it('0.37 to 0.51 fail on an old sub-directory', async () => {
    const store = new DiskStore(root, { profile: '0.40' });
    await everything(store);
    old('sub');
    expect(String(await store.cleanup(DAY_S).catch((error: unknown) => error))).toMatch(/^IsADirectoryError/);
    expect(fs.existsSync(path.join(file('sub'), 'inner', 'precious'))).toBe(true);
  });

  it('fails on a dangling link as web.py does; `intended` does not', async () => {
    const store = new DiskStore(root);
    fs.symlinkSync('nowhere', file('11'));
    expect(String(await store.cleanup(DAY_S).catch((error: unknown) => error))).toBe(
      `FileNotFoundError: [Errno 2] No such file or directory: '${file('11')}'`,
    );
    await new DiskStore(root, { profile: 'intended' }).cleanup(DAY_S);
  });

  it('a linked directory is not followed', async () => {
    const store = new DiskStore(root);
    const outside = path.join(folder, 'outside');
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, 'precious'), 'x');
    const at = Date.now() / 1000 - 2 * DAY_S;
    fs.utimesSync(outside, at, at);
    fs.symlinkSync(outside, file('22'));
    expect(String(await store.cleanup(DAY_S).catch((error: unknown) => error))).toBe(
      'OSError: Cannot call rmtree on a symbolic link',
    );
    expect(fs.existsSync(path.join(outside, 'precious'))).toBe(true);
  });
});

describe('profiles', () => {
  it('0.37 writes protocol 0 straight into the file', async () => {
    const store = new DiskStore(root, { profile: '0.37' });
    await store.save(ID, data(1));
    const { ino } = fs.statSync(file());
    await store.save(ID, data(2));
    expect(fs.statSync(file()).ino).toBe(ino);
    expect(Buffer.from(fs.readFileSync(file(), 'latin1'), 'base64').toString('latin1')).toMatch(/^\(d/);
    expect((await store.load(ID)) as { count: number }).toMatchObject({ count: 2 });
  });

  it('0.40 writes protocol 3', async () => {
    await new DiskStore(root, { profile: '0.40' }).save(ID, data(1));
    expect([...Buffer.from(fs.readFileSync(file(), 'latin1'), 'base64').subarray(0, 2)]).toEqual([0x80, 3]);
  });
});
