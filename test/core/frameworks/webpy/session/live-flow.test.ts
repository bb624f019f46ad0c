import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Application } from '../../../../../core/frameworks/webpy/session/application.ts';
import { makeConfig } from '../../../../../core/frameworks/webpy/session/config.ts';
import { decodeSession, encodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { type RunningServer, serve } from '../../../../../core/frameworks/webpy/session/http-server.ts';
import { defaultParameters } from '../../../../../core/frameworks/webpy/session/parameters.ts';
import { Session } from '../../../../../core/frameworks/webpy/session/session.ts';
import { input } from '../../../../../core/frameworks/webpy/session/web-api.ts';
import { DiskStore } from '../../../../../core/frameworks/webpy/stores/disk-store.ts';
import { needs } from '../../../../support/needs.ts';
import { seeded } from '../../../../support/random-typed.ts';
import { startWebpy } from '../../../../support/webpy/webpy.ts';

const REQUESTS = 150;
const root = mkdtempSync(path.join(os.tmpdir(), 'live-flow-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Our counterpart of `app_login.py`. */
function loginProgram(dir: string, parameters: object, errors: unknown[]): Promise<RunningServer> {
  class count {
    GET() {
      session.count += 1;
      return String(session.count);
    }
  }
  class reset {
    GET() {
      session.kill();
      return '';
    }
  }
  class login {
    async GET() {
      const i = input({ user: 'alice', rotate: '' });
      if (i['rotate'] !== '') {
        await session.store.delete(session.session_id);
        session.session_id = await session._generate_session_id();
      }
      session.user = i['user'];
      session.logged_in = true;
      return `hello ${i['user']}`;
    }
  }
  class whoami {
    GET() {
      return session.get('user', 'anonymous');
    }
  }
  const config = makeConfig({ sessionParameters: { ...defaultParameters(), ...parameters } });
  const urls = ['/count', 'count', '/reset', 'reset', '/login', 'login', '/logout', 'reset', '/whoami', 'whoami'];
  const app = new Application(urls, { count, reset, login, whoami }, config);
  app.onError = (error) => errors.push(error);
  const session = new Session(app, new DiskStore(dir), { count: 0 }, config);
  return serve(app);
}

interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly body: string;
}

function get(port: number, target: string, cookie: string | undefined, from: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = cookie === undefined ? {} : { Cookie: cookie };
    const asked = httpRequest({ host: '127.0.0.1', port, path: target, localAddress: from, headers, agent: false });
    asked.on('error', reject).on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, cookies: response.headers['set-cookie'] ?? [], body }),
      );
    });
    asked.end();
  });
}

/** One of the two servers, with the ids it has made; the n-th of one is the n-th of the other. */
interface Side {
  readonly port: number;
  readonly dir: string;
  readonly ids: string[];
}

/** Texts of one side with numbers in place of ids and without dates. */
function normal(side: Side, text: string): string {
  let result = text.replace(/expires=[^;]+GMT/, 'expires=PAST');
  for (const [at, id] of side.ids.entries()) result = result.replaceAll(id, `<${at}>`);
  return result;
}

function learn(side: Side, answer: Answer): void {
  const id = /=([0-9a-f]{40})(?:;|$)/.exec(answer.cookies[0] ?? '')?.[1];
  if (id !== undefined && !side.ids.includes(id)) side.ids.push(id);
}

function contents(side: Side): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of readdirSync(side.dir)) {
    const bytes = readFileSync(path.join(side.dir, name));
    try {
      found[normal(side, name)] = JSON.parse(normal(side, JSON.stringify(decodeSession(bytes))));
    } catch (error) {
      found[normal(side, name)] = String(error);
    }
  }
  return found;
}

