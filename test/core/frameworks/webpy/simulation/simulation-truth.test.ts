import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { formatStoreUrl } from '../../../../../core/stores/url.ts';
import { needs } from '../../../../support/needs.ts';
import { startMariadb, startPostgres } from '../../../../support/servers.ts';
import type { WebpyStore } from '../../../../support/webpy/webpy.ts';
import { combinations } from './combination.ts';
import { SimulationTruth } from './simulation-truth.ts';

/*
 * The lab's answers for web.py 0.62 against the real web.py 0.62, for random combinations of everything a question can
 * hold. SIMULATION_RUNS=n asks n combinations of each store, FAST_CHECK_SEED=random looks for new ones.
 */
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1_000);
const OUTCOMES = ['accepted', 'new-session', 'expired-message', 'server-error'];
/** At least so many of 100 combinations must end in each way, or the test would show little. */
const LEAST_SHARE = 6;
const LIMIT_MS = 240_000 + RUNS * 120;

const dir = mkdtempSync(path.join(os.tmpdir(), 'simulation-'));
/** In memory where there is such a place: SQLite waits for the disk at each commit, web.py's as well as ours. */
const quick = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'simulation-'));
afterAll(() => {
  for (const one of [dir, quick]) rmSync(one, { recursive: true, force: true });
});

async function compare(name: string, store: WebpyStore, url: string): Promise<void> {
  const truth = await SimulationTruth.start(store, url);
  const counts: Record<string, number> = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
  try {
    await fc.assert(
      fc.asyncProperty(combinations, async (one) => {
        const subject = await truth.layOut(one);
        const { lastUsed, asked, errors, ...predicted } = await truth.predict(one, subject);
        const happened = await truth.truth(one, subject, { lastUsed, asked });
        expect(predicted).toEqual(happened);
        counts[happened.outcome] = (counts[happened.outcome] ?? 0) + 1;
      }),
      { numRuns: RUNS },
    );
  } finally {
    await truth.stop();
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const shares = OUTCOMES.map((outcome) => `${outcome} ${counts[outcome]}`).join(', ');
  console.log(`${name}: ${total}/${RUNS} predictions equal what web.py 0.62 did (${shares})`);
  expect(total).toBe(RUNS);
  for (const outcome of OUTCOMES) expect(counts[outcome], outcome).toBeGreaterThan((RUNS * LEAST_SHARE) / 100);
}

needs('webpy')('[S1] the simulation against the real web.py', () => {
  it(
    'on disk',
    async () => {
      const sessions = path.join(dir, 'sessions');
      await compare('disk', { kind: 'disk', dir: sessions }, formatStoreUrl({ kind: 'disk', path: sessions }));
    },
    LIMIT_MS,
  );

  it(
    'on SQLite',
    async () => {
      const file = path.join(quick, 'sessions.db');
      const url = formatStoreUrl({ kind: 'sqlite', path: file, table: 'sessions' });
      await compare('sqlite', { kind: 'sqlite', file }, url);
    },
    LIMIT_MS,
  );
});

for (const [name, kind, driver, start] of [
  ['postgres', 'postgres', 'psycopg2', startPostgres],
  ['mariadb', 'mysql', 'pymysql', startMariadb],
] as const) {
  needs(
    'webpy',
    name,
    driver,
  )('[S1] the simulation against the real web.py', () => {
    it(
      `on ${name}`,
      async () => {
        const server = await start();
        try {
          const { host, port, user, password, database } = server;
          await compare(name, { kind, host, port, user, password, database }, `${server.url}?table=sessions`);
        } finally {
          await server.stop();
        }
      },
      LIMIT_MS,
    );
  });
}
