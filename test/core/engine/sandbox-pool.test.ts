import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SandboxPool } from '../../../core/engine/sandbox-pool.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { encodeSession } from '../../../core/frameworks/webpy/session/encoding.ts';
import { SCRATCH_PREFIX } from '../../../core/frameworks/webpy/stores/scratch-names.ts';
import { needs } from '../../support/needs.ts';
import { startPostgres, type TestServer } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';

needs('postgres')('scratch copies of an attached store', () => {
  let server: TestServer;
  let client: pg.Client;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('CREATE TABLE sessions (session_id char(128) PRIMARY KEY, atime timestamp, data text)');
    url = `${server.url}?table=sessions`;
    const store = await openRecordStore(url);
    await store.create(ID, encodeSession(new Map([['session_id', ID]])), Date.now());
    await store.close();
  }, 60_000);
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  const copies = async (): Promise<number> => {
    const found = await client.query('SELECT count(*)::int AS count FROM pg_tables WHERE starts_with(tablename, $1)', [
      SCRATCH_PREFIX,
    ]);
    return (found.rows as { count: number }[])[0]?.count ?? Number.NaN;
  };

  it('one copy serves questions one after the other, and goes with the desk', async () => {
    const desk = new SandboxPool();
    const order: string[] = [];
    const ask = (name: string) =>
      desk.use('s1', url, async (bench) => {
        order.push(`${name} begins`);
        await bench.refresh([ID]);
        expect((await bench.look(ID))?.id).toBe(ID);
        order.push(`${name} ends`);
      });
    await Promise.all([ask('first'), ask('second')]);
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(await copies()).toBe(1);
    await desk.close();
    expect(await copies()).toBe(0);
  });

  it('a copy that nobody asks any more is removed', async () => {
    const desk = new SandboxPool({ idleMs: 50 });
    await desk.use('s1', url, (bench) => bench.refresh([ID]));
    await until(copies, (count) => count === 0);
    await desk.use('s1', url, (bench) => bench.refresh([ID]));
    expect(await copies()).toBe(1);
    await desk.close();
    expect(await copies()).toBe(0);
  });

  it('a question that fails takes the copy with it, and the next one gets a new one', async () => {
    const desk = new SandboxPool();
    await expect(desk.use('s1', url, () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
    expect(await copies()).toBe(0);
    await desk.use('s1', url, (bench) => bench.refresh([ID]));
    await desk.close();
    expect(await copies()).toBe(0);
  });

  it('the end of a store waits for the question that is under way', async () => {
    const desk = new SandboxPool();
    let done = false;
    const asked = desk.use('s1', url, async (bench) => {
      await bench.refresh([ID]);
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    });
    await desk.end('s1');
    expect(done).toBe(true);
    await asked;
    expect(await copies()).toBe(0);
  });
});
