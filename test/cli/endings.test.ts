import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleRecord } from '../contract/samples.ts';

/* How commands end when their reader goes, when they are told to, and when they are killed: real pipes and signals. */

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(ROOT, 'cli/main.ts');
let folder: string;
let store: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'endings-'));
  mkdirSync(path.join(folder, 'sessions'));
  // More than a pipe holds.
  for (let n = 0; n < 1_500; n += 1) {
    const id = String(n).padStart(40, '0');
    writeFileSync(path.join(folder, 'sessions', id), sampleRecord(id, n));
  }
  store = `disk:${path.join(folder, 'sessions')}`;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('a reader that goes', () => {
  it.each(['', '--plain', '--csv', '--json'])(
    'sessions ls %s | head: status 141, and nothing is said',
    async (form) => {
      const line = `"$0" "$1" sessions ls "$2" ${form} | head -c 300 | wc -c; echo "status \${PIPESTATUS[0]}"`;
      const ran = await new Promise<{ out: string; err: string }>((done) => {
        execFile('bash', ['-c', line, process.execPath, MAIN, store], (_, out, err) => done({ out, err }));
      });
      expect(ran).toEqual({ out: '300\nstatus 141\n', err: '' });
    },
  );

  it('a disk that is full is said, with status 2', () => {
    const ran = spawnSync('bash', ['-c', '"$0" "$1" sessions ls "$2" > /dev/full', process.execPath, MAIN, store], {
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({
      status: 2,
      stderr: 'sessionscope: The output cannot be written: the disk is full\n',
    });
  });

  it('notes that nobody reads do not end the work', () => {
    const line = '"$0" "$1" sessions rm "$2" "$3" --data "$4" 2> >(exec true); echo "status $?"';
    const id = '0'.repeat(40);
    const data = path.join(folder, 'data-notes');
    const ran = spawnSync('bash', ['-c', line, process.execPath, MAIN, store, id, data], { encoding: 'utf8' });
    expect(ran.stdout).toContain('status 0\n');
    expect(existsSync(path.join(folder, 'sessions', id))).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s: status %d, and nothing is said', async (signal, status) => {
    const child = spawn(process.execPath, [MAIN, 'decode', '-'], { stdio: 'pipe' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
    // It is there when it takes its input.
    child.stdin.write('x'.repeat(1_000_000), () => child.kill(signal));
    child.stdin.on('error', () => {});
    expect(await once(child, 'exit')).toEqual([status, null]);
    expect(said).toBe('');
  });

  const inEdit = (signal: string, id: string, data: string) =>
    spawnSync(process.execPath, [path.join(ROOT, 'test/support/signal-in-edit.ts'), signal, store, id, data], {
      encoding: 'utf8',
    });
  const command = (...words: string[]) => spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
  const edits = (data: string) => JSON.parse(command('undo', '--list', '--json', '--data', data).stdout).edits;

  it('in the middle of an edit: it is finished first, and can be taken back', () => {
    const id = '1'.padStart(40, '0');
    const data = path.join(folder, 'data-signal');
    expect(inEdit('SIGINT', id, data)).toMatchObject({ status: 130, stdout: '', stderr: '' });
    const [edit, ...more] = edits(data);
    expect([edit, more]).toMatchObject([{ id, what: 'record-removed', state: 'applied' }, []]);
    expect(command('undo', edit.editId, '--data', data)).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(path.join(folder, 'sessions', id))).toBe(true);
  });

  it('that kills in the middle of an edit: the next command says what had been done, and it can be taken back', () => {
    const [id, other] = ['2', '3'].map((n) => n.padStart(40, '0')) as [string, string];
    const data = path.join(folder, 'data-kill');
    expect(inEdit('SIGKILL', id, data)).toMatchObject({ status: null, signal: 'SIGKILL', stdout: '', stderr: '' });
    const next = command('sessions', 'set', store, other, 'count', '7', '--data', data);
    expect(next.status).toBe(0);
    expect(next.stderr).toMatch(/had been written when the program ended\nedit /);
    const removed = edits(data).find((one: { id: string }) => one.id === id);
    expect(command('undo', removed.editId, '--data', data)).toMatchObject({ status: 0 });
    expect(existsSync(path.join(folder, 'sessions', id))).toBe(true);
  });

  it('a copy that was made for looking does not stay behind', async () => {
    const temporary = path.join(folder, 'temporary');
    mkdirSync(temporary);
    const script = `
      import { installEndings } from ${JSON.stringify(path.join(ROOT, 'cli/ending.ts'))};
      import { temporaryFolder } from ${JSON.stringify(path.join(ROOT, 'core/stores/temporary-folder.ts'))};
      installEndings();
      temporaryFolder('look-');
      console.log('there');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR: temporary },
    });
    await once(child.stdout, 'data');
    expect(readdirSync(temporary)).toHaveLength(1);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
