import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const dir = mkdtempSync(path.join(os.tmpdir(), 'practice-command-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Starts the command; gives its lines as they come, and how it ended. */
function start(...words: string[]) {
  const child = spawn(process.execPath, [main, 'practice', ...words], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<{ status: number | null; errors: string }>((resolve) =>
    child.once('close', (status) => resolve({ status, errors })),
  );
  return { child, ended, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

it('[P4] runs the site on a store and a profile until it is told to stop', async () => {
  const { child, ended, lines } = start('--port', '0', '--store', 'disk:sessions', '--profile', '0.40');
  const [, origin = ''] = /^Practice site: (http:\/\/127\.0\.0\.1:\d+)\/$/.exec((await lines.next()).value ?? '') ?? [];
  expect((await lines.next()).value).toBe('Sessions: disk:sessions');
  const answer = await fetch(`${origin}/count`);
  expect(await answer.text()).toBe('1');
  expect(answer.headers.getSetCookie()[0]).toMatch(/; expires=\w{3}, /);
  expect(readdirSync(path.join(dir, 'sessions'))).toHaveLength(1);
  child.kill('SIGTERM');
  expect(await ended).toEqual({ status: 0, errors: '' });
});

it.each([
  [['--profile', '9'], /Allowed choices are 0\.37, 0\.40, 0\.62, intended/],
  [['--port', 'x'], /a port is a whole number/],
  [['--store', 'nonsense:x'], /nonsense/],
])('[P5] %j is wrong use: exit status 2 and one line that says what', async (words, message) => {
  const { status, errors } = await start(...words).ended;
  expect(status).toBe(2);
  expect(errors).toMatch(message);
});
