import { mkdir, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Handlers } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { HEX, record } from '../../support/registry-harness.ts';

/* *Prove it* and the runs of the lab say what they did, and leave the list of flows and the timeline readable. */

const NAME = 'webpy_session_id';
const A = HEX('alice');
let engine: Engine;
let handlers: Handlers;
let folder: string;
let store: string;
let proxyPort: number;
let app: http.Server;
let host: string;
let begun = 0;
let dieAfter = Infinity;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-prove-'));
  store = path.join(folder, 'sessions');
  await mkdir(store);
  await writeFile(path.join(store, A), record(A, { user: 'alice', count: 1 }));
  // As web.py: a request without a known id gets a new one, with a record; each request counts.
  let count = 1;
  app = http.createServer((request, response) => {
    dieAfter -= 1;
    if (dieAfter < 0) {
      request.socket.destroy();
      return;
    }
    const id = new RegExp(`${NAME}=([0-9a-f]{40})`).exec(request.headers.cookie ?? '')?.[1];
    const own = id === A ? A : HEX(`new ${++begun}`);
    const fields = own === A ? { user: 'alice', count: ++count } : { count: 1 };
    void writeFile(path.join(store, own), record(own, fields)).then(() => {
      response.setHeader('Set-Cookie', `${NAME}=${own}; HttpOnly; Path=/`);
      response.end(own === A ? '<p>Hello alice</p>' : '<p>Please log in</p>');
    });
  });
  await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
  host = `127.0.0.1:${(app.address() as AddressInfo).port}`;
  engine = await createEngine({ mode: 'web', version: '1', dataFolder: path.join(folder, 'data') });
  ({ handlers } = engine);
  proxyPort = (await handlers['app.info']({})).proxy.port;
  await handlers['stores.attach']({ address: `disk:${store}` });
});

afterAll(async () => {
  await engine.close();
  app.closeAllConnections();
  app.close();
  await rm(folder, { recursive: true, force: true });
});

function get(): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(proxyPort, '127.0.0.1', () => {
      socket.write(
        `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nCookie: ${NAME}=${A}\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

const found = async () => (await handlers['sessions.list']({ filter: `id:${A}` })).sessions[0];

async function joined(): Promise<string> {
  for (;;) {
    const session = await found();
    if (session?.record !== undefined) return session.key;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a proof removes the records that it began, and is one entry in the timeline; its requests are not in the list', async () => {
  await get();
  const key = await joined();
  const before = await handlers['session.timeline']({ key, limit: 100 });
  const proof = await handlers['session.prove']({ key });
  expect(proof.sentence).toBe(`${NAME} alone keeps the login.`);
  expect(begun).toBeGreaterThan(0);
  expect(proof.leftovers).toEqual({ removed: begun, left: [] });
  expect(proof.used).toBeGreaterThan(1);
  expect(await readdir(store)).toEqual([A]);
  const after = await handlers['session.timeline']({ key, limit: 100 });
  const fresh = after.entries.slice(0, after.entries.length - before.entries.length);
  expect(fresh).toMatchObject([{ kind: 'lab-run', changes: expect.any(Number), same: false }]);
  const all = await handlers['flows.list']({ limit: 100 });
  const shown = await handlers['flows.list']({ limit: 100, hideOwn: true });
  expect(all.total).toBe(shown.total + proof.requests);
  expect(shown.flows.every(({ origin }) => origin?.experiment === undefined)).toBe(true);
  expect((await handlers['flows.list']({ limit: 100, hideOwn: true, filter: 'is:own' })).total).toBe(proof.requests);
});

test('a proof that fails on the way removes what it had begun, and no visitor’s record', async () => {
  const key = await joined();
  const before = begun;
  dieAfter = 3;
  await expect(handlers['session.prove']({ key })).rejects.toMatchObject({ problem: { kind: 'no-answer' } });
  dieAfter = Infinity;
  expect(begun).toBeGreaterThan(before);
  expect(await readdir(store)).toEqual([A]);
});

test('with the application down it says so, and nothing about cookies', async () => {
  const key = await joined();
  await new Promise<void>((resolve) => {
    app.closeAllConnections();
    app.close(() => resolve());
  });
  await expect(handlers['session.prove']({ key })).rejects.toMatchObject({
    problem: {
      kind: 'no-answer',
      message: expect.stringMatching(/did not answer .*refused/i),
      remedy: expect.anything(),
    },
  });
});

test('what the window was given and is over again is announced, though the registry saw neither coming nor going', async () => {
  const key = await joined();
  const file = path.join(store, A);
  // One state for the registry; the store is then another one for just so long that only the window reads it.
  const known = record(A, { user: 'alice', count: 313 });
  await writeFile(file, known);
  for (;;) {
    if ((await found())?.label !== undefined && (await countOf(key)) === '313') break;
  }
  let touched = 0;
  const stop = engine.subscribe((event, payload) => {
    if (event === 'sessions.touched' && (payload as { keys: string[] }).keys.includes(key)) touched += 1;
  });
  await writeFile(file, record(A, { user: 'alice', count: 326 }));
  const shown = await countOf(key);
  await writeFile(file, known);
  // Whatever was shown, the window is told to look again until it has what the store has.
  let last = shown;
  let asked = 0;
  while (last !== '313' || touched === 0) {
    if (touched > asked) {
      asked = touched;
      last = await countOf(key);
    } else await new Promise((resolve) => setTimeout(resolve, 5));
  }
  stop();
  expect(last).toBe('313');
  await unlink(file);
});

async function countOf(key: string): Promise<string | undefined> {
  const { detail } = await handlers['session.detail']({ key });
  const value = detail?.record?.value;
  const entry = value?.t === 'dict' ? value.v.find(([name]) => name.t === 'str' && name.v === 'count') : undefined;
  return entry?.[1].t === 'int' ? entry[1].v : undefined;
}
