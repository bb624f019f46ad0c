import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { RedisConnection } from '../../core/stores/redis/redis-connection.ts';
import { needs } from '../support/needs.ts';
import { type RedisTestServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { all } from './record-store.ts';

/* Redis as it is set up elsewhere: with TLS, with a user who may do little, with events of keys, as part of a cluster. */

const KEY = 'sess:Ab3xYz-12_QwErTyUiOpAsDfGhJkLzXc';
const DATA = '{"cookie":{"path":"/"},"user":"alice"}';
const connect = (port: number) => new RedisConnection({ kind: 'redis', host: '127.0.0.1', port, database: 0 });

needs('redis', 'openssl')('a server with TLS', () => {
  let folder: string;
  let server: RedisTestServer;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'redis-tls-'));
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    );
    // The plain port is closed: what answers is TLS.
    server = await startRedis(
      ...['--tls-port', String(20_000 + (process.pid % 20_000)), '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'],
    );
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read with ssl=require; a certificate that nobody vouches for is refused otherwise, with what to do', async () => {
    const plain = connect(server.port);
    await plain.run('SET', KEY, DATA);
    await plain.close();
    const port = 20_000 + (process.pid % 20_000);
    const store = await openRecordStore(`rediss://127.0.0.1:${port}/0?ssl=require`);
    expect((await all(store.list())).map(({ id }) => id)).toEqual([KEY]);
    await store.close();
    await expect(openRecordStore(`rediss://127.0.0.1:${port}/0`)).rejects.toMatchObject({
      problem: { message: expect.stringMatching(/certificate/i) },
    });
  });
});

needs('redis')('a user who may only read', () => {
  let server: RedisTestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  it('lists and reads; a write says which commands are missing and changes nothing', async () => {
    const admin = connect(server.port);
    await admin.run('SET', KEY, DATA);
    await admin.run('SET', 'secret', 'x');
    await admin.run('ACL', 'SETUSER', 'looker', 'on', '>pw', '~sess:*', '+@read', '+@connection', '+info');
    const store = await openRecordStore(`redis://looker:pw@127.0.0.1:${server.port}/0`);
    const record = await store.read(KEY);
    expect(Buffer.from(record?.bytes ?? []).toString()).toBe(DATA);
    for (const write of [
      () => store.replace(KEY, Buffer.from('{}'), record?.revision ?? ''),
      () => store.remove(KEY),
      () => store.create('sess:0123456789abcdef', Buffer.from('{}'), Date.now() + 60_000),
    ]) {
      await expect(write()).rejects.toMatchObject({
        problem: { kind: 'store-read-only', remedy: expect.stringContaining('EVAL') },
      });
    }
    expect(String(await admin.run('GET', KEY))).toBe(DATA);
    await store.close();
    await admin.close();
  });
});

needs('redis')('events of keys', () => {
  let server: RedisTestServer;
  beforeAll(async () => {
    server = await startRedis('--notify-keyspace-events', 'KEA');
  });
  afterAll(() => server?.stop());

  it('are used where the server sends them; the setting of one that does not is left alone', async () => {
    const admin = connect(server.port);
    await admin.run('SET', KEY, DATA);
    // So seldom that only an event can tell in time.
    const store = await openRecordStore(`redis://127.0.0.1:${server.port}/0`, { pollMs: 3_600_000 });
    const seen: (readonly string[] | undefined)[] = [];
    const stop = store.watch((ids) => seen.push(ids));
    await until(
      () => Promise.resolve(store.traits.watch.how),
      (how) => how === 'events',
    );
    await admin.run('SET', KEY, '{"user":"bob"}');
    await until(
      () => Promise.resolve(seen.flat()),
      (ids) => ids.includes(KEY),
    );
    await admin.run('SET', 'queue:1', 'x');
    await admin.run('DEL', KEY);
    await until(
      () => Promise.resolve(seen.length),
      (count) => count >= 2,
    );
    expect(seen.flat()).not.toContain('queue:1');
    stop();
    await store.close();
    await admin.run('CONFIG', 'SET', 'notify-keyspace-events', '');
    await admin.run('SET', KEY, DATA);
    const polled = await openRecordStore(`redis://127.0.0.1:${server.port}/0`, { pollMs: 30 });
    const changed: (readonly string[] | undefined)[] = [];
    polled.watch((ids) => changed.push(ids));
    let words = 1;
    await until(
      async () => {
        // No end that could tell of the change; longer each time, as the first look may be still to come.
        await admin.run('SET', KEY, JSON.stringify({ text: 'word '.repeat((words *= 2)) }));
        return changed.length;
      },
      (count) => count > 0,
    );
    expect(changed[0]).toEqual([KEY]);
    expect(polled.traits.watch).toMatchObject({ how: 'poll' });
    expect(String(await admin.run('CONFIG', 'GET', 'notify-keyspace-events'))).toBe('notify-keyspace-events,');
    await polled.close();
    await admin.close();
  });
});

needs('redis')('a node of a cluster', () => {
  let server: RedisTestServer;
  beforeAll(async () => {
    server = await startRedis('--cluster-enabled', 'yes');
  });
  afterAll(() => server?.stop());

  it('is refused with a sentence', async () => {
    await expect(openRecordStore(`redis://127.0.0.1:${server.port}/0`)).rejects.toMatchObject({
      problem: { kind: 'store-refused', message: expect.stringContaining('cluster') },
    });
  });
});
