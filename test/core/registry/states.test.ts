import { mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decode } from '../../../core/codec/codec.ts';
import { fromPlainJson } from '../../../core/codec/typed.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import { SESSION_STATES } from '../../../core/model/session.ts';
import { RecordWatch } from '../../../core/registry/record-watch.ts';
import { makeFlow, sightingsOf } from '../../support/flow-builder.ts';
import { type Harness, HEX, harness, passFlow, record } from '../../support/registry-harness.ts';

/* Each state is entered by something that was seen to happen; here are the answers by which applications do it. */

const A = HEX('a');
const B = HEX('b');
const SET = (id: string, more = '') => `sid=${id}; Path=/; HttpOnly${more}`;
const HOUR = 3_600_000;

let folder: string;
let h: Harness;
let watch: RecordWatch;
let store: RecordStore;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'states-'));
  h = await harness();
  h.now = Date.now();
  h.stores = true;
  watch = new RecordWatch({
    registry: h.registry,
    clock: () => h.now,
    decode: (found) => decode(found.bytes).value,
    decodeCookie: claimsOf,
    spacingMs: 0,
  });
  store = await openRecordStore(`disk:${folder}`);
});

afterEach(async () => {
  watch.close();
  await store.close();
  await h.close();
  rmSync(folder, { recursive: true });
});

function claimsOf(raw: string) {
  const [, claims] = raw.split('.');
  return claims === undefined ? null : fromPlainJson(JSON.parse(Buffer.from(claims, 'base64url').toString()));
}

const attach = () => watch.attach('s', store, './sessions');
const write = (id: string, fields: Record<string, string | number>) =>
  writeFileSync(path.join(folder, id), record(id, fields));

/** A request during which the application writes or removes records. */
async function request(sketch: Parameters<Harness['pass']>[0], work: () => void = () => {}): Promise<string> {
  work();
  const keys = h.pass(sketch);
  watch.flowSeen(sketch.id ?? '', keys);
  await watch.idle();
  return keys[0] ?? '';
}

const event = (id = A) => h.registry.summary(h.key(id))?.event;

it('a login that is replaced by an anonymous id was logged out, whatever the path was called', async () => {
  attach();
  await request({ id: 'f1', setCookie: [SET(A)] }, () => write(A, { user: 'alice' }));
  await request({ id: 'f2', url: 'http://shop.test/bye', cookie: `sid=${A}`, setCookie: [SET(B)] }, () =>
    write(B, { count: 1 }),
  );
  expect(event()).toMatchObject({ state: 'replaced', because: 'anonymous', id: B, flowId: 'f2' });
  expect(h.timeline(h.key(A)).at(-1)).toMatchObject({ kind: 'state', event: { state: 'replaced' } });
});

it('a logout that gives another id says so without any store', async () => {
  await request({ setCookie: [SET(A)] });
  await request({ id: 'out', url: 'http://shop.test/logout', cookie: `sid=${A}`, setCookie: [SET(B)] });
  expect(event()).toMatchObject({ state: 'replaced', because: 'logged-out', flowId: 'out' });
});

it('an id that is changed with the data in it goes on; one that is another visitor’s does not', async () => {
  attach();
  await request({ id: 'f1', setCookie: [SET(A)] }, () => write(A, { user: 'alice', cart: 'nine things' }));
  await request({ id: 'f2', cookie: `sid=${A}`, setCookie: [SET(B)] }, () =>
    write(B, { user: 'alice', cart: 'nine things' }),
  );
  expect(event()).toMatchObject({ state: 'continued', because: 'same-data', as: h.key(B) });
  const C = HEX('c');
  await request({ id: 'f3', cookie: `sid=${B}`, setCookie: [SET(C)] }, () => write(C, { user: 'bob' }));
  expect(event(B)).toMatchObject({ state: 'replaced', because: 'other-visitor' });
});

