import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import * as web from '../../../../../core/frameworks/webpy/practice/web.ts';
import { decodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'tutorial-'));
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function origin(app: web.Application): Promise<string> {
  app.onError = (error) => errors.push(String(error));
  const server = await web.serve(app);
  stops.push(server.close);
  return server.origin;
}
const errors: string[] = [];
afterEach(() => expect(errors.splice(0)).toEqual([]));

const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

describe("[A1] web.py's tutorial, line for line", () => {
  it('sessions in a DiskStore', async () => {
    const urls = ['/count', 'count', '/reset', 'reset'];

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

    const app = web.application(urls, { count, reset });
    const session = new web.Session(app, new web.DiskStore(path.join(dir, 'sessions')), { count: 0 });

    const site = await origin(app);
    const first = await fetch(`${site}/count`);
    expect(await first.text()).toBe('1');
    const headers = { cookie: cookieOf(first) };
    expect(await (await fetch(`${site}/count`, { headers })).text()).toBe('2');
    expect(await (await fetch(`${site}/reset`, { headers })).text()).toBe('');
    expect(await (await fetch(`${site}/count`, { headers })).text()).toBe('1');
  });

  it('a shopping cart with a callable initializer, in a database', async () => {
    const db = web.database({ dbn: 'sqlite', db: path.join(dir, 'shop.db') });
    stops.push(() => db.close());
    await db.query(`create table sessions (
      session_id char(128) UNIQUE NOT NULL,
      atime timestamp NOT NULL default current_timestamp,
      data text
    )`);

    class add {
      GET(item: string) {
        session.cart.push({ item, price: 1.5 });
        session.user.visits += 1;
        return JSON.stringify(session.cart);
      }
    }

    class show {
      GET() {
        return `${session.user['name']}: ${session.cart.map((line: { item: string }) => line.item).join(', ')}`;
      }
    }

    const app = web.application(['/add/(.*)', 'add', '/show', 'show'], { add, show });
    const store = new web.DBStore(db, 'sessions');
    const session = new web.Session(app, store, () => {
      session.cart = [];
      session.user = { name: 'guest', visits: 0 };
    });

    const site = await origin(app);
    const headers = { cookie: cookieOf(await fetch(`${site}/add/tea`)) };
    expect(await (await fetch(`${site}/add/milk`, { headers })).json()).toEqual([
      { item: 'tea', price: 1.5 },
      { item: 'milk', price: 1.5 },
    ]);
    expect(await (await fetch(`${site}/show`, { headers })).text()).toBe('guest: tea, milk');
  });

  it('cookies: setcookie and cookies().get', async () => {
    class set {
      GET() {
        const i = web.input({ age: '25' });
        web.setcookie('age', i['age'], 3600);
        web.setcookie('lang', 'en', '', 'example.com', true);
        web.setcookie('named', 'x y', { httponly: true, samesite: 'Strict' });
        return 'Age set in your cookie';
      }
    }

    class get {
      GET() {
        const c1 = web.cookies({ age: '0', all: [] }).get('age');
        return `Your age is: ${c1}, ${web.cookies().get('none', 'nothing')}`;
      }
    }

    const config = web.makeConfig({ clock: () => 1_700_000_000_000 });
    const site = await origin(web.application(['/set', 'set', '/get', 'get'], { set, get }, config));
    const answer = await fetch(`${site}/set?age=31`);
    expect(answer.headers.getSetCookie()).toEqual([
      'age=31; expires=Tue, 14 Nov 2023 23:13:20 GMT; Path=/',
      'lang=en; Domain=example.com; Path=/; Secure',
      'named=x%20y; HttpOnly; Path=/; SameSite=Strict',
    ]);
    const got = await fetch(`${site}/get`, { headers: { cookie: 'age=%33%31' } });
    expect(await got.text()).toBe('Your age is: 31, nothing');
  });

  it('[A2] parameters are copied when the session is made', async () => {
    const before = { ...web.config.sessionParameters };
    try {
      web.config.sessionParameters.cookie_name = 'sid';
      web.config.session_parameters.httponly = false;
      class index {
        GET() {
          return 'hi';
        }
      }
      const app = web.application(['/', 'index'], { index });
      new web.Session(app, new web.MemoryStore());
      web.config.sessionParameters.cookie_name = 'later';
      const answer = await fetch(await origin(app));
      expect(answer.headers.getSetCookie()[0]).toMatch(/^sid=[0-9a-f]{40}; Path=\/$/);
    } finally {
      Object.assign(web.config.sessionParameters, before);
    }
  });

  it('[A3] a mounted application sets cookies under its own path', async () => {
    class inner {
      GET() {
        session.seen = true;
        return `${web.ctx.path} ${web.ctx.homepath}`;
      }
    }
    const config = web.makeConfig();
    const sub = web.application(['/page', inner], {}, config);
    const session = new web.Session(sub, new web.MemoryStore(), null, config);
    const app = web.application(['/sub', sub], {}, config);
    new web.Session(app, new web.MemoryStore(), null, config);
    const answer = await fetch(`${await origin(app)}/sub/page`);
    expect(await answer.text()).toBe('/page /sub');
    expect(answer.headers.getSetCookie().map((value) => value.split('; ').at(-1))).toEqual(['Path=/sub/', 'Path=/']);
  });

  it('[A4] values that JavaScript lacks survive load and save', async () => {
    const folder = path.join(dir, 'values');
    class page {
      GET() {
        session.count += 1;
        return '';
      }
    }
    const app = web.application(['/', page]);
    const session = new web.Session(app, new web.DiskStore(folder), () => {
      session.count = 0;
      session.big = 2n ** 70n;
      session.raw = new Uint8Array([0, 255]);
      session.when = new Date(1_700_000_000_123);
    });
    const site = await origin(app);
    const headers = { cookie: cookieOf(await fetch(site)) };
    await fetch(site, { headers });
    const [file = ''] = readdirSync(folder);
    const value = decodeSession(readFileSync(path.join(folder, file))) as Record<string, unknown>;
    expect(value).toMatchObject({ count: 2, big: 2n ** 70n, raw: new Uint8Array([0, 255]) });
    expect(String(value['when'])).toBe('2023-11-14T22:13:20.123000');
  });
});

