import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../core/engine/engine.ts';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { openPracticeStore } from '../../core/frameworks/webpy/practice/open-practice-store.ts';
import { type PracticeSite, startPractice } from '../../core/frameworks/webpy/practice/start-practice.ts';
import type { Store } from '../../core/frameworks/webpy/session/store.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { logIn, snapshot } from '../support/lab-harness.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let folder: string;
let data: string;
let site: PracticeSite;
let store: Store;
let records: RecordStore;
let cookie: string;
let before: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-lab-killed-'));
  data = path.join(folder, 'data');
  const url = `disk:${path.join(folder, 'sessions')}`;
  store = await openPracticeStore(url);
  site = await startPractice({ store });
  records = await openRecordStore(url);
  writeFileSync(path.join(folder, 'nothing.yaml'), 'version: 1\nsimulated: [{ expect: accepted }]\n');
});
afterAll(async () => {
  await records.close();
  await site.close();
  await store.close?.();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  // Two visitors are logged in; the run is about one of them, or about a session of its own.
  cookie = await logIn({ origin: site.origin, cookieName: 'webpy_session_id', login: '/login/alice' });
  await logIn({ origin: site.origin, cookieName: 'webpy_session_id', login: '/login/bob' });
  before = await snapshot(records);
});

function start(...words: string[]): { child: ChildProcess; ended: Promise<{ status: number | null; err: string }> } {
  const child = spawn(process.execPath, [main, 'lab', 'run', ...words, '--yes', '--data', data], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, err }))) };
}

function policy(session: string): string {
  writeFileSync(
    path.join(folder, 'policy.yaml'),
    `version: 1
target: { origin: "${site.origin}", verification: /whoami, logout: /logout, ${session} }
store: disk:sessions
live:
  idle: 1h
  experiments: [idle-expiry, idle-limit, record-alone, logout, unknown-id, forged-id, malformed-id, path-like-id]
`,
  );
  return 'policy.yaml';
}

const count = () => readdirSync(path.join(folder, 'sessions')).length;
/** The record of the run's own session is away, aged, or written again. */
async function isChanged(): Promise<boolean> {
  const now = await records.read(cookie);
  return now === undefined || (now.lastUsed ?? 0) < Date.now() - 60_000;
}

describe('lab run, killed in the middle', () => {
  it.each<[when: string, session: 'given' | 'login', reached: () => boolean | Promise<boolean>]>([
    ['while canaries are planted', 'given', () => count() > 20],
    ['while the record is aged or away', 'given', async () => count() > 20 && (await isChanged())],
    ['while canaries are planted before the login', 'login', () => count() > 20],
    ['with a session of its own', 'login', async () => count() > 20 && Object.keys(await snapshot(records)).length > 0],
  ])('%s: the next run puts everything back', async (_, session, reached) => {
    const { child, ended } = start(
      policy(session === 'given' ? `cookies: { webpy_session_id: ${cookie} }` : 'login: /login/alice'),
    );
    const limit = Date.now() + 60_000;
    while (!(await reached())) {
      if (child.exitCode !== null || Date.now() > limit) throw new Error('the moment to kill it did not come');
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill('SIGKILL');
    expect((await ended).status).toBeNull();
    expect(await snapshot(records)).not.toEqual(before);
    const journals = readdirSync(path.join(data, 'lab')).filter((name) => name.endsWith('.json'));
    expect(journals).toHaveLength(1);
    expect(statSync(path.join(data, 'lab', journals[0] ?? '')).mode & 0o077).toBe(0);

    const { status, err } = await start('nothing.yaml').ended;
    expect(status).toBe(0);
    expect(err).toMatch(/^sessionscope: A run that was interrupted is undone: /);
    expect(await snapshot(records)).toEqual(before);
    expect(readdirSync(path.join(data, 'lab'))).toEqual([]);
  });

  it('the app puts everything back when it is started', async () => {
    const { child, ended } = start(policy(`cookies: { webpy_session_id: ${cookie} }`));
    await expect.poll(count, { timeout: 60_000, interval: 1 }).toBeGreaterThan(20);
    child.kill('SIGKILL');
    await ended;
    expect(await snapshot(records)).not.toEqual(before);
    const engine = await createEngine({ mode: 'web', version: '1.2.3', dataFolder: data, proxyPort: 0 });
    await engine.close();
    expect(await snapshot(records)).toEqual(before);
  });

  it('a run that goes on is left alone by another one', async () => {
    const { child, ended } = start(policy(`cookies: { webpy_session_id: ${cookie} }`));
    await expect.poll(count, { timeout: 60_000, interval: 1 }).toBeGreaterThan(20);
    const other = await start('nothing.yaml').ended;
    expect(other).toEqual({ status: 0, err: '' });
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    expect(await snapshot(records)).toEqual(before);
  });
});
