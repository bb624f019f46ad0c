import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Store } from '../../../../../core/frameworks/webpy/session/store.ts';
import { openSessionStore } from '../../../../../core/frameworks/webpy/stores/open-session-store.ts';
import { formatStoreUrl } from '../../../../../core/stores/url.ts';
import { needs } from '../../../../support/needs.ts';
import { normalTyped, RandomTyped, seeded } from '../../../../support/random-typed.ts';
import { startMariadb, startPostgres, type TestServer } from '../../../../support/servers.ts';
import { startWebpy, type WebpyStore } from '../../../../support/webpy/webpy.ts';
import { serveTyped } from './typed-program.ts';

const REQUESTS = 200;
const KILL_EVERY = 41;
const dir = mkdtempSync(path.join(os.tmpdir(), 'exchange-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Alternating requests to the real web.py and to our core on one store: each finds exactly what the other left. */
async function exchange(
  name: string,
  theirStore: WebpyStore,
  openOurs: () => Promise<Store>,
  seed: number,
): Promise<void> {
  const errors: unknown[] = [];
  const theirs = await startWebpy({ store: theirStore, app: 'typed' });
  const store = await openOurs();
  const ours = await serveTyped(store, errors);
  const random = new RandomTyped(seeded(seed));
  let cookie = '';
  let left: unknown;
  let equal = 0;
  try {
    for (let step = 0; step < REQUESTS; step++) {
      const origin = step % 2 === 0 ? theirs.origin : ours.origin;
      const kills = step % KILL_EVERY === KILL_EVERY - 1;
      const response = await fetch(origin + (kills ? '/reset' : '/data'), {
        ...(kills ? {} : { method: 'POST', body: JSON.stringify(random.change()) }),
        headers: cookie === '' ? {} : { cookie },
      });
      const text = await response.text();
      expect(response.status, `request ${step} to ${origin}: ${theirs.log()} ${errors.map(String)}`).toBe(200);
      const [setCookie = ''] = response.headers.getSetCookie();
      if (kills) {
        expect(setCookie).toMatch(/expires=/);
        cookie = '';
        left = undefined;
      } else {
        const { before, after } = JSON.parse(text) as { before: unknown; after: unknown };
        if (left !== undefined) expect(normalTyped(before), `request ${step}`).toEqual(left);
        left = normalTyped(after);
        cookie = setCookie.split(';')[0] ?? '';
      }
      equal++;
    }
    expect(errors).toEqual([]);
    console.log(`${name}: ${equal}/${REQUESTS} alternating requests of web.py and our core, equal at every step`);
  } finally {
    await ours.close();
    await store.close?.();
    await theirs.stop();
  }
}

needs('webpy')('[L1] sessions go to and fro between the real web.py and our core', () => {
  it('on disk', async () => {
    const sessions = path.join(dir, 'sessions');
    await exchange(
      'disk',
      { kind: 'disk', dir: sessions },
      () => openSessionStore(formatStoreUrl({ kind: 'disk', path: sessions })),
      1,
    );
  });

  it('on SQLite', async () => {
    const file = path.join(dir, 'sessions.db');
    const url = formatStoreUrl({ kind: 'sqlite', path: file, table: 'sessions' });
    await exchange('sqlite', { kind: 'sqlite', file }, () => openSessionStore(url), 2);
  });
});

needs(
  'webpy',
  'postgres',
  'psycopg2',
)('[L1] on PostgreSQL', () => {
  it('sessions go to and fro', () => onServer('postgres', startPostgres, 3), 240_000);
});

needs(
  'webpy',
  'mariadb',
  'pymysql',
)('[L1] on MariaDB', () => {
  it('sessions go to and fro', () => onServer('mysql', startMariadb, 4), 240_000);
});

async function onServer(kind: 'postgres' | 'mysql', start: () => Promise<TestServer>, seed: number): Promise<void> {
  const server = await start();
  try {
    const { host, port, user, password, database } = server;
    await exchange(
      kind,
      { kind, host, port, user, password, database },
      () => openSessionStore(`${server.url}?table=sessions`),
      seed,
    );
  } finally {
    await server.stop();
  }
}
