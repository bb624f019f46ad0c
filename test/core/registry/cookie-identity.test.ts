import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { decode } from '../../../core/codec/codec.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { RecordWatch } from '../../../core/registry/record-watch.ts';
import { type Harness, HEX, harness, record } from '../../support/registry-harness.ts';

const open: Harness[] = [];
const NAME = 'webpy_session_id';
const A = HEX('a');
const B = HEX('b');
const C = HEX('c');
const SET = (id: string, more = 'Path=/') => `${NAME}=${id}; HttpOnly; ${more}`;

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(...args: Parameters<typeof harness>): Promise<Harness> {
  const made = await harness(...args);
  open.push(made);
  return made;
}

const pass = (h: Harness, sketch: Parameters<Harness['pass']>[0]) => h.pass(sketch, NAME);

it('two cookies of one name at different paths are two sessions, each with its own attributes', async () => {
  const h = await start();
  pass(h, { url: 'http://shop.test/sub/x', setCookie: [SET(A, 'Path=/sub/'), `${NAME}=${B}; Path=/`] });
  expect(h.registry.summary(h.key(A))).toMatchObject({
    carrier: { kind: 'cookie', name: NAME, path: '/sub/' },
    flags: { httpOnly: true },
  });
  expect(h.registry.summary(h.key(B))).toMatchObject({ carrier: { name: NAME }, flags: { httpOnly: false } });
  expect(h.registry.summary(h.key(B))?.carrier).not.toHaveProperty('path');
  // Both go with a request below /sub/, the more specific one first: neither takes the other's place.
  pass(h, { id: 'both', url: 'http://shop.test/sub/x', cookie: `${NAME}=${A}; ${NAME}=${B}`, setCookie: [SET(C)] });
  expect(h.registry.summary(h.key(A))?.state).toBe('live');
  expect(h.registry.summary(h.key(B))).toMatchObject({ state: 'replaced', event: { id: C } });
  expect(h.registry.summary(h.key(A))?.clash).toMatchObject({
    flowId: 'both',
    cookies: [
      { path: '/sub/', mine: true },
      { path: '/', mine: false },
    ],
  });
  expect(h.workspace.sessions.list({ limit: 9, filter: `cookie:${NAME}` })).toHaveLength(3);
  expect(h.workspace.sessions.list({ limit: 9, filter: `cookie:${NAME}/sub/` })).toMatchObject([{ id: A }]);
  expect(h.workspace.flows.list({ limit: 9, filter: `cookie:${NAME}/sub/` })).toHaveLength(2);
});

it('a deletion removes the cookie of its own path and domain, and says so where it misses', async () => {
  const h = await start();
  pass(h, { url: 'http://shop.test/app/', setCookie: [SET(A, 'Path=/app/')] });
  const out = { url: 'http://shop.test/app/logout', cookie: `${NAME}=${A}` };
  pass(h, { ...out, id: 'miss', setCookie: [`${NAME}=; Max-Age=0; Path=/`] });
  expect(h.registry.summary(h.key(A))?.state).toBe('live');
  expect(h.timeline(h.key(A)).at(-1)).toMatchObject({
    kind: 'not-deleted',
    flowId: 'miss',
    cookie: SET(A, 'Path=/app/'),
  });
  pass(h, { ...out, id: 'hit', setCookie: [`${NAME}=; Max-Age=0; Path=/app/`] });
  expect(h.registry.summary(h.key(A))).toMatchObject({ state: 'ended', event: { because: 'logout', flowId: 'hit' } });
});

it('a cookie with a Domain is one with that of another host, and no cookie of the host alone', async () => {
  const h = await start();
  pass(h, { url: 'http://login.shop.test/', setCookie: [SET(A, 'Path=/; Domain=shop.test')] });
  pass(h, { url: 'http://login.shop.test/', setCookie: [SET(B)] });
  expect(h.registry.summary(h.key(A))?.carrier).toMatchObject({ domain: 'shop.test' });
  expect(h.registry.summary(h.key(A))?.state).toBe('anonymous');
  // Set for all of shop.test on purpose: the other host's session is its own, with the attributes that are known.
  const [there] = pass(h, { url: 'http://app.shop.test/', cookie: `${NAME}=${A}` });
  expect(h.registry.summary(there ?? '')).toMatchObject({
    host: 'app.shop.test',
    state: 'live',
    flags: { httpOnly: true },
  });
  expect(h.registry.summary(there ?? '')).not.toHaveProperty('foreign');
  expect(h.registry.get(there ?? '')?.issuer).toBe('login.shop.test');
});

