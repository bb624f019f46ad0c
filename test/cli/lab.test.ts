import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMANDS, runCommand } from '../../cli/program.ts';
import { openPracticeStore } from '../../core/frameworks/webpy/practice/open-practice-store.ts';
import { type PracticeSite, startPractice } from '../../core/frameworks/webpy/practice/start-practice.ts';
import type { Store } from '../../core/frameworks/webpy/session/store.ts';
import { PYTHON } from '../support/cpython.ts';
import { needs } from '../support/needs.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const parseJunit = fileURLToPath(new URL('../support/parse_junit.py', import.meta.url));

let folder: string;
let site: PracticeSite;
let store: Store;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-lab-command-'));
  store = await openPracticeStore(`disk:${path.join(folder, 'sessions')}`);
  site = await startPractice({ store });
});
afterAll(async () => {
  await site.close();
  await store.close?.();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  // Whatever came of a run: no record of it is left, and nothing to undo.
  expect(readdirSync(path.join(folder, 'sessions'))).toEqual([]);
});

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `sessionscope lab …` as a process of its own, in the folder of the policies. */
function lab(
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> & { readonly child: ChildProcess } {
  const child = spawn(process.execPath, [main, 'lab', ...words], {
    cwd: folder,
    env: { ...process.env, XDG_CONFIG_HOME: path.join(folder, 'config'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ran>((resolve) => child.once('close', (status) => resolve({ status, out, err })));
  return Object.assign(ended, { child });
}

/** The same in this process, where nothing is asked of anybody; the folder is left out of what is said. */
async function here(words: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const placed = words.map((word) => (/\.(yaml|xml)$|^sessions$/.test(word) ? path.join(folder, word) : word));
    const status = await runCommand(['lab', ...placed], {
      version: '1.2.3',
      pageFolder: '',
      guard: { failures: 0, onFailure: () => {} },
    });
    const plain = (text: string) => text.replaceAll(`${folder}/`, '');
    return { status, out: plain(out), err: plain(err) };
  } finally {
    process.exitCode = before;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

function put(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

const policy = (more: string) => `version: 1
title: Practice <site> & more
target:
  origin: ${site.origin}
  verification: /whoami
  login: { method: POST, url: "/login?do=login:alice" }
  logout: /logout
store: disk:sessions
${more}`;

const GOOD = `simulated:
  - { name: kept, after: 23h, expect: accepted }
live:
  experiments: { record-alone: holds, logout: holds }
`;
const BAD = `simulated:
  - { name: kept, after: [23h, 25h], expect: accepted }
live:
  experiments: { record-alone: holds, address-change: holds }
`;

describe('lab run', () => {
  it('says what must be confirmed, and does nothing: exit status 2', async () => {
    const ran = await lab(['run', put('good.yaml', policy(GOOD))]);
    expect(ran.status).toBe(2);
    expect(ran.out).toBe('');
    expect(ran.err).toMatch(
      /^sessionscope: Nothing was run, because this must be confirmed first: .*POST http:\S+\/login\?do=login:alice is sent to log in; .*record-alone, logout write into .*; .*GET http:\S+\/logout logs the session out.*Give --yes, or write `confirm: true`/,
    );
    expect(ran.err.trim().split('\n')).toHaveLength(1);
  });

  it('all as expected: a table, exit status 0', async () => {
    const ran = await lab(['run', put('good.yaml', policy(GOOD)), '--yes']);
    expect(ran.err).toBe('');
    expect(ran.status).toBe(0);
    const lines = ran.out.split('\n');
    expect(lines[0]).toBe(`Practice <site> & more (${site.origin}, disk:${path.join(folder, 'sessions')})`);
    expect(lines[1]).toMatch(/^ {2}experiment +expected +got +time$/);
    expect(lines[2]).toMatch(/^✓ kept +accepted +accepted +\d+\.\d s$/);
    expect(lines[3]).toBe('    Used again after 23 h from 127.0.0.1, the session is accepted.');
    expect(lines[4]).toMatch(/^✓ record-alone +holds +holds +\d+\.\d s$/);
    expect(ran.out).toMatch(/\n3 as expected\n$/);
  });

  it('not as expected: exit status 1, with the same in JSON', async () => {
    const ran = await lab(['run', put('bad.yaml', policy(`${BAD}confirm: true\n`)), '--json']);
    expect(ran.status).toBe(1);
    expect(ran.err).toBe('');
    expect(ran.out.trim().split('\n')).toHaveLength(1);
    const document = JSON.parse(ran.out);
    expect(document).toMatchObject({
      version: 1,
      file: 'bad.yaml',
      passed: false,
      counts: { asExpected: 1, notAsExpected: 2, notAsked: 0 },
      policies: [
        {
          title: 'Practice <site> & more',
          passed: false,
          state: 'done',
          restored: true,
          target: { origin: site.origin, cookie: 'webpy_session_id' },
          simulated: [
            {
              name: 'kept',
              expected: ['accepted'],
              got: [
                { outcome: 'accepted', count: 1 },
                { outcome: 'new-session', count: 1 },
              ],
              asExpected: false,
              odd: [{ profile: '0.62', from: '127.0.0.1', timeout: 86_400, after: 90_000, outcome: 'new-session' }],
            },
          ],
          live: [
            { id: 'record-alone', expected: ['holds'], got: 'holds', asExpected: true },
            {
              id: 'address-change',
              expected: ['holds'],
              got: 'does-not-hold',
              asExpected: false,
              wstg: ['WSTG-v42-SESS-09'],
            },
          ],
          notAsked: [],
        },
      ],
    });
  });

  needs('python')('as JUnit', () => {
    it('is XML that says the same, with the evidence of failures', async () => {
      const two = `${policy(BAD)}---\n${policy(GOOD).replace('logout: holds', 'logout: does-not-hold')}`;
      const ran = await lab(['run', put('two.yaml', two), '--yes', '--junit', 'out.xml', '--report', 'out.html']);
      expect(ran.status).toBe(1);
      const { status, out } = await new Promise<Ran>((resolve) => {
        const child = spawn(PYTHON, [parseJunit]);
        let text = '';
        child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        child.once('close', (code) => resolve({ status: code, out: text, err: '' }));
        child.stdin.end(readFileSync(path.join(folder, 'out.xml')));
      });
      expect(status).toBe(0);
      const junit = JSON.parse(out);
      expect(junit).toMatchObject({ root: 'testsuites', tests: 6, failures: 3, errors: 0, skipped: 0 });
      const [first, second] = junit.suites;
      expect(first).toMatchObject({ name: 'Practice <site> & more', tests: 3, failures: 2 });
      expect(first.cases.map(({ name }: { name: string }) => name.split(':')[0])).toEqual([
        'kept',
        'record-alone',
        'address-change',
      ]);
      expect(first.cases[0].parts).toMatchObject([
        {
          kind: 'failure',
          message: expect.stringMatching(/^expected accepted, got 1 accepted, 1 new-session: 1 of 2/),
        },
      ]);
      expect(first.cases[1].parts).toEqual([]);
      const [failure] = first.cases[2].parts;
      expect(failure).toMatchObject({
        kind: 'failure',
        type: 'does-not-hold',
        message: expect.stringMatching(/^expected holds, got does-not-hold: From 127\.0\.0\.2/),
      });
      expect(failure.text).toMatch(
        /The same session from 127\.0\.0\.2: It looks like a response with the session[\s\S]*GET http:\S+\/whoami from 127\.0\.0\.2[\s\S]*200 OK[\s\S]*record: \d+ bytes/,
      );
      expect(second.cases[2].parts[0]).toMatchObject({ type: 'holds' });
      const page = readFileSync(path.join(folder, 'out.html'), 'utf8');
      expect(page).toContain('Practice &#60;site&#62; &#38; more');
      expect(page).toContain('✗ does not hold, expected holds.');
      expect(page).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)/);
    });
  });

  needs('python')('in a terminal', () => {
    it('shows how far it is, on a line that is taken away again', async () => {
      const inTerminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
      const words = [process.execPath, main, 'lab', 'run', put('good.yaml', policy(GOOD)), '--yes'];
      const env = { ...process.env, XDG_CONFIG_HOME: path.join(folder, 'config') };
      const child = spawn(PYTHON, ['-c', inTerminal, ...words], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      const status = await new Promise((resolve) => child.once('close', resolve));
      expect(status).toBe(0);
      expect(shown).toContain('\r\u001b[KPractice <site> & more: 1 of 3  kept');
      expect(shown).toMatch(/3 of 3 {2}logout\r\u001b\[KPractice <site> & more \(/);
    });
  });

  it('an application that is not there: exit status 2, and the rest of the documents is there', async () => {
    const file = put('gone.yaml', policy(GOOD).replace(site.origin, 'http://127.0.0.1:1'));
    const ran = await lab(['run', file, '--yes', '--json', '--junit', 'gone.xml']);
    expect(ran.status).toBe(2);
    const document = JSON.parse(ran.out);
    expect(document.policies[0]).toMatchObject({ state: 'failed', problem: { kind: 'login-failed' } });
    expect(document.policies[0].notAsked).toHaveLength(3);
    expect(readFileSync(path.join(folder, 'gone.xml'), 'utf8')).toMatch(/<error message="http:\S+ gave no answer/);
  });

  it('Ctrl-C cancels and undoes: exit status 130', async () => {
    const slow = `parameters: { timeout: 1d }
live:
  idle: 1h
  experiments: { idle-limit: does-not-hold, path-like-id: holds, oversized-id: holds }
`;
    const running = lab(['run', put('slow.yaml', policy(slow)), '--yes', '--json']);
    // Records of the run stand in the store: it is in the middle.
    await expect.poll(() => readdirSync(path.join(folder, 'sessions')).length, { timeout: 30_000 }).toBeGreaterThan(20);
    running.child.kill('SIGINT');
    const ran = await running;
    expect(ran.status).toBe(130);
    expect(ran.err).toBe('sessionscope: Cancelling, and putting everything back…\n');
    expect(JSON.parse(ran.out).policies[0]).toMatchObject({ state: 'cancelled', restored: true, passed: false });
    expect(readdirSync(path.join(folder, 'config', 'Sessionscope', 'lab'))).toEqual([]);
  });

  it.each<[string, () => string[], RegExp]>([
    [
      'a file that is not there',
      () => ['run', 'nowhere.yaml'],
      /^sessionscope: nowhere\.yaml cannot be read: there is no such file\n$/,
    ],
    ['a folder', () => ['run', 'sessions'], /^sessionscope: sessions cannot be read: it is a folder\n$/],
    ['no UTF-8', () => ['check', latin1('latin1.yaml')], /latin1\.yaml cannot be read: it is not UTF-8\n$/],
    [
      'mistakes',
      () => ['run', put('odd.yaml', 'version: 1\ntitel: x\nconfirm: 3\n')],
      /^odd\.yaml:2:1: There is no key "titel" here\. Did you mean title\?\nodd\.yaml:3:10: confirm: this is the number 3\. Give true or false\n$/,
    ],
    [
      'a variable that is not set',
      () => ['run', put('env.yaml', policy(GOOD).replace('disk:sessions', `\${NO_SUCH}`))],
      /^env\.yaml:8:8: The variable NO_SUCH is not set\./,
    ],
    ['no file', () => ['run'], /^sessionscope: POLICY is missing .*Usage: sessionscope lab run/],
    ['an unknown option', () => ['run', 'x', '--frob'], /There is no option --frob\b/],
    [
      'a report that cannot be written',
      () => [
        'run',
        put('sim.yaml', 'version: 1\nsimulated: [{ expect: accepted }]\n'),
        '--junit',
        'no/such/folder.xml',
      ],
      /no\/such\/folder\.xml cannot be written/,
    ],
  ])('%s is wrong use: exit status 2', async (_, words, message) => {
    const ran = await here(words());
    expect(ran.err).toMatch(message);
    expect(ran.status).toBe(2);
  });

  it('tells mistakes as JSON too', async () => {
    const ran = await here(['run', put('odd.yaml', 'version: 1\ntitel: x\n'), '--json']);
    expect(ran.status).toBe(2);
    expect(JSON.parse(ran.out)).toMatchObject({
      error: { kind: 'bad-policy', where: 'odd.yaml:2:1' },
      problems: [{ line: 2, column: 1, message: 'There is no key "titel" here', remedy: 'Did you mean title?' }],
    });
  });
});

describe('lab check, list and schema', () => {
  it('checks without running, and names the variables that are needed', async () => {
    expect(await here(['check', put('good.yaml', policy(GOOD))])).toEqual({
      status: 0,
      out: 'good.yaml: right; 1 policy, 1 simulated and 2 live experiments\n',
      err: '',
    });
    const unset = await here(['check', put('env.yaml', policy(GOOD).replace('disk:sessions', `\${NO_SUCH}`))]);
    expect(unset).toMatchObject({ status: 0, out: 'env.yaml: right; 1 policy\nNot set here: NO_SUCH\n' });
    const json = await here(['check', 'good.yaml', '--json']);
    expect(JSON.parse(json.out)).toEqual({
      file: 'good.yaml',
      policies: ['Practice <site> & more'],
      simulated: 1,
      live: 2,
      unset: [],
    });
  });

  it('lists the experiments with their numbers', async () => {
    const { status, out } = await here(['list']);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^EXPERIMENT .*\nidle-expiry +A session is refused once it has not been used for the idle time +request, record, age +WSTG-v42-SESS-07 +v5\.0\.0-7\.3\.1\n/,
    );
    const json = JSON.parse((await here(['list', '--json'])).out);
    expect(json.experiments[0]).toMatchObject({ id: 'idle-expiry', writes: true });
  });

  it('prints the schema', async () => {
    const { status, out } = await here(['schema']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      title: 'Sessionscope policy',
      type: 'object',
      additionalProperties: false,
    });
  });

  it('is a command that the desktop app knows', () => expect(COMMANDS).toContain('lab'));
});

function latin1(name: string): string {
  writeFileSync(path.join(folder, name), Buffer.from([0x61, 0xe9, 0x0a]));
  return name;
}
