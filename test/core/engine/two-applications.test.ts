import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Handlers } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { HEX, record } from '../../support/registry-harness.ts';

/* Two applications on one host, as everybody has them on localhost: browsers send the cookies of one to the other. */

const NAME = 'webpy_session_id';
const A = HEX('alice');
const B = HEX('mine');
let engine: Engine;
let handlers: Handlers;
let folder: string;
let store: string;
let proxyPort: number;
const servers: http.Server[] = [];

async function application(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void) {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-two-'));
  store = path.join(folder, 'sessions');
  await mkdir(store);
  engine = await createEngine({ mode: 'web', version: '1', dataFolder: path.join(folder, 'data') });
  ({ handlers } = engine);
  proxyPort = (await handlers['app.info']({})).proxy.port;
});

afterAll(async () => {
  await engine.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

function get(host: string, cookie: string, page = '/'): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(proxyPort, '127.0.0.1', () => {
      socket.write(
        `GET http://${host}${page} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
      );
    });
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

const listed = async (host: string, id: string) =>
  (await handlers['sessions.list']({ filter: `host:${host} id:${id}` })).sessions[0];

async function until<T>(ask: () => Promise<T | undefined>, is: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask();
    if (value !== undefined && is(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('what the other application issued is shown as such, joined with nothing and changed by nothing', async () => {
  const practice = await application((_request, response) => {
    response.setHeader('Set-Cookie', `${NAME}=${A}; HttpOnly; Path=/`);
    response.end('count 1');
  });
  const mine = await application((_request, response) => {
    response.setHeader('Set-Cookie', `${NAME}=${B}; HttpOnly; Path=/`);
    response.end('mine');
  });
  await writeFile(path.join(store, A), record(A, { user: 'alice' }));
  await handlers['stores.attach']({ address: `disk:${store}` });
  await get(practice, 'x=1');
  const issued = await until(
    () => listed(practice, A),
    ({ record: joined }) => joined !== undefined,
  );
  await get(mine, `${NAME}=${A}`);
  const along = await listed(mine, A);
  if (along === undefined) throw new Error('the cookie is not listed');
  expect(along).toMatchObject({
    state: 'unknown',
    foreign: { issuer: practice, sure: true, notAccepted: expect.anything() },
  });
  expect(along).not.toHaveProperty('record');
  const { detail } = await handlers['session.detail']({ key: along.key });
  expect(detail).toMatchObject({ record: null, recordProblem: { kind: 'other-application' } });
  const { key } = along;
  for (const refused of [
    handlers['session.kill']({ key }),
    handlers['cookie.apply']({ key, change: { value: 'x' } }),
    handlers['cookie.preview']({ key, change: { value: 'x' } }),
    handlers['session.prove']({ key }),
    handlers['lab.run']({
      key,
      experiments: ['http-only'],
      settings: { idleSeconds: 1, absoluteSeconds: null, addressMayChange: true, addresses: [] },
      confirmed: true,
    }),
  ]) {
    await expect(refused).rejects.toMatchObject({ problem: { kind: 'other-application', remedy: expect.anything() } });
  }
  // The issuer's visitor lost the cookie to the other application; its record is still there.
  expect(await listed(practice, A)).toMatchObject({
    key: issued.key,
    state: 'replaced',
    event: { because: 'other-application', host: mine },
    record: { id: A },
  });

  // Unless the user joins them.
  await handlers['session.join']({ key, joined: true });
  expect(await listed(mine, A)).toMatchObject({ record: { id: A } });
  expect((await handlers['session.detail']({ key })).detail).toMatchObject({ joinedWith: practice });
  await handlers['session.join']({ key, joined: false });
  expect(await listed(mine, A)).toMatchObject({ foreign: { issuer: practice } });
});

test('a kill that is undone is seen at once, with what happened meanwhile', async () => {
  const C = HEX('killed');
  const app = await application((_request, response) => {
    response.setHeader('Set-Cookie', `${NAME}=${C}; HttpOnly; Path=/`);
    response.end('hello');
  });
  await writeFile(path.join(store, C), record(C, { user: 'carol' }));
  await handlers['stores.attach']({ address: `disk:${store}` });
  await get(app, 'x=1');
  const { key } = await until(
    () => listed(app, C),
    ({ record: joined }) => joined !== undefined,
  );
  const { editId } = await handlers['session.kill']({ key });
  expect(await listed(app, C)).toMatchObject({ state: 'ended', event: { because: 'killed-here' } });
  await handlers['edit.undo']({ editId });
  expect(await listed(app, C)).toMatchObject({ record: { id: C } });
  expect((await listed(app, C))?.state).not.toBe('ended');
  const kinds = (await handlers['session.timeline']({ key, limit: 9 })).entries.map(({ kind }) => kind);
  expect(kinds.slice(0, 3).sort()).toEqual(['edited', 'record-found', 'revived']);

  // Another program makes the record again: also seen, without a request.
  await unlink(path.join(store, C));
  await until(
    () => listed(app, C),
    ({ record: joined }) => joined === undefined,
  );
  await writeFile(path.join(store, C), record(C, { user: 'carol' }));
  await until(
    () => listed(app, C),
    ({ record: joined }) => joined !== undefined,
  );
});

test('an answer with two cookies of one name makes two sessions, and a request with both names the clash', async () => {
  const [sub, root] = ['1'.repeat(40), '2'.repeat(40)];
  const answer = readFileSync(path.join(import.meta.dirname, '../../fixtures/cookies/two-paths.http'), 'latin1');
  const raw = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer.replace(/\r?\n/g, '\r\n').replace(/\r\n$/, ''), 'latin1'));
  });
  await new Promise<void>((done) => raw.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(raw.address() as AddressInfo).port}`;
  await get(host, 'x=1', '/sub/x');
  const seen = await until(
    () => listed(host, sub),
    () => true,
  );
  expect(seen).toMatchObject({ carrier: { kind: 'cookie', name: NAME, path: '/sub/' }, flags: { httpOnly: true } });
  expect(await listed(host, root)).toMatchObject({
    carrier: { kind: 'cookie', name: NAME },
    flags: { httpOnly: true },
  });
  await get(host, `${NAME}=${sub}; ${NAME}=${root}`, '/sub/x');
  const both = await until(
    () => listed(host, sub),
    ({ clash }) => clash !== undefined,
  );
  expect(both.clash?.cookies).toEqual([
    { path: '/sub/', mine: true },
    { path: '/', mine: false },
  ]);
  expect(both.state).toBe('live');
  expect((await handlers['sessions.list']({ filter: `host:${host} cookie:${NAME}/sub/` })).sessions).toMatchObject([
    { id: sub },
  ]);
  raw.close();
});