it.each([
  ['http://shop.test/', SET(A, '; SameSite=None'), 'SameSite=None'],
  ['https://shop.co.uk/', `sid=${A}; Domain=co.uk`, 'public suffix'],
  ['http://shop.test/', `__Host-sid=${A}; Path=/`, '__Host-'],
  ['http://shop.test/', SET(A, '; Secure'), 'Secure'],
  ['https://shop.test/', SET(A, '; Domain=other.test'), 'Domain'],
])('%s %s is refused by the browser, although its record is there', async (url, setCookie, why) => {
  attach();
  const name = setCookie.slice(0, setCookie.indexOf('='));
  write(A, { user: 'alice' });
  watch.flowSeen('f1', h.pass({ id: 'f1', url, setCookie: [setCookie] }, name));
  await watch.idle();
  expect(event()).toMatchObject({ state: 'refused', because: 'rules', flowId: 'f1' });
  expect(JSON.stringify(event())).toContain(why);
  expect(h.registry.summary(h.key(A))?.record).toMatchObject({ id: A });
});

it('a refused answer takes no place: what the browser holds stays; and what it sends it has', async () => {
  await request({ setCookie: [SET(A)] });
  await request({ cookie: `sid=${A}`, setCookie: [SET(B, '; SameSite=None')] });
  expect(event()).toMatchObject({ state: 'live' });
  expect(event(B)).toMatchObject({ state: 'refused' });
  await request({ id: 'curl', cookie: `sid=${B}` });
  expect(event(B)).toMatchObject({ state: 'live', flowId: 'curl' });
  // The same value with attributes that are refused: the cookie stays as it was.
  await request({ id: 'again', cookie: `sid=${A}`, setCookie: [SET(A, '; Secure')] });
  expect(event()).toMatchObject({ state: 'live' });
  expect(h.registry.get(h.key(A))?.cookie?.secure).toBe(false);
  expect(h.timeline(h.key(A)).at(-1)).toMatchObject({ kind: 'set-refused', flowId: 'again' });
});

