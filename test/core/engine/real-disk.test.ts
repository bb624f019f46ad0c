import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleRecord } from '../../contract/samples.ts';
import { needs } from '../../support/needs.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
const ROOT = path.resolve(import.meta.dirname, '../../..');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in a mount namespace of its own, after `mounting` made `folder` what the test needs. */
function mounted(mounting: string, ...command: string[]): string {
  const words = [
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    `${mounting} && shift && exec "$@"`,
    'sh',
    folder,
    ...command,
  ];
  return execFileSync('unshare', words, { cwd: ROOT, encoding: 'utf8', timeout: 120_000 });
}

needs('mounts')('a disk that is really full', () => {
  it('traffic goes on, nothing is acknowledged that is not saved, and all goes on when there is room', () => {
    writeFileSync(path.join(folder, 'record'), sampleRecord(ID, 41));
    const mounting =
      'mkdir -p "$1.disk" && cp "$1/record" "$1.disk/record" && mount -t tmpfs -o size=6m none "$1" && ' +
      `mkdir "$1/sessions" && cp "$1.disk/record" "$1/sessions/${ID}" && rm -r "$1.disk"`;
    const child = path.join(ROOT, 'test/support/engine-on-full-disk.ts');
    const seen = JSON.parse(mounted(mounting, process.execPath, child, folder, ID).trim().split('\n').at(-1) ?? '');
    const refused = { kind: 'workspace-not-saved', message: expect.stringContaining('the disk is full') };
    expect(seen).toMatchObject({
      statuses: [200],
      full: { settings: refused, rule: refused, edit: refused },
      untouched: true,
      leftBeside: [ID],
      room: { visit: 200, settings: 'acknowledged', edit: 'acknowledged', values: { language: 'en' } },
    });
    const messages = seen.notices.map(({ message }: { message: string }) => message);
    expect(messages).toEqual([
      expect.stringMatching(/could not be saved: the disk is full .*; it will be tried again$/),
      'The workspace is saved again',
    ]);
  });
});

needs('mounts')('a data folder that is really read-only', () => {
  it('web mode says so in a sentence and starts nothing', () => {
    mkdirSync(path.join(folder, 'data'));
    const mounting = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"';
    const main = path.join(ROOT, 'cli/main.ts');
    const serve = `"${process.execPath}" "${main}" serve --port 0 --proxy-port 0 --data "${folder}/data" 2>&1; echo "status $?"`;
    const output = mounted(mounting, 'sh', '-c', serve);
    expect(output).toMatch(/is on a read-only file system/);
    expect(output).not.toMatch(/\n\s+at |Error:/);
    expect(output).toMatch(/status [1-9]/);
    expect(readdirSync(path.join(folder, 'data'))).toEqual([]);
  });

  it.each(['decode FILE', 'sessions ls', 'sessions set'])('%s on a read-only folder', (name) => {
    mkdirSync(path.join(folder, 'sessions'));
    writeFileSync(path.join(folder, 'sessions', ID), sampleRecord(ID, 41));
    const mounting = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"';
    const words = {
      'decode FILE': ['decode', path.join(folder, 'sessions', ID)],
      'sessions ls': ['sessions', 'ls', `disk:${folder}/sessions`],
      'sessions set': ['sessions', 'set', `disk:${folder}/sessions`, ID, 'count', '42', '--data', `${folder}/log`],
    }[name];
    const main = `"${process.execPath}" "${path.join(ROOT, 'cli/main.ts')}"`;
    const line = words?.map((word) => `"${word}"`).join(' ');
    const output = mounted(mounting, 'sh', '-c', `${main} ${line} 2>&1; echo "status $?"`);
    expect(output).not.toMatch(/\n\s+at /);
    if (name === 'sessions set') {
      expect(output).toMatch(/is on a read-only file system/);
      expect(output).toMatch(/status 2/);
    } else {
      expect(output).toContain('41');
      expect(output).toMatch(/status 0/);
    }
  });
});
