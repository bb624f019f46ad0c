import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sealData } from 'iron-session';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { SessionSummary } from '../../../core/model/session.ts';
import { throughProxy } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* Signed sessions that pass the real proxy: their state and their findings in list, filter and score. */

let folder: string;
let engine: Engine;
let app: http.Server;
let origin: string;
let place: string;
let proxyPort: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-signatures-'));
  engine = await createEngine({ mode: 'web', version: '0', dataFolder: folder });
  proxyPort = (await engine.handlers['app.info']({})).proxy.port;
  app = http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>hello'));
  await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  place = `site ${new URL(origin).host}`;
});

afterEach(async () => {
  await engine.close();
  app.close();
  await rm(folder, { recursive: true, force: true });
});

const go = (cookie: string) => throughProxy(proxyPort, `${origin}/`, { headers: ['Cookie', cookie] });

async function only(filter: string, holds: (one: SessionSummary) => boolean = () => true): Promise<SessionSummary> {
  const { sessions } = await until(
    () => engine.handlers['sessions.list']({ filter }),
    (list) => list.sessions.length === 1 && holds(list.sessions[0] as SessionSummary),
  );
  return sessions[0] as SessionSummary;
}

const count = async (filter: string) => (await engine.handlers['sessions.list']({ filter })).sessions.length;

function flask(payload: string, key: string): string {
  const derived = createHmac('sha1', key).update('cookie-session').digest();
  const text = `${Buffer.from(payload).toString('base64url')}.ZmaZgA`;
  return `${text}.${createHmac('sha1', derived).update(text).digest('base64url')}`;
}

function expressId(id: string, key: string): string {
  return `s%3A${id}.${encodeURIComponent(createHmac('sha256', key).update(id).digest('base64').replace(/=+$/, ''))}`;
}

test('the state follows the keys: not checked, made with another key, valid; list, filter and score have it', async () => {
  await go(`session=${flask('{"user":"alice"}', 'a long key that stands in no list')}`);
  const before = await only('cookie:session signature:unchecked');
  expect(before.signature).toMatchObject({ state: 'unchecked' });
  expect(before.findings).toBeUndefined();
  expect(await count('cookie:session signature:valid')).toBe(0);

  await engine.handlers['keys.add']({ place, key: 'another key' });
  const wrong = await only('cookie:session signature:invalid');
  expect(wrong.score.reasons.find(({ code }) => code === 'signature')).toMatchObject({ about: 'session', points: -10 });

  await engine.handlers['keys.add']({ place, key: 'a long key that stands in no list' });
  const right = await only('cookie:session signature:valid');
  expect(right.signature).toMatchObject({ state: 'valid', key: 0 });
  expect(right.score.reasons.find(({ code }) => code === 'signature')?.text).toMatch(/fits a key of the site/);
  expect(await count('signature:invalid')).toBe(0);
});

test('an id whose data is in a store is checked too; nothing signed counts as none', async () => {
  await go(
    `connect.sid=${expressId('kq3vZ0a9Jb7xQwErTy12', 'nobody knows this one')}; webpy_session_id=8a1f0c2d9b7e4a6f8c3d5e7f9a1b2c3d4e5f6a7b`,
  );
  expect((await only('cookie:connect.sid signature:unchecked')).signature?.state).toBe('unchecked');
  expect(await count('cookie=webpy_session_id signature:none')).toBe(1);
  expect(await count('cookie:connect.sid signature:none')).toBe(0);
});

test('a sealed value that no key opens has the state of its seal', async () => {
  const sealed = await sealData({ user: 'alice' }, { password: 'x'.repeat(40) });
  await go(`iron-session=${sealed}`);
  expect((await only('signature:unchecked')).signature?.scheme).toBe('iron');
  await engine.handlers['keys.add']({ place, key: 'y'.repeat(40) });
  await only('signature:invalid');
  await engine.handlers['keys.add']({ place, key: 'x'.repeat(40) });
  expect((await only('signature:valid')).label).toMatch(/alice/);
});

test('a published key is found in what was captured, without a request; the finding is in list and filter', async () => {
  const requests: string[] = [];
  app.on('request', (request: http.IncomingMessage) => requests.push(request.url ?? ''));
  await go(`connect.sid=${expressId('kq3vZ0a9Jb7xQwErTy12', 'keyboard cat')}`);
  const found = await only('finding:weak-key');
  expect(found.findings).toMatchObject([
    { id: 'weak-key', severity: 'danger', source: expect.stringContaining('express-session') },
  ]);
  expect(found.signature?.state, 'that a key is published makes it no key of the site').toBe('unchecked');
  expect(await count('finding:any')).toBe(1);
  expect(await count('finding:jwt-alg-none')).toBe(0);
  expect(requests).toEqual(['/']);
  expect(JSON.stringify(found)).not.toContain('keyboard cat');
});

test('a token in a header: not signed, and it never ends', async () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: 'alice' })}.`;
  await throughProxy(proxyPort, `${origin}/`, { headers: ['Authorization', `Bearer ${token}`] });
  const found = await only('finding:jwt-alg-none');
  expect(found.findings?.map(({ id }) => id)).toEqual(['jwt-alg-none', 'jwt-no-exp']);
  expect(found.signature?.state).toBe('none');
});

test('value.findings: any value, with keys for this call alone, which are not kept', async () => {
  const text = flask('{"user":"bob"}', 'changeme');
  const { findings } = await engine.handlers['value.findings']({ of: { text } });
  expect(findings).toMatchObject([{ id: 'weak-key' }]);
  const peel = await engine.handlers['value.decode']({ of: { text }, keys: ['changeme'] });
  expect(peel.signature).toMatchObject({ state: 'valid', key: 0 });
  const again = await engine.handlers['value.decode']({ of: { text } });
  expect(again.signature?.state).toBe('unchecked');
  const made = await engine.handlers['value.edit']({
    of: { text },
    keys: ['changeme'],
    stamp: 'keep',
    edits: [{ op: 'set', path: [{ kind: 'key', key: { t: 'str', v: 'user' } }], value: { t: 'str', v: 'eve' } }],
  });
  expect(made.text).toBe(flask('{"user":"eve"}', 'changeme'));
  expect(made.signature?.state).toBe('valid');
  expect((await engine.handlers['keys.list']({ place })).keys).toEqual([]);
});
