import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { httpDate } from '../../../../../core/cookies/set-cookie.ts';
import { makeConfig } from '../../../../../core/frameworks/webpy/session/config.ts';
import { debugProgram } from '../../../../../core/frameworks/webpy/session/debug-program.ts';
import { decodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { type RunningServer, serve } from '../../../../../core/frameworks/webpy/session/http-server.ts';
import { defaultParameters, type SessionParameters } from '../../../../../core/frameworks/webpy/session/parameters.ts';
import { decodeBase64, encodeBase64Lines } from '../../../../../core/python/python-base64.ts';
import { PythonError } from '../../../../../core/python/python-error.ts';
import { PyTuple } from '../../../../../core/python/python-types.ts';
import { transcriptProgram } from './transcript-program.ts';

interface Step {
  readonly label: string;
  readonly before: readonly string[];
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly from: string;
    readonly headers: [string, string][];
  };
  readonly response: {
    readonly status: number;
    readonly reason: string;
    readonly headers: [string, string][];
    readonly body: string;
    readonly body_truncated: boolean;
  };
  readonly store_after: Record<string, unknown>;
  readonly server_exception?: string;
}

interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly params: Record<string, unknown>;
  readonly initializer: 'dict' | 'callable';
  readonly debug: boolean;
  readonly steps: readonly Step[];
}

const fixture = new URL('../../../../fixtures/webpy/http/transcripts.json', import.meta.url);
const { scenarios } = JSON.parse(readFileSync(fixture, 'utf8')) as { scenarios: readonly Scenario[] };
const all = scenarios.reduce((sum, { steps }) => sum + steps.length, 0);
let same = 0;

/** One scenario on our own server: a movable clock instead of waiting, and a table of recorded ids to ours. */
class Replay {
  readonly dir = mkdtempSync(path.join(os.tmpdir(), 'transcript-'));
  readonly ids = new Map<string, string>();
  readonly errors: string[] = [];
  /** A whole second, so that dates are easy to compare. */
  now = 1_795_448_079_000;
  readonly #scenario: Scenario;
  #server: RunningServer | undefined;
  #good: Buffer = Buffer.alloc(0);

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  async start(): Promise<void> {
    const { params, initializer, debug } = this.#scenario;
    const parameters = { ...defaultParameters(), ...params } as SessionParameters;
    if (parameters.timeout === 'tuple') parameters.timeout = PyTuple.make([86400]);
    const config = makeConfig({ clock: () => this.now, sessionParameters: parameters });
    const program = () => transcriptProgram(this.sessions, config, initializer);
    const app = debug ? debugProgram(program) : program();
    app.onError = (error) => this.errors.push(String(error));
    this.#server = await serve(app);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  get sessions(): string {
    return path.join(this.dir, 'sessions');
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** The file of the scenario's first session. */
  get #file(): string {
    return path.join(this.sessions, [...this.ids.values()][0] ?? '');
  }