const token = (claims: object) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${'s'.repeat(43)}`;
};

it.each([401, 403])('a token whose exp has passed and that is answered with %i has expired', async (status) => {
  const exp = Math.floor(h.now / 1000) + 60;
  const raw = token({ sub: 'alice', exp });
  const flow = (id: string, answer: number) => {
    const base = makeFlow({ id, at: h.now, status: answer });
    const one = { ...base, request: { ...base.request, rawHeaders: ['Authorization', `Bearer ${raw}`] } };
    const sighting = { flowId: id, at: h.now, host: 'shop.test', direction: 'request' } as const;
    const carrier = { kind: 'header', name: 'Authorization' } as const;
    const keys = passFlow(h, one, [{ ...sighting, carrier, id: raw, raw: `Bearer ${raw}` }]);
    watch.flowSeen(id, keys);
    return keys[0] ?? '';
  };
  const key = flow('f1', 200);
  expect(h.registry.summary(key)).toMatchObject({ state: 'live', clocks: { payload: { expires: exp * 1000 } } });
  h.now += 120_000;
  // The application's clock may be behind ours: while it accepts the token, the session is alive.
  flow('f2', 200);
  h.registry.tick();
  expect(h.registry.summary(key)?.state).toBe('live');
  flow('f3', status);
  expect(h.registry.summary(key)?.event).toMatchObject({ state: 'expired', because: 'payload', flowId: 'f3' });
});

it('a record that no longer decodes is unreadable, and is alive again when it does', async () => {
  attach();
  await request({ id: 'f1', setCookie: [SET(A)] }, () => write(A, { user: 'alice' }));
  await request({ id: 'f2', cookie: `sid=${A}`, status: 500 }, () => writeFileSync(path.join(folder, A), 'gAJ9cQ!!'));
  expect(event()).toMatchObject({ state: 'unreadable', because: 'record', flowId: 'f2' });
  await request({ id: 'f3', cookie: `sid=${A}` }, () => write(A, { user: 'alice' }));
  expect(event()).toMatchObject({ state: 'live' });
});

it('a format that was never known is no fault of the session', async () => {
  attach();
  await request({ id: 'f1', setCookie: [SET(A)] }, () => writeFileSync(path.join(folder, A), '\x01\x02nobody knows'));
  expect(event()).toMatchObject({ state: 'live' });
});

it('what was not used for long and is deleted by an answer has expired; a logout and a sudden end have not', async () => {
  attach();
  const aged = (id: string, ms: number) => {
    write(id, { user: 'alice' });
    const at = new Date(h.now - ms);
    utimesSync(path.join(folder, id), at, at);
  };
  await request({ id: 'f1', setCookie: [SET(A)] }, () => aged(A, 25 * HOUR));
  const gone = `sid=${A}; expires=Fri, 17 Mar 1995 00:00:00 GMT; Path=/`;
  await request({ id: 'f2', cookie: `sid=${A}`, setCookie: [gone] }, () => unlinkSync(path.join(folder, A)));
  expect(event()).toMatchObject({ state: 'expired', because: 'idle', flowId: 'f2' });
  expect(h.registry.lastCleanup('s')).toBe(event()?.at);
  expect((event() as { idleMs?: number }).idleMs).toBeGreaterThan(24 * HOUR);

  await request({ id: 'f3', setCookie: [SET(B)] }, () => aged(B, 60_000));
  await request({ id: 'f4', cookie: `sid=${B}`, setCookie: [`sid=; Max-Age=0; Path=/`] }, () =>
    unlinkSync(path.join(folder, B)),
  );
  expect(event(B)).toMatchObject({ state: 'ended', because: 'application', flowId: 'f4' });

  const C = HEX('c');
  await request({ id: 'f5', setCookie: [SET(C)] }, () => aged(C, 60_000));
  unlinkSync(path.join(folder, C));
  await watch.refresh(h.key(C));
  // The flow of the session is over; nobody's request took the record away.
  expect(event(C)).toMatchObject({ state: 'ended' });
});

it('with the application’s clock two hours behind, Expires is read by the answer’s Date, as Chromium does', async () => {
  const behind = (ms: number) => new Date(h.now - 2 * HOUR + ms).toUTCString();
  const answer = (id: string, cookie?: string) => {
    const base = makeFlow({
      id,
      at: h.now,
      ...(cookie === undefined ? {} : { cookie }),
      setCookie: [SET(A, `; Expires=${behind(HOUR)}`)],
    });
    const response = base.response && {
      ...base.response,
      rawHeaders: [...base.response.rawHeaders, 'Date', behind(0)],
    };
    const flow = { ...base, ...(response && { response }) };
    return passFlow(h, flow, sightingsOf(flow));
  };
  answer('f1');
  for (let i = 2; i < 7; i += 1) {
    h.now += 60_000;
    answer(`f${i}`, `sid=${A}`);
    h.registry.tick();
    expect(event()).toMatchObject({ state: 'live' });
  }
  h.now += HOUR + 1_000;
  h.registry.tick();
  expect(event()).toMatchObject({ state: 'expired', because: 'cookie' });
  // The user works on: the browser has it after all.
  await request({ id: 'late', cookie: `sid=${A}` });
  h.registry.tick();
  expect(event()).toMatchObject({ state: 'live' });
});

it('what was not seen for a day, and has no record, is not known to be alive', async () => {
  await request({ cookie: `sid=${A}` });
  h.registry.tick();
  expect(event()).toMatchObject({ state: 'live' });
  h.now += 25 * HOUR;
  h.registry.tick();
  expect(event()).toMatchObject({ state: 'unknown', because: 'not-seen-lately' });
  expect(h.workspace.sessions.list({ limit: 5, filter: 'state:unknown' })).toHaveLength(1);
  await request({ cookie: `sid=${A}` });
  expect(event()).toMatchObject({ state: 'live' });
});

it('every state can be filtered for', () => {
  for (const state of SESSION_STATES)
    expect(h.workspace.sessions.list({ limit: 1, filter: `state:${state}` })).toEqual([]);
});
