import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { type Need, needs } from '../support/needs.ts';
import { startPostgres, type TestServer } from '../support/servers.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { startWebpy, type Webpy, type WebpyStore } from '../support/webpy/webpy.ts';
import { WindowUser } from '../support/window.ts';

/*
 * The main job, end to end on real parts: the tutorial's count/reset program on the real web.py, a real Chromium through
 * the proxy, the real Electron window. On each store of web.py's tutorial.
 */

interface Place {
  readonly store: WebpyStore;
  /** What a user pastes to attach it. */
  readonly address: string;
  /** The row beside the data, as text, for the stores that have one: must survive an edit. */
  row?(id: string): Promise<string>;
  close(): Promise<void>;
}

const places: Record<string, { needs: Need[]; open(folder: string): Promise<Place> }> = {
  'a DiskStore': {
    needs: ['webpy', 'chromium', 'xvfb'],
    open: async (folder) => {
      const dir = path.join(folder, 'sessions');
      return { store: { kind: 'disk', dir }, address: dir, close: async () => {} };
    },
  },
  'a DBStore on SQLite': {
    needs: ['webpy', 'chromium', 'xvfb'],
    open: async (folder) => {
      const file = path.join(folder, 'app.db');
      return {
        store: { kind: 'sqlite', file },
        address: `sqlite:${file}?table=sessions`,
        row: async (id) => {
          const db = new Database(file, { readonly: true });
          const row = db.prepare('SELECT session_id, atime FROM sessions WHERE session_id = ?').get(id);
          db.close();
          return JSON.stringify(row);
        },
        close: async () => {},
      };
    },
  },
  'a DBStore on PostgreSQL': {
    needs: ['webpy', 'psycopg2', 'postgres', 'chromium', 'xvfb'],
    open: async () => {
      const server: TestServer = await startPostgres();
      const { host, port, user, password, database } = server;
      return {
        store: { kind: 'postgres', host, port, user, password, database },
        address: `${server.url}?table=sessions`,
        row: async (id) => {
          const client = new pg.Client({ connectionString: server.url });
          await client.connect();
          const { rows } = await client.query('SELECT session_id, atime::text FROM sessions WHERE session_id = $1', [
            id,
          ]);
          await client.end();
          return JSON.stringify(rows[0]);
        },
        close: () => server.stop(),
      };
    },
  },
};

for (const [name, { needs: parts, open }] of Object.entries(places)) {
  needs(...parts)(`the main job with ${name}`, () => {
    let folder: string;
    let place: Place;
    let webpy: Webpy;
    let desktop: Desktop;
    let user: WindowUser;
    let alice: Visitor;
    let bob: Visitor;

    beforeAll(async () => {
      expect(canShowWindows(), 'Electron and a display').toBe(true);
      folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-job-'));
      place = await open(folder);
      webpy = await startWebpy({ store: place.store });
      desktop = await startDesktop();
      user = new WindowUser(desktop.page);
      const { proxy } = await user.info();
      alice = await openVisitor(`http://${proxy.host}:${proxy.port}`);
      bob = await alice.another();
    });

    afterAll(async () => {
      await alice?.close();
      const problems = desktop?.problems() ?? [];
      const code = await desktop?.close();
      await webpy?.stop();
      await place?.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      expect(problems).toEqual([]);
      expect(code).toBe(0);
    });

    const count = async (visitor: Visitor) => visitor.text(`${webpy.origin}/count`);

    test('the session appears within a second of the response, joined and decoded', async () => {
      await user.attachFromHome(place.address);
      expect(await count(alice)).toBe('1');
      const answered = performance.now();
      const id = await alice.cookie('webpy_session_id', webpy.origin);
      await user.row(id).waitFor({ state: 'visible', timeout: 5_000 });
      await user.row(id).getByText('count 1').waitFor({ state: 'visible', timeout: 5_000 });
      expect(performance.now() - answered).toBeLessThan(1_000);
      await user.select(id);
      await user.shows('count', '1');
    });

    test('count set to 41 in the window: the next request shows 42, and nothing else of the record changed', async () => {
      const id = await alice.cookie('webpy_session_id', webpy.origin);
      const before = await place.row?.(id);
      await user.setValue('count', '41');
      await user.shows('count', '41');
      expect(await place.row?.(id)).toBe(before);
      expect(await count(alice)).toBe('42');
      await user.shows('count', '42');
    });

    test('an edit of the data is undone', async () => {
      await user.setValue('count', '1000');
      await user.shows('count', '1000');
      await user.undo();
      await user.shows('count', '42');
      expect(await count(alice)).toBe('43');
      await user.shows('count', '43');
    });

    test('the cookie replaced by another session’s id: the next request belongs to that session; undone, it does not', async () => {
      const aliceId = await alice.cookie('webpy_session_id', webpy.origin);
      expect(await count(bob)).toBe('1');
      const bobId = await bob.cookie('webpy_session_id', webpy.origin);
      expect(bobId).not.toBe(aliceId);
      await user.select(aliceId);
      await user.setCookie(bobId);
      await expect.poll(() => user.page.getByTestId('cookie-undo').first().isEnabled()).toBe(true);
      expect(await count(alice)).toBe('2');
      expect(await count(bob)).toBe('3');
      expect(await count(alice)).toBe('4');
      await user.undoCookie();
      await expect.poll(async () => count(alice)).toBe('44');
      expect(await count(bob)).toBe('5');
    });

    test('killed, and undone: the session goes on; killed, the next request starts at 1', async () => {
      const id = await alice.cookie('webpy_session_id', webpy.origin);
      await user.select(id);
      await user.tab('data').click();
      await user.kill();
      await user.undoKill();
      await user.shows('count', '44');
      expect(await count(alice)).toBe('45');
      await user.shows('count', '45');
      await user.kill();
      await expect.poll(async () => user.row(id).getAttribute('data-state')).toBe('ended');
      expect(await count(alice)).toBe('1');
    });
  });
}
