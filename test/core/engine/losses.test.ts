import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventOf } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { SessionSummary } from '../../../core/model/session.ts';
import { throughProxy } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* Losses that nobody asked about: an application behind the real proxy, seen by two visitors. */

const LOGIN = '<form method="post"><input type="password" name="p"></form>';
const SID = '8a1f0c2d9b7e4a6f8c3d5e7f9a1b2c3d';

let folder: string;
let engine: Engine;
let app: http.Server;
let origin: string;
let proxyPort: number;
let answer: http.RequestListener;
let lost: EventOf<'session.lost'>[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-losses-'));
  engine = await createEngine({ mode: 'web', version: '0', dataFolder: folder });
  proxyPort = (await engine.handlers['app.info']({})).proxy.port;
  app = http.createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  lost = [];
  engine.subscribe((name, event) => {
    if (name === 'session.lost') lost.push(event as EventOf<'session.lost'>);
  });
});

afterEach(async () => {
  await engine.close();
  app.close();
  await rm(folder, { recursive: true, force: true });
});

async function go(place: string, more: { cookie?: string; agent?: string; method?: string; headers?: string[] } = {}) {
  const { cookie, agent = 'first browser', method = 'GET', headers = [] } = more;
  return throughProxy(proxyPort, origin + place, {
    method,
    headers: [
      ...[
        'User-Agent',
        agent,
        'Sec-Fetch-Mode',
        'navigate',
        'Sec-Fetch-Dest',
        'document',
        'Sec-Fetch-Site',
        'same-origin',
      ],
      ...(cookie === undefined ? [] : ['Cookie', cookie]),
      ...headers,
    ],
  });
}

async function listed(filter: string, holds: (list: readonly SessionSummary[]) => boolean) {
  const { sessions } = await until(
    () => engine.handlers['sessions.list']({ filter }),
    (list) => holds(list.sessions),
  );
  return sessions;
}

async function logIn() {
  answer = (_, response) => response.writeHead(302, { Location: '/', 'Set-Cookie': `sessionid=${SID}; Path=/` }).end();
  await go('/login', { method: 'POST' });
  answer = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hello alice</h1>');
  await go('/', { cookie: `sessionid=${SID}` });
  await go('/orders', { cookie: `sessionid=${SID}` });
}

test('a login page where content was: a mark in the list, an entry in the timeline, one event, a filter', async () => {
  await logIn();
  answer = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(LOGIN);
  await go('/orders', { cookie: `sessionid=${SID}` });
  const [session] = await listed('lost:any', (list) => list.length === 1);
  expect(session?.loss).toMatchObject({ kind: 'not-accepted', cause: 'ended-by-application', certainty: 'possible' });
  const { entries } = await engine.handlers['session.timeline']({ key: session?.key ?? '', limit: 50 });
  expect(entries.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
  expect(entries.find(({ kind }) => kind === 'lost')?.flowId).toBe(session?.loss?.flowId);
  expect(lost).toHaveLength(1);
  expect(await listed('lost:possible', (list) => list.length === 1)).toHaveLength(1);
  expect(await listed('lost=ended-by-application', (list) => list.length === 1)).toHaveLength(1);
  expect(await listed('lost:certain', (list) => list.length === 0)).toEqual([]);
  // It goes on after all: the mark goes, what happened stays in the timeline.
  answer = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hello alice</h1>');
  await go('/account', { cookie: `sessionid=${SID}` });
  expect(await listed('lost:any', (list) => list.length === 0)).toEqual([]);
  const later = await engine.handlers['session.timeline']({ key: session?.key ?? '', limit: 50 });
  expect(later.entries.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
});

test('what only looks like a loss is none: a logout, a refused token of a form', async () => {
  await logIn();
  answer = (_, response) => response.writeHead(403, { 'Content-Type': 'text/html' }).end('<h1>CSRF token missing</h1>');
  await go('/orders', { method: 'POST', cookie: `sessionid=${SID}` });
  answer = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hello alice</h1>');
  await go('/', { cookie: `sessionid=${SID}` });
  answer = (_, response) =>
    response.writeHead(302, { Location: '/', 'Set-Cookie': 'sessionid=; Path=/; Max-Age=0' }).end();
  await go('/logout', { method: 'POST', cookie: `sessionid=${SID}` });
  await until(
    () => engine.handlers['sessions.list']({}),
    (list) => list.sessions.some(({ state }) => state === 'ended'),
  );
  const [session] = (await engine.handlers['sessions.list']({})).sessions;
  const why = await engine.handlers['session.why']({ key: session?.key ?? '' });
  expect(why.causes[0]).toMatchObject({ nothingLost: true });
  expect((await engine.handlers['sessions.list']({ filter: 'lost:any' })).sessions).toEqual([]);
  expect(lost.filter(({ loss }) => loss.cause === 'logged-out')).toEqual([]);
});

test('one id for two visitors is an alarm of its own', async () => {
  await logIn();
  answer = (_, response) =>
    response
      .writeHead(200, { 'Content-Type': 'text/html', Age: '12', 'Set-Cookie': `sessionid=${SID}; Path=/` })
      .end('<h1>Hello alice</h1>');
  await go('/', { agent: 'second browser' });
  const [session] = await listed('lost:alarm', (list) => list.length === 1);
  expect(session?.alarms?.[0]).toMatchObject({ kind: 'shared-id', sentence: expect.stringContaining('12 s') });
  const { entries } = await engine.handlers['session.timeline']({ key: session?.key ?? '', limit: 50 });
  expect(entries.filter(({ kind }) => kind === 'alarm')).toHaveLength(1);
});

test('cookies of one session whose clocks contradict each other are an alarm', async () => {
  answer = (_, response) =>
    response
      .writeHead(302, {
        Location: '/',
        'Set-Cookie': [
          `access_token=${SID}; Path=/; HttpOnly; Max-Age=86400`,
          'refresh_token=6c1e9d2f4b8a7c3e5d1f0a9b8c7d6e5f; Path=/; HttpOnly; Max-Age=3600',
        ],
      })
      .end();
  await go('/login', { method: 'POST' });
  answer = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hello alice</h1>');
  for (const place of ['/', '/orders', '/account']) {
    await go(place, { cookie: `access_token=${SID}; refresh_token=6c1e9d2f4b8a7c3e5d1f0a9b8c7d6e5f` });
  }
  const sessions = await listed('lost:alarm', (list) => list.length > 0);
  expect(sessions[0]?.alarms?.[0]).toMatchObject({
    kind: 'clocks',
    sentence: expect.stringContaining('refresh_token ends 23 h before'),
  });
});