/** What happens to a record behind the application's back: the same on both sides, each with its own ids. */
const DAMAGES: ((id: string, other: string) => Uint8Array | null)[] = [
  () => new Uint8Array(),
  () => Buffer.from('no base64!'),
  (id) => encodeSession({ session_id: id, count: 3 }),
  (id) => encodeSession({ session_id: id, count: 3, ip: '127.0.0.1', _killed: true }),
  (id) => encodeSession({ session_id: id, count: 3, ip: '127.0.0.1', get: 1 }),
  (id) => encodeSession({ session_id: id, count: 3, ip: '127.0.0.1', keys: [1] }),
  (_, other) => encodeSession({ session_id: other, count: 30, ip: '127.0.0.1' }),
  () => encodeSession({ session_id: null, count: 30, ip: '127.0.0.2', kept: 'x' }),
  () => encodeSession({ count: 'text', ip: '127.0.0.1' }),
  () => null,
];

needs('webpy')('[L3] random visits to the real web.py and to our core, each on its own directory', () => {
  it.each([
    {},
    { ignore_expiry: false },
    { ignore_change_ip: false, secure: true, samesite: 'Lax' },
    { ignore_expiry: false, ignore_change_ip: false, cookie_path: '/', httponly: false },
  ])('%j', async (parameters) => {
    const random = seeded(JSON.stringify(parameters).length);
    const below = (limit: number) => Math.floor(random() * limit);
    const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
    const name = `${JSON.stringify(parameters).length}`;
    const dirs = ['theirs', 'ours'].map((who) => path.join(root, `${who}-${name}`)) as [string, string];
    const errors: unknown[] = [];
    const webpy = await startWebpy({ store: { kind: 'disk', dir: dirs[0] }, parameters, app: 'login' });
    const own = await loginProgram(dirs[1], parameters, errors);
    const theirs: Side = { port: webpy.port, dir: dirs[0], ids: [] };
    const ours: Side = { port: own.port, dir: dirs[1], ids: [] };
    /** Ids made lately, so that sessions live for a while and damaged ones are met. */
    const recent = () => Math.max(0, theirs.ids.length - 1 - below(5));
    const outcomes = new Map<string, number>();
    try {
      for (let step = 0; step < REQUESTS; step++) {
        if (theirs.ids.length > 1 && random() < 0.3) {
          const [at, other, damage] = [recent(), recent(), pick(DAMAGES)];
          for (const side of [theirs, ours]) {
            const file = path.join(side.dir, side.ids[at] ?? '');
            const bytes = damage(side.ids[at] ?? '', side.ids[other] ?? '');
            if (bytes !== null) writeFileSync(file, bytes);
            else if (readdirSync(side.dir).includes(path.basename(file))) unlinkSync(file);
          }
        }
        const target = pick([
          '/count',
          '/count',
          '/count',
          '/reset',
          '/login?user=bob',
          '/login?rotate=1',
          '/whoami',
          '/nosuch',
        ]);
        const from = pick(['127.0.0.1', '127.0.0.1', '127.0.0.2']);
        const at = recent();
        const form = pick<(id: string) => string | undefined>([
          (id) => `webpy_session_id=${id}`,
          (id) => `webpy_session_id=${id}`,
          (id) => `a="x y"; webpy_session_id=${id}`,
          (id) => `webpy_session_id=${id.toUpperCase()}`,
          () => undefined,
          () => 'webpy_session_id=0123abc',
          () => 'webpy_session_id=../x',
        ]);
        const [their, our] = (await Promise.all(
          [theirs, ours].map(async (side) => get(side.port, target, form(side.ids[at] ?? 'ff'), from)),
        )) as [Answer, Answer];
        learn(theirs, their);
        learn(ours, our);
        const plain = (side: Side, answer: Answer) => ({
          status: answer.status,
          cookies: answer.cookies.map((value) => normal(side, value)),
          body: normal(side, answer.body),
        });
        const label = `request ${step} ${target} from ${from}: ${webpy.log().slice(-300)} beside ${String(errors.at(-1))}`;
        expect(plain(ours, our), label).toEqual(plain(theirs, their));
        if (step % 5 === 4) expect(contents(ours), label).toEqual(contents(theirs));
        outcomes.set(String(their.status), (outcomes.get(String(their.status)) ?? 0) + 1);
      }
      const seen = [...outcomes].map(([status, times]) => `${times} times ${status}`).join(', ');
      console.log(`${JSON.stringify(parameters)}: ${REQUESTS}/${REQUESTS} random visits alike (${seen})`);
    } finally {
      await own.close();
      await webpy.stop();
    }
  });
});
