import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../../core/frameworks/stores.ts';
import type { Store } from '../../../../../core/frameworks/webpy/session/store.ts';
import { database } from '../../../../../core/frameworks/webpy/stores/database.ts';
import { openSessionStore } from '../../../../../core/frameworks/webpy/stores/open-session-store.ts';
import type { RecordStore } from '../../../../../core/model/record.ts';
import { sampleRecord } from '../../../../contract/samples.ts';
import { needs } from '../../../../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../../../../support/servers.ts';

/** A database that restarts under open stores: they go on by themselves, and what was answered is there. */
for (const [name, start, dbn] of [
  ['postgres', startPostgres, 'postgres'],
  ['mariadb', startMariadb, 'mysql'],
] as const) {
  needs(name)(`a restart of ${name}`, () => {
    let server: TestServer;
    let url: string;
    let sessions: Store;
    let records: RecordStore;

    beforeAll(async () => {
      server = await start();
      url = `${server.url}?table=sessions`;
      const { host, port, user, password: pw, database: db } = server;
      const admin = database({ dbn, db, host, port, user, pw });
      await admin.query(
        'create table sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)',
      );
      await admin.close();
      sessions = await openSessionStore(url);
      records = await openRecordStore(url, { pollMs: 50 });
    });
    afterAll(async () => {
      await sessions?.close?.();
      await records?.close();
      await server?.stop();
    });
    const data = (id: string, count: number) =>
      new Map<unknown, unknown>([
        ['session_id', id],
        ['count', count],
        ['ip', '::1'],
      ]);
    const countOf = async (id: string) => ((await sessions.load(id)) as { count: number }).count;

    for (const how of ['orderly', 'kill'] as const) {
      it(`idle connections, ${how}: the next call just works`, async () => {
        const id = how === 'orderly' ? 'a1' : 'a2';
        await sessions.save(id, data(id, 1));
        // Several connections of each pool have been used.
        await Promise.all(Array.from({ length: 6 }, () => records.read(id)));
        await server.down(how);
        await server.up();
        const record = await records.read(id);
        expect(record?.id).toBe(id);
        expect(await countOf(id)).toBe(1);
        await sessions.save(id, data(id, 2));
        expect(await countOf(id)).toBe(2);
        const now = await records.read(id);
        expect(await records.replace(id, sampleRecord(id, 3), now?.revision ?? '')).toBe('written');
        expect(await countOf(id)).toBe(3);
      });

      it(`under load, ${how}: nothing that was answered is lost`, async () => {
        const acknowledged = new Map<string, number>();
        let stopped = false;
        let failures = 0;
        const worker = async (id: string) => {
          for (let count = 1; !stopped; count++) {
            try {
              await sessions.save(id, data(id, count));
              acknowledged.set(id, count);
            } catch (error) {
              failures++;
              expect(error).toHaveProperty('problem.remedy');
              await new Promise((done) => setTimeout(done, 20));
            }
          }
        };
        const workers = Array.from({ length: 6 }, (_, n) => worker(`${how === 'orderly' ? 'b' : 'c'}${n}`));
        const some = async (more: number) => {
          const sum = () => [...acknowledged.values()].reduce((a, b) => a + b, 0);
          for (const from = sum(); sum() < from + more; ) await new Promise((done) => setTimeout(done, 5));
        };
        await some(60);
        await server.down(how);
        await server.up();
        await some(60);
        stopped = true;
        await Promise.all(workers);
        expect(acknowledged.size).toBe(6);
        for (const [id, count] of acknowledged) {
          // A save whose answer was lost with its connection may have been carried out too.
          expect(await countOf(id)).toBeGreaterThanOrEqual(count);
          expect(await countOf(id)).toBeLessThanOrEqual(count + 1);
        }
        expect(failures).toBeLessThan(2000);
      });
    }

    it('says so while the server is away, and watching goes on afterwards', async () => {
      await sessions.save('d1', data('d1', 1));
      const seen: string[] = [];
      let told: () => void = () => {};
      const stop = records.watch((ids) => {
        seen.push(...(ids ?? []));
        told();
      });
      await server.down();
      await expect(records.read('d1')).rejects.toMatchObject({
        problem: { kind: expect.stringMatching(/^store-(?:unreachable|gone)$/), remedy: expect.any(String) },
      });
      await server.up();
      while (!seen.includes('d1')) {
        await sessions.save('d1', data('d1', seen.length + 2));
        await Promise.race([new Promise<void>((done) => (told = done)), new Promise((done) => setTimeout(done, 500))]);
      }
      stop();
    });
  });
}

describe('the suite', () => {
  it('has something to say on every machine', () => expect(startPostgres).toBeTypeOf('function'));
});
