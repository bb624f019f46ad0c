import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPracticeStore } from '../../../../../core/frameworks/webpy/practice/open-practice-store.ts';
import { type PracticeSite, startPractice } from '../../../../../core/frameworks/webpy/practice/start-practice.ts';
import { decodeSessionNode } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { PROFILES } from '../../../../../core/frameworks/webpy/session/profiles.ts';
import type { Store } from '../../../../../core/frameworks/webpy/session/store.ts';
import { formatStoreUrl } from '../../../../../core/stores/url.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'practice-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A browser with one cookie. */
class Visitor {
  cookie = '';
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async get(target: string, body?: string): Promise<{ status: number; text: string; setCookies: string[] }> {
    const response = await fetch(this.#origin + target, {
      redirect: 'manual',
      headers: this.cookie === '' ? {} : { cookie: this.cookie },
      ...(body === undefined ? {} : { method: 'POST', body: new URLSearchParams({ do: body }) }),
    });
    const setCookies = response.headers.getSetCookie();
    for (const value of setCookies) this.cookie = value.includes('expires=') ? '' : (value.split(';')[0] ?? '');
    return { status: response.status, text: await response.text(), setCookies };
  }

  get id(): string {
    return this.cookie.split('=')[1] ?? '';
  }
}

for (const kind of ['disk', 'sqlite'] as const) {
  describe(`[P1] the practice site on ${kind}`, () => {
    let store: Store;
    let site: PracticeSite;
    const errors: unknown[] = [];
    const place = path.join(dir, kind === 'disk' ? 'sessions' : 'deep/sessions.db');

    beforeAll(async () => {
      store = await openPracticeStore(
        formatStoreUrl(kind === 'disk' ? { kind, path: place } : { kind, path: place, table: 'sessions' }),
      );
      site = await startPractice({ store, onError: (error) => errors.push(error) });
    });
    afterAll(async () => {
      await site.close();
      await store.close?.();
    });
    afterEach(() => expect(errors).toEqual([]));

    it('counts and resets as the tutorial does', async () => {
      const visitor = new Visitor(site.origin);
      expect((await visitor.get('/count')).text).toBe('1');
      expect((await visitor.get('/count')).text).toBe('2');
      const reset = await visitor.get('/reset');
      expect(reset.text).toBe('');
      expect(reset.setCookies[0]).toMatch(/; expires=\w{3}, \d\d \w{3} 199\d /);
      expect((await visitor.get('/count')).text).toBe('1');
    });

    it('shows a page with buttons that lead back to it', async () => {
      const visitor = new Visitor(site.origin);
      expect((await visitor.get('/')).text).toContain('<p class="count" id="count">0</p>');
      expect(await visitor.get('/', 'count')).toMatchObject({ status: 303, text: '' });
      const page = await visitor.get('/');
      expect(page.text).toContain('<p class="count" id="count">1</p>');
      expect(page.text).toContain(visitor.id);
      await visitor.get('/', 'reset');
      expect((await visitor.get('/')).text).toContain('id="count">0</p>');
    });

    it('gives the session a new id at login and forgets the old record', async () => {
      const visitor = new Visitor(site.origin);
      await visitor.get('/count');
      const before = visitor.id;
      expect((await visitor.get('/whoami')).text).toBe('anonymous');
      await visitor.get('/', 'login:alice');
      expect(visitor.id).not.toBe(before);
      expect(await store.contains(before)).toBe(false);
      expect((await visitor.get('/whoami')).text).toBe('alice');
      expect((await visitor.get('/count')).text).toBe('2');
      expect((await visitor.get('/login/bob')).text).toBe('hello bob');
      expect((await visitor.get('/login/mallory')).text).toBe('nobody is called mallory');
      const loggedIn = visitor.id;
      expect((await visitor.get('/logout')).text).toBe('bye');
      expect(await store.contains(loggedIn)).toBe(false);
      expect((await visitor.get('/whoami')).text).toBe('anonymous');
      // The buttons of the page go to paths by which a login and a logout are known.
      expect((await visitor.get('/')).text).toContain('formaction="/login" name="do" value="login:bob"');
      const planted = visitor.id;
      expect(await visitor.get('/login', 'login:bob')).toMatchObject({ status: 303 });
      expect(visitor.id).not.toBe(planted);
      expect((await visitor.get('/whoami')).text).toBe('bob');
      expect((await visitor.get('/')).text).toContain('formaction="/logout" name="do" value="logout"');
      expect(await visitor.get('/logout', 'logout')).toMatchObject({ status: 303 });
      expect((await visitor.get('/whoami')).text).toBe('anonymous');
    });
  });
}

it('[P2] stores what a debugger likes to look at: text, number, datetime', async () => {
  const folder = path.join(dir, 'looked-at');
  const store = await openPracticeStore(formatStoreUrl({ kind: 'disk', path: folder }));
  const site = await startPractice({ store, clock: () => 1_700_000_000_123 });
  await fetch(`${site.origin}/login/alice`);
  await site.close();
  const [file = ''] = readdirSync(folder);
  expect(decodeSessionNode(readFileSync(path.join(folder, file)))).toEqual({
    t: 'dict',
    v: [
      [
        { t: 'str', v: 'session_id' },
        { t: 'str', v: file },
      ],
      [
        { t: 'str', v: 'count' },
        { t: 'int', v: '0' },
      ],
      [
        { t: 'str', v: 'ip' },
        { t: 'str', v: '127.0.0.1' },
      ],
      [
        { t: 'str', v: 'user' },
        { t: 'str', v: 'alice' },
      ],
      [
        { t: 'str', v: 'since' },
        { t: 'datetime', v: '2023-11-14T22:13:20.123000', fold: 0, tz: { t: 'timezone', offset_us: 0 } },
      ],
    ],
  });
});

it('[P3] says which port is in use, and follows a profile', async () => {
  const store = await openPracticeStore(formatStoreUrl({ kind: 'disk', path: path.join(dir, 'profile') }));
  const site = await startPractice({ store, profile: PROFILES['0.40'] });
  await expect(startPractice({ store, port: site.port })).rejects.toThrow(`Port ${site.port} is in use`);
  const first = await fetch(`${site.origin}/`);
  expect(first.headers.getSetCookie()).toEqual([]);
  const second = await fetch(`${site.origin}/count`);
  expect(second.headers.getSetCookie()[0]).toMatch(/; expires=\w{3}, /);
  await site.close();
});