  async prepare(note: string): Promise<void> {
    const aged = /access time of the session's file set (\d+) seconds back/.exec(note);
    const replaced = /^session file replaced: (.*)$/.exec(note);
    if (aged !== null) {
      const then = this.now / 1000 - Number(aged[1]);
      utimesSync(this.#file, then, then);
    } else if (note.startsWith('server restarted')) {
      await this.stop();
      await this.start();
    } else if (note === '3.2 seconds later') this.now += 3200;
    else if (replaced !== null) this.#damage(replaced[1] ?? '');
    else if (note === 'session file restored') writeFileSync(this.#file, this.#good);
    else if (note === 'session file copied to the name c0ffee') {
      copyFileSync(this.#file, path.join(this.sessions, 'c0ffee'));
    } else throw new Error(`The transcript says something new: ${note}`);
  }

  #damage(how: string): void {
    if (this.#good.length === 0) this.#good = readFileSync(this.#file);
    const base64 = (bytes: Uint8Array) => Buffer.from(encodeBase64Lines(bytes), 'latin1');
    const damaged: Record<string, () => Buffer> = {
      'empty file': () => Buffer.alloc(0),
      'not base64 padding': () =>
        Buffer.from(
          this.#good
            .toString('latin1')
            .replace(/[=\n]+$/, '')
            .slice(0, -1),
          'latin1',
        ),
      'cut pickle': () => base64(decodeBase64(this.#good).subarray(0, 30)),
      'a list instead of a dict': () => base64(Buffer.from('\x80\x04]\x94K\x01a.', 'latin1')),
      'a class that does not exist': () => base64(Buffer.from('cno_such_module\nX\n.', 'latin1')),
    };
    const make = damaged[how];
    if (make === undefined) throw new Error(`The transcript damages a file in a new way: ${how}`);
    writeFileSync(this.#file, make());
  }

  /** A recorded text with our ids in the places of the recorded ones, also where they were bent. */
  ours(text: string): string {
    let result = text.replaceAll('127.0.0.1:8080', `127.0.0.1:${this.port}`);
    for (const [theirs, our] of this.ids) {
      const percent = (id: string) => `%${id.charCodeAt(0).toString(16).toUpperCase()}${id.slice(1)}`;
      const changed = our.endsWith('0') ? '1' : '0';
      result = result
        .replaceAll(percent(theirs), percent(our))
        .replaceAll(theirs, our)
        .replaceAll(theirs.toUpperCase(), our.toUpperCase())
        .replaceAll(new RegExp(`${theirs.slice(0, -1)}[0-9a-f]`, 'g'), our.slice(0, -1) + changed)
        .replaceAll(theirs.slice(0, 20), our.slice(0, 20));
    }
    return result;
  }

  send(step: Step): Promise<{ status: number; reason: string; headers: [string, string][]; body: Buffer }> {
    const { method, path: target, from, headers } = step.request;
    return new Promise((resolve, reject) => {
      const asked = httpRequest({
        host: '127.0.0.1',
        port: this.port,
        localAddress: from,
        method,
        path: target,
        agent: false,
        headers: headers.flatMap(([name, value]) => [name, this.ours(value)]),
      });
      asked.on('error', reject).on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
        response.on('end', () => {
          const raw = response.rawHeaders;
          const pairs = raw.flatMap((name, at): [string, string][] =>
            at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : [],
          );
          const { statusCode = 0, statusMessage = '' } = response;
          resolve({ status: statusCode, reason: statusMessage, headers: pairs, body: Buffer.concat(parts) });
        });
      });
      asked.end();
    });
  }

  /** Learns our ids for recorded ones from two Set-Cookie values in the same place. */
  learn(theirs: readonly [string, string][], ours: readonly [string, string][]): void {
    const id = /^[^=;]+=([0-9a-f]{40})(?:;|$)/;
    const set = (headers: readonly [string, string][]) =>
      headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => id.exec(value)?.[1]);
    const our = set(ours);
    set(theirs).forEach((recorded, at) => {
      if (recorded !== undefined && our[at] !== undefined && !this.ids.has(recorded)) this.ids.set(recorded, our[at]);
    });
  }

  /** What every file holds, as the transcripts note it. */
  store(): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const name of readdirSync(this.sessions)) {
      const bytes = look(path.join(this.sessions, name));
      try {
        found[name] = JSON.parse(JSON.stringify(decodeSession(bytes)));
      } catch (error) {
        if (!(error instanceof PythonError)) throw error;
        found[name] = `undecodable: ${error.pythonName.split('.').at(-1)}`;
      }
    }
    return found;
  }
}

/** Reads a file and leaves its access time, which is what the cleanup goes by. */
function look(file: string): Buffer {
  const { atimeMs, mtimeMs } = statSync(file);
  const bytes = readFileSync(file);
  utimesSync(file, atimeMs / 1000, mtimeMs / 1000);
  return bytes;
}

const comparable = (headers: readonly [string, string][]) =>
  headers.filter(([name]) => name !== 'Date' && name !== 'Server');

describe('[F1] recorded requests of the real web.py, replayed over HTTP', () => {
  for (const scenario of scenarios) {
    it(`${scenario.name}: ${scenario.title}`, async () => {
      const replay = new Replay(scenario);
      await replay.start();
      try {
        for (const step of scenario.steps) {
          for (const note of step.before) await replay.prepare(note);
          replay.errors.length = 0;
          const answer = await replay.send(step);
          replay.learn(step.response.headers, answer.headers);
          compare(replay, step, answer);
          same++;
        }
      } finally {
        await replay.stop();
        rmSync(replay.dir, { recursive: true, force: true });
      }
    });
  }

  afterAll(() => {
    console.log(`Recorded requests answered alike (status, headers, body, store): ${same}/${all}`);
    expect(all).toBe(126);
  });
});

function compare(replay: Replay, step: Step, answer: Awaited<ReturnType<Replay['send']>>): void {
  const { response } = step;
  const deleted = `expires=${httpDate(replay.now - 1_000_000_000_000)}`;
  const headers = comparable(response.headers).map(([name, value]) => [
    name,
    replay.ours(value).replace(/expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/, deleted),
  ]);
  const body = answer.body.toString('utf8');
  expect(
    {
      status: answer.status,
      reason: answer.reason,
      headers: comparable(answer.headers),
      body: response.body_truncated ? body.slice(0, response.body.length) : body,
    },
    step.label,
  ).toEqual({ status: response.status, reason: response.reason, headers, body: response.body });
  if (response.body_truncated) expect(answer.body.length).toBeGreaterThan(response.body.length);
  expect(replay.store(), step.label).toEqual(storeInOurs(replay, step));
  if (step.server_exception === undefined) expect(replay.errors, step.label).toEqual([]);
  else expect(exception(replay.errors.at(-1)), step.label).toBe(exception(step.server_exception));
}

function storeInOurs(replay: Replay, step: Step): unknown {
  const store = JSON.parse(replay.ours(JSON.stringify(step.store_after))) as Record<string, unknown>;
  for (const [name, value] of Object.entries(store)) {
    // CPython imports the class and fails; here it is a name, and the request fails because a class is no mapping.
    if (value === 'undecodable: ModuleNotFoundError') store[name] = { t: 'global', name: 'no_such_module.X' };
  }
  return store;
}

/** Messages that quote the program's own names differ: there only the exception counts. */
function exception(line: string | undefined): string | undefined {
  if (line === undefined) return line;
  if (line.startsWith("AttributeError: Can't pickle")) return 'AttributeError';
  return line.startsWith('ZeroDivisionError') || line === 'Error: handler failed' ? 'the handler' : line;
}