it('identities are kept in the workspace', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'identity-'));
  const file = path.join(folder, 'w.sqlite');
  const h = await harness(file);
  pass(h, { url: 'http://shop.test/sub/', setCookie: [SET(A, 'Path=/sub/'), SET(B)] });
  await h.close();
  const again = await start(file);
  again.now = h.now;
  const keys = pass(again, { url: 'http://shop.test/sub/', cookie: `${NAME}=${A}; ${NAME}=${B}` });
  expect(keys.map((key) => again.registry.summary(key)?.carrier)).toEqual([
    { kind: 'cookie', name: NAME, path: '/sub/' },
    { kind: 'cookie', name: NAME },
  ]);
  expect(again.workspace.sessions.count()).toBe(2);
  rmSync(folder, { recursive: true });
});

it('a partitioned cookie lies beside the one without a partition', async () => {
  const h = await start();
  const url = 'https://shop.test/';
  pass(h, { url, setCookie: [SET(A, 'Path=/; Secure; SameSite=None; Partitioned'), SET(B, 'Path=/; Secure')] });
  expect(h.registry.summary(h.key(A))?.carrier).toMatchObject({ partition: 'https://shop.test' });
  expect(h.registry.summary(h.key(A))?.state).toBe('anonymous');
  expect(h.registry.summary(h.key(B))?.state).toBe('anonymous');
});

it('a sub-application of web.py: the first cookie is not lost, and each record is found in its own store', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'two-paths-'));
  const h = await start();
  h.stores = true;
  const watch = new RecordWatch({
    registry: h.registry,
    clock: () => h.now,
    decode: (found) => decode(found.bytes).value,
  });
  const [main, sub] = [path.join(folder, 'main'), path.join(folder, 'sub')];
  for (const dir of [main, sub]) mkdirSync(dir);
  const stores = [await openRecordStore(`disk:${main}`), await openRecordStore(`disk:${sub}`)] as const;
  watch.attach('main', stores[0], 'DiskStore main');
  watch.attach('sub', stores[1], 'DiskStore sub');
  writeFileSync(path.join(sub, A), record(A, { n: 0 }));
  writeFileSync(path.join(main, B), record(B, { n: 0 }));
  watch.flowSeen('f1', pass(h, { id: 'f1', url: 'http://shop.test/sub/x', setCookie: [SET(A, 'Path=/sub/'), SET(B)] }));
  await watch.idle();
  expect(h.registry.summary(h.key(A))).toMatchObject({ record: { storeId: 'sub' }, flags: { httpOnly: true } });
  expect(h.registry.summary(h.key(B))).toMatchObject({ record: { storeId: 'main' } });
  const why = (id: string) => h.registry.summary(h.key(id))?.score.reasons.find(({ code }) => code === 'store');
  expect(why(A)).toMatchObject({ about: 'session', text: 'Its record was found in DiskStore sub' });
  expect(why(B)).toMatchObject({ about: 'session', text: 'Its record was found in DiskStore main' });
  // A later one without a record: what is known is about the name.
  pass(h, { url: 'http://shop.test/', setCookie: [SET(C)] });
  expect(why(C)).toMatchObject({ about: 'name', text: expect.stringContaining('other sessions') });
  watch.close();
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
});

const PRACTICE = 'http://127.0.0.1:36913/';
const MINE = 'http://127.0.0.1:8080/';