describe('[N1] parallel requests', () => {
  for (const kind of ['disk', 'sqlite'] as const) {
    it(`50 on one session and 50 on as many, on ${kind}: no torn record, nothing lost`, async () => {
      class count {
        GET() {
          session.count += 1;
          return String(session.count);
        }
      }
      const app = web.application(['/count', 'count'], { count });
      const store = await makeStore(kind);
      const session = new web.Session(app, store, { count: 0 });
      const site = await origin(app);
      const visit = async (cookie?: string) => {
        const response = await fetch(`${site}/count`, cookie === undefined ? {} : { headers: { cookie } });
        return { status: response.status, text: await response.text(), cookie: cookieOf(response) };
      };
      const { cookie } = await visit();
      const one = await Promise.all(Array.from({ length: 50 }, () => visit(cookie)));
      expect(one.every((answer) => answer.status === 200 && answer.cookie === cookie)).toBe(true);
      expect(new Set(one.map((answer) => answer.text)).size).toBe(50);
      expect((await visit(cookie)).text).toBe('52');
      const many = await Promise.all(Array.from({ length: 50 }, () => visit()));
      expect(new Set(many.map((answer) => answer.cookie)).size).toBe(50);
      const again = await Promise.all(many.map((answer) => visit(answer.cookie)));
      expect(again.map((answer) => answer.text)).toEqual(Array.from({ length: 50 }, () => '2'));
      console.log(`parallel on ${kind}: 50/50 on one session, 50/50 on as many sessions`);
    });
  }

  async function makeStore(kind: 'disk' | 'sqlite'): Promise<web.Store> {
    if (kind === 'disk') return new web.DiskStore(path.join(dir, 'parallel'));
    const file = path.join(dir, 'parallel.db');
    const made = existsSync(file);
    const db = web.database({ dbn: 'sqlite', db: file });
    stops.push(() => db.close());
    if (!made)
      await db.query('create table sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp, data text)');
    return new web.DBStore(db, 'sessions');
  }
});
