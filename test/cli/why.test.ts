import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-why-test-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START = Date.parse('2026-03-01T10:00:00Z');
const LOGIN_PAGE = '<form><input type="password" name="p"></form>';

interface Entry {
  readonly at: number;
  readonly method?: string;
  readonly url: string;
  readonly cookie?: string;
  readonly set?: string;
  readonly status?: number;
  readonly location?: string;
  readonly body?: string;
}

/** A HAR as browsers save it. */
function har(name: string, entries: readonly Entry[]): string {
  const header = (field: string, value: string | undefined) => (value === undefined ? [] : [{ name: field, value }]);
  const log = {
    version: '1.2',
    creator: { name: 'WebInspector', version: '537.36' },
    pages: [],
    entries: entries.map(({ at, method = 'GET', url, cookie, set, status = 200, location, body = '' }) => ({
      startedDateTime: new Date(START + at).toISOString(),
      time: 12,
      request: {
        method,
        url,
        httpVersion: 'HTTP/1.1',
        headers: [...header('User-Agent', 'Mozilla/5.0'), ...header('Cookie', cookie)],
        queryString: [],
        cookies: [],
        headersSize: -1,
        bodySize: 0,
      },
      response: {
        status,
        statusText: '',
        httpVersion: 'HTTP/1.1',
        headers: [
          ...header('Content-Type', 'text/html'),
          ...header('Location', location),
          ...header('Set-Cookie', set),
        ],
        cookies: [],
        content: { size: body.length, mimeType: 'text/html', text: body },
        redirectURL: location ?? '',
        headersSize: -1,
        bodySize: body.length,
      },
      cache: {},
      timings: { send: 0, wait: 12, receive: 0 },
    })),
  };
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify({ log }));
  return file;
}

const why = (...words: string[]) =>
  spawnSync(process.execPath, [path.join(ROOT, 'cli/main.ts'), 'why', ...words], { encoding: 'utf8' });

const SID = 'sessionid=8a1f0c2d9b7e4a6f8c3d5e7f9a1b2c3d';
const ORIGIN = 'http://shop.test:8000';

test('a cookie that ran out, from a HAR: the answer, the evidence, exit status 0', () => {
  const file = har('expired.har', [
    { at: 0, method: 'POST', url: `${ORIGIN}/login`, status: 302, location: '/', set: `${SID}; Path=/; Max-Age=600` },
    { at: 100, url: `${ORIGIN}/`, cookie: SID, body: 'Hello alice' },
    { at: 3_600_000, url: `${ORIGIN}/`, body: LOGIN_PAGE },
  ]);
  const before = statSync(file);
  const run = why(file, '--json');
  expect(run.stderr).toBe('');
  const [session] = JSON.parse(run.stdout).sessions;
  expect(session).toMatchObject({ host: 'shop.test:8000', loss: { kind: 'not-sent' } });
  expect(session.causes[0]).toMatchObject({ id: 'cookie-ran-out', certainty: 'certain' });
  expect(session.answer).toContain('50 min');
  expect(run.status).toBe(0);
  // Looking is no use of the file.
  expect(statSync(file).atimeMs).toBe(before.atimeMs);
  expect(why(file).stdout).toContain('ran out 50 min before this request');
});

test('a session that goes on: exit status 1 and a sentence', () => {
  const file = har('fine.har', [
    { at: 0, method: 'POST', url: `${ORIGIN}/login`, status: 302, location: '/', set: `${SID}; Path=/` },
    { at: 100, url: `${ORIGIN}/`, cookie: SID, body: 'Hello alice' },
    { at: 200, url: `${ORIGIN}/news`, cookie: SID, body: 'News' },
  ]);
  const run = why(file);
  expect(run.stdout).toContain('No session of this recording was seen to end');
  expect(run.status).toBe(1);
});

test('what cannot be read is said, with what to give: exit status 2', () => {
  const missing = why(path.join(folder, 'no-such.har'));
  expect(missing.stderr).toMatch(/cannot be read.*Give a HAR/s);
  expect(missing.status).toBe(2);
  const other = path.join(folder, 'other.txt');
  writeFileSync(other, 'not a recording');
  utimesSync(other, 1, 1);
  const wrong = why(other);
  expect(wrong.stderr).toContain('HAR');
  expect(wrong.status).toBe(2);
  const unknown = why(har('one.har', [{ at: 0, url: `${ORIGIN}/`, set: `${SID}; Path=/` }]), '--session', 'zzz');
  expect(unknown.stderr).toContain('no session zzz');
  expect(unknown.status).toBe(2);
});

test('text of the recording cannot move the cursor', () => {
  const file = har('escape.har', [
    { at: 0, method: 'POST', url: `${ORIGIN}/login`, status: 302, location: '/', set: `${SID}; Path=/; Max-Age=600` },
    { at: 100, url: `${ORIGIN}/`, cookie: SID, body: 'Hello alice' },
    { at: 3_600_000, url: `${ORIGIN}/\u001b]0;pwn\u0007`, body: LOGIN_PAGE },
  ]);
  const run = why(file);
  expect(run.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('the command stands in the help', () => {
  expect(execFileSync(process.execPath, [path.join(ROOT, 'cli/main.ts'), '--help'], { encoding: 'utf8' })).toMatch(
    /^ {2}why /m,
  );
});

test('--survive asks ahead', () => {
  const file = har('ahead.har', [
    {
      at: 0,
      method: 'POST',
      url: `${ORIGIN}/login`,
      status: 302,
      location: '/',
      set: `${SID}; Path=/; SameSite=Strict`,
    },
    { at: 100, url: `${ORIGIN}/`, cookie: SID, body: 'Hello alice' },
  ]);
  const { stdout, status } = why(file, '--survive');
  expect(stdout).toMatch(/a restart of the browser +no +sessionid has neither Max-Age nor Expires/);
  expect(stdout).toMatch(/a login redirect from another site +no /);
  expect(status).toBe(0);
  const [session] = JSON.parse(why(file, '--survive', '--json').stdout).sessions;
  expect(session.answers.map(({ trial }: { trial: string }) => trial)).toEqual([
    'browser-restart',
    'deploy',
    'night',
    'login-redirect',
    'embedded-frame',
  ]);
});