it('a cookie of another port is sent along: its issuer is known, and nothing of it is this application’s', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ports-'));
  const h = await start();
  h.stores = true;
  const watch = new RecordWatch({
    registry: h.registry,
    clock: () => h.now,
    decode: (found) => decode(found.bytes).value,
  });
  const store = await openRecordStore(`disk:${folder}`);
  watch.attach('practice', store, 'DiskStore practice/sessions');
  writeFileSync(path.join(folder, A), record(A, { user: 'alice' }));
  watch.flowSeen('f1', pass(h, { id: 'f1', url: PRACTICE, setCookie: [SET(A)] }));
  await watch.idle();
  const [issued] = pass(h, { url: PRACTICE, cookie: `${NAME}=${A}`, setCookie: [SET(A)] });
  const keys = pass(h, { id: 'f3', url: MINE, cookie: `${NAME}=${A}`, setCookie: [SET(B)] });
  watch.flowSeen('f3', keys);
  await watch.idle();
  const sentAlong = h.registry.summary(keys[0] ?? '');
  expect(sentAlong).toMatchObject({
    host: '127.0.0.1:8080',
    id: A,
    state: 'unknown',
    event: { because: 'other-application' },
    foreign: { issuer: '127.0.0.1:36913', sure: true, notAccepted: 'f3' },
  });
  expect(sentAlong).not.toHaveProperty('record');
  expect(sentAlong).not.toHaveProperty('label');
  // The browser has one cookie of that name for both ports: the issuer's visitor has lost it.
  expect(h.registry.summary(issued ?? '')).toMatchObject({
    record: { storeId: 'practice' },
    state: 'replaced',
    event: { because: 'other-application', host: '127.0.0.1:8080', flowId: 'f3' },
  });
  expect(h.kinds(h.key(B))).toEqual(['created']);
  expect(h.registry.get(h.key(B))).not.toHaveProperty('follows');
  expect(h.workspace.sessions.list({ limit: 9, filter: 'is:foreign' })).toMatchObject([{ id: A }]);
  watch.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

it('the issuer that becomes known later takes the cookie back; without one neither application gets the other’s record', async () => {
  const h = await start();
  const [first] = pass(h, { url: MINE, cookie: `${NAME}=${A}` });
  expect(h.registry.summary(first ?? '')).toMatchObject({ state: 'live' });
  const [second] = pass(h, { url: PRACTICE, cookie: `${NAME}=${A}` });
  expect(h.registry.summary(second ?? '')).toMatchObject({
    state: 'unknown',
    event: { because: 'issuer-not-seen' },
    foreign: { issuer: '127.0.0.1:8080', sure: false },
  });
  pass(h, { url: PRACTICE, cookie: `${NAME}=${A}`, setCookie: [SET(A)] });
  expect(h.registry.summary(second ?? '')).toMatchObject({ state: 'live' });
  expect(h.registry.summary(second ?? '')).not.toHaveProperty('foreign');
  expect(h.registry.summary(first ?? '')).toMatchObject({
    state: 'unknown',
    foreign: { issuer: '127.0.0.1:36913', sure: true },
  });
});

it('the browser’s jar can say who issued a cookie, and the user that two applications share theirs', async () => {
  let joined = false;
  const h = await start(':memory:', { joined: () => joined });
  const [key = ''] = pass(h, { url: MINE, cookie: `${NAME}=${A}` });
  h.registry.issuedBy(key, '127.0.0.1:5000');
  expect(h.registry.summary(key)).toMatchObject({
    state: 'unknown',
    foreign: { issuer: '127.0.0.1:5000', sure: true },
  });
  h.registry.announce();
  joined = true;
  expect(h.registry.joinedChanged('127.0.0.1:8080')).toEqual([key]);
  expect(h.registry.summary(key)?.state).toBe('live');
  joined = false;
  expect(h.registry.joinedChanged('127.0.0.1:8080')).toEqual([key]);
  expect(h.registry.summary(key)?.state).toBe('unknown');
});

it('http and https of one host without a port are one application; other hosts share nothing', async () => {
  const h = await start();
  pass(h, { url: 'http://shop.test/', setCookie: [SET(A)] });
  const [same] = pass(h, { url: 'https://shop.test/', cookie: `${NAME}=${A}` });
  expect(same).toBe(h.key(A));
  const [other] = pass(h, { url: 'http://else.test/', cookie: `${NAME}=${A}` });
  expect(h.registry.summary(other ?? '')).not.toHaveProperty('foreign');
  const [six] = pass(h, { url: 'http://[::1]:8000/', setCookie: [SET(B)] });
  const [along] = pass(h, { url: 'http://[::1]:9000/', cookie: `${NAME}=${B}` });
  expect(h.registry.summary(six ?? '')).not.toHaveProperty('foreign');
  expect(h.registry.summary(along ?? '')).toMatchObject({ foreign: { issuer: '[::1]:8000' } });
});
