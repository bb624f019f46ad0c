import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BrowserJar } from '../../../core/cookies/jar.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { throughProxy, valuesOf } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* Sessions of the practice site that end through the real proxy, with a browser's jar on this side. */

let folder: string;
let engine: Engine;
let proxyPort: number;
let origin: string;
let jar: BrowserJar;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-why-'));
  engine = await createEngine({ mode: 'web', version: '0', dataFolder: folder });
  proxyPort = (await engine.handlers['app.info']({})).proxy.port;
  origin = (await engine.handlers['practice.start']({ kind: 'disk' })).practice.origin;
  jar = new BrowserJar();
});

afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function go(place: string, method: 'GET' | 'POST' = 'GET', form?: string) {
  const url = origin + place;
  const cookie = jar.header({ url, at: Date.now(), method });
  const got = await throughProxy(proxyPort, url, {
    method,
    headers: [
      ...['User-Agent', 'a browser', 'Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Site', 'same-origin'],
      ...(cookie === undefined ? [] : ['Cookie', cookie]),
      ...(form === undefined ? [] : ['Content-Type', 'application/x-www-form-urlencoded']),
    ],
    ...(form === undefined ? {} : { body: form }),
  });
  jar.setAll(valuesOf(got, 'set-cookie'), { url, at: Date.now() });
  return got;
}

/** The session that the jar holds, once its record is joined. */
async function mine() {
  const value = jar.cookies[0]?.value;
  const { sessions } = await until(
    () => engine.handlers['sessions.list']({}),
    (list) => list.sessions.some((one) => one.id === value && one.record !== undefined),
  );
  const session = sessions.find((one) => one.id === value);
  if (session === undefined) throw new Error('the session is not listed');
  return session;
}

test('a session that goes on is not explained away', async () => {
  await go('/', 'POST', 'do=login:alice');
  await go('/');
  const { key } = await mine();
  expect(await engine.handlers['session.why']({ key })).toMatchObject({ loss: null, causes: [] });
});

test('killed from here: certain, with the moment and the request that was refused', async () => {
  await go('/', 'POST', 'do=login:alice');
  await go('/');
  const session = await mine();
  await engine.handlers['session.kill']({ key: session.key });
  await go('/');
  const why = await until(
    () => engine.handlers['session.why']({ key: session.key }),
    ({ causes }) => causes[0]?.id === 'record-removed',
  );
  expect(why.causes[0]).toMatchObject({ certainty: 'certain', sentence: expect.stringContaining('killed from here') });
  expect(why.causes.filter(({ certainty }) => certainty === 'certain')).toHaveLength(1);
  const { flows } = await engine.handlers['flows.list']({ limit: 10 });
  expect(flows.map(({ id }) => id)).toContain(why.loss?.flowId);
});

test('an edit of data whose text has the word "remove" in it is no removal of the record', async () => {
  await go('/', 'POST', 'do=login:alice');
  await go('/');
  const session = await mine();
  const { storeId = '', id = '' } = session.record ?? {};
  const { record } = await engine.handlers['record.get']({ storeId, id });
  const name = { kind: 'key', key: { t: 'str', v: 'remove_or_kill' } } as const;
  const applied = await engine.handlers['record.apply']({
    storeId,
    id,
    revision: record?.revision ?? '',
    edits: [{ op: 'insert', path: [name], value: { t: 'bool', v: true } }],
    sessionKey: session.key,
  });
  expect(applied).toMatchObject({ outcome: 'written' });
  const { stores } = await engine.handlers['stores.list']({});
  await rm(path.join(new URL(stores[0]?.url ?? '').pathname, id));
  await go('/');
  const why = await until(
    () => engine.handlers['session.why']({ key: session.key }),
    ({ causes }) => causes[0]?.id === 'record-removed',
  );
  expect(why.causes[0]).toMatchObject({ certainty: 'likely' });
  expect(JSON.stringify(why)).not.toContain('killed from here');
});

test('removed here, restored, then removed by somebody else: not "killed from here"', async () => {
  await go('/', 'POST', 'do=login:alice');
  await go('/');
  const session = await mine();
  const { storeId = '', id = '' } = session.record ?? {};
  const { editId } = await engine.handlers['session.kill']({ key: session.key });
  await engine.handlers['edit.undo']({ editId });
  await go('/');
  const { stores } = await engine.handlers['stores.list']({});
  await rm(path.join(new URL(stores[0]?.url ?? '').pathname, id));
  await go('/');
  const why = await until(
    () => engine.handlers['session.why']({ key: session.key }),
    ({ causes }) => causes[0]?.id === 'record-removed',
  );
  expect(storeId).not.toBe('');
  expect(JSON.stringify(why)).not.toContain('killed from here');
});

test('a logout is told from a loss', async () => {
  await go('/', 'POST', 'do=login:alice');
  await go('/');
  const session = await mine();
  await go('/logout', 'POST', 'do=logout');
  await go('/');
  const why = await engine.handlers['session.why']({ key: session.key });
  expect(why.causes[0], JSON.stringify(why)).toMatchObject({ id: 'logged-out', certainty: 'certain' });
});
