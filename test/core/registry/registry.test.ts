import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeFlow, sightingsOf } from '../../support/flow-builder.ts';
import { type Harness, HEX, harness, passFlow } from '../../support/registry-harness.ts';

const open: Harness[] = [];
const A = HEX('a');
const B = HEX('b');
const SET = (id: string, more = '') => `sid=${id}; Path=/; HttpOnly${more}`;

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(...args: Parameters<typeof harness>): Promise<Harness> {
  const made = await harness(...args);
  open.push(made);
  return made;
}

describe('the life of a session', () => {
  it('is created by a Set-Cookie, used, and is one object however often it is seen', async () => {
    const h = await start();
    const [key] = h.pass({ setCookie: [SET(A)] });
    expect(h.registry.summary(key ?? '')).toMatchObject({ id: A, state: 'anonymous', flows: 1, host: 'shop.test' });
    h.pass({ cookie: `sid=${A}`, setCookie: [SET(A)] });
    h.pass({ cookie: `lang=en; sid=${A}` });
    expect(h.registry.summary(key ?? '')).toMatchObject({ state: 'live', flows: 3, flags: { httpOnly: true } });
    expect(h.registry.summary(key ?? '')?.score.reasons.map(({ code }) => code)).toContain('entropy');
    expect(h.kinds(h.key())).toEqual(['created']);
    expect(h.workspace.flows.list({ sessionKey: h.key(), limit: 10 })).toHaveLength(3);
    expect(h.workspace.sessions.list({ limit: 10 })).toMatchObject([{ id: A, flows: 3 }]);
  });

  it('reading the same flow again changes nothing', async () => {
    const h = await start();
    const flow = makeFlow({ at: h.now, cookie: `sid=${A}`, setCookie: [SET(A)] });
    passFlow(h, { ...flow, id: 'again' }, sightingsOf({ ...flow, id: 'again' }));
    const open2 = makeFlow({ at: h.now, cookie: `sid=${A}`, setCookie: [SET(A)], ended: false });
    for (let i = 0; i < 5; i += 1) {
      h.workspace.flows.put(open2);
      h.registry.saw(open2, sightingsOf(open2));
    }
    expect(h.registry.summary(h.key())?.flows).toBe(2);
  });

  it('continues at login: old id → new id, both ways in the timeline, with the flow', async () => {
    const h = await start();
    h.pass({ setCookie: [SET(A)] });
    h.pass({ id: 'login', method: 'POST', url: 'http://shop.test/login', cookie: `sid=${A}`, setCookie: [SET(B)] });
    const [old, young] = [h.key(A), h.key(B)];
    const event = { state: 'continued', because: 'login', as: young, id: B, flowId: 'login' };
    expect(h.registry.summary(old)).toMatchObject({ state: 'continued', event });
    expect(h.registry.get(young)?.follows).toBe(old);
    expect(h.timeline(old).at(-1)).toMatchObject({ kind: 'state', flowId: 'login', event });
    const follows = { kind: 'follows', from: A, key: old, how: 'continued', flowId: 'login' };
    expect(h.timeline(young)).toMatchObject([{ kind: 'created' }, follows]);
    expect(h.registry.summary(young)?.score.reasons.map(({ code }) => code)).toContain('login');
    // The old id is used again, by somebody who kept it.
    h.pass({ cookie: `sid=${A}` });
    expect(h.registry.summary(old)?.state).toBe('live');
  });

  it('is ended by a deleting Set-Cookie, whatever way it deletes', async () => {
    for (const deleting of [
      `sid=${A}; expires=Fri, 17 Mar 1995 00:00:00 GMT; HttpOnly; Path=/`,
      'sid=x; Max-Age=0; Path=/',
      'sid=; Path=/',
    ]) {
      const h = await start();
      h.pass({ setCookie: [SET(A)] });
      h.pass({ id: 'out', url: 'http://shop.test/logout', cookie: `sid=${A}`, setCookie: [deleting] });
      const event = { state: 'ended', because: 'logout', flowId: 'out' };
      expect(h.registry.summary(h.key(A))).toMatchObject({ state: 'ended', event });
      expect(h.timeline(h.key(A)).at(-1)).toMatchObject({ kind: 'state', flowId: 'out', event });
      // web.py gives the next request a new id: no rotation, another session.
      h.pass({ cookie: `sid=${A}`, setCookie: [SET(B)] });
      expect(h.registry.summary(h.key(A))?.state).toBe('ended');
      expect(h.kinds(h.key(B))).toEqual(['created']);
      await h.close();
      open.splice(open.indexOf(h), 1);
    }
  });

  it('the last Set-Cookie of a name counts, as in a browser', async () => {
    const h = await start();
    h.pass({ setCookie: [SET(A)] });
    h.pass({ cookie: `sid=${A}`, setCookie: ['sid=; Max-Age=0; Path=/', SET(B)] });
    expect(h.registry.summary(h.key(A))).toMatchObject({ state: 'replaced', event: { because: 'another-id', id: B } });
    expect(h.registry.get(h.key(B))?.cookie).toMatchObject({ value: B, httpOnly: true, path: '/' });
  });

  it('runs out with its cookie', async () => {
    const h = await start();
    h.pass({ setCookie: [SET(A, '; Max-Age=60')] });
    h.pass({ cookie: `sid=${A}` });
    const key = h.key();
    expect(h.registry.summary(key)).toMatchObject({
      state: 'live',
      clocks: { cookie: { expires: expect.any(Number) } },
    });
    h.registry.tick();
    expect(h.kinds(key)).toEqual(['created']);
    h.now += 61_000;
    h.registry.tick();
    h.registry.tick();
    expect(h.registry.summary(key)?.state).toBe('expired');
    expect(h.kinds(key)).toEqual(['created', 'state']);
    expect(h.timeline(key).at(-1)).toMatchObject({ event: { state: 'expired', because: 'cookie' } });
    h.pass({ cookie: `sid=${A}`, setCookie: [SET(A)] });
    expect(h.registry.summary(key)?.state).toBe('live');
  });

  it('notes changed attributes and addresses, and what was seen before the capture', async () => {
    const h = await start();
    h.pass({ cookie: `sid=${A}`, address: '127.0.0.1' });
    const key = h.key();
    expect(h.kinds(key)).toEqual(['seen']);
    h.pass({ cookie: `sid=${A}`, setCookie: [SET(A, '; Expires=Wed, 01 Jan 2031 00:00:00 GMT')] });
    h.pass({ cookie: `sid=${A}`, setCookie: [SET(A, '; Expires=Wed, 01 Jan 2031 00:00:09 GMT')] });
    expect(h.kinds(key)).toEqual(['seen']);
    h.pass({ cookie: `sid=${A}`, setCookie: [SET(A, '; SameSite=Lax')], address: '127.0.0.2' });
    const entries = h.timeline(key).slice(1);
    expect(entries).toMatchObject([
      { kind: 'address-changed', before: '127.0.0.1', after: '127.0.0.2' },
      { kind: 'attributes-changed', before: expect.stringContaining('2031'), after: SET(A, '; SameSite=Lax') },
    ]);
    h.now += 600_000;
    h.pass({ cookie: `sid=${A}`, address: '127.0.0.2' });
    expect(h.kinds(key).at(-1)).toBe('seen');
  });

  it('a value that holds the data itself stays the same session when it is replaced', async () => {
    const h = await start();
    const flask = (n: number) => {
      const mac = createHash('sha1').update(String(n)).digest('base64url');
      return `${Buffer.from(`{"count":${n}}`).toString('base64url')}.ZxK3Xw.${mac}`;
    };
    const set = (n: number) => [`session=${flask(n)}; HttpOnly; Path=/`];
    h.pass({ setCookie: set(1) }, 'session');
    for (let n = 1; n < 6; n += 1) h.pass({ cookie: `session=${flask(n)}`, setCookie: set(n + 1) }, 'session');
    expect(h.registry.summary(h.key())).toMatchObject({ id: flask(6), flows: 6 });
    expect(h.kinds(h.key())).toEqual(['created']);
    expect(h.registry.find('shop.test', { kind: 'cookie', name: 'session' }, flask(3))?.key).toBe(h.key());
  });
});

describe('which cookie it is', () => {
  it('keeps one line for each cookie that is no session, and none in the list', async () => {
    const h = await start();
    for (let i = 0; i < 20; i += 1) h.pass({ cookie: `theme=dark${i}` }, 'theme');
    expect(h.workspace.sessions.list({ limit: 10 })).toEqual([]);
    expect(h.workspace.sessions.list({ limit: 10, filter: 'is:candidate' })).toMatchObject([
      { carrier: { kind: 'cookie', name: 'theme' }, id: 'dark19', flows: 20 },
    ]);
  });

  it('the person overrules it for the site, and that is remembered after a restart', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'registry-'));
    const file = path.join(folder, 'w.sqlite');
    const h = await harness(file);
    h.pass({ cookie: 'theme=dark' }, 'theme');
    h.pass({ setCookie: [SET(A)] });
    const theme = h.key('dark');
    h.registry.overrule(theme, 'session');
    h.registry.overrule(h.key(A), 'not-session');
    h.registry.announce();
    expect(h.changes.at(-1)).toMatchObject({ added: [theme], removed: [h.key(A)] });
    expect(h.workspace.sessions.list({ limit: 10 })).toMatchObject([{ key: theme, score: { verdict: 'session' } }]);
    h.pass({ cookie: 'theme=light' }, 'theme');
    expect(h.workspace.sessions.count()).toBe(2);
    await h.close();
    const again = await start(file);
    again.pass({ setCookie: ['theme=blue'] }, 'theme');
    again.pass({ setCookie: [SET(B)] });
    expect(
      again.workspace.sessions
        .list({ limit: 10 })
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['blue', 'dark', 'light']);
    again.registry.overrule(again.key('blue'), null);
    expect(again.workspace.sessions.list({ limit: 10 })).toEqual(expect.not.arrayContaining([{ id: 'blue' }]));
    rmSync(folder, { recursive: true });
  });

  it('ids outside cookies are sessions too', async () => {
    const h = await start();
    const flow = makeFlow({ at: h.now, url: 'http://shop.test/x' });
    const base = { flowId: flow.id, at: h.now, host: 'shop.test', direction: 'request', id: A, raw: A } as const;
    passFlow(h, flow, [{ ...base, carrier: { kind: 'header', name: 'X-Session-Id' } }]);
    expect(h.registry.summary(h.key())).toMatchObject({ carrier: { kind: 'header', name: 'X-Session-Id' }, id: A });
  });
});

describe('announcing and remembering', () => {
  it('tells what changed in one go, and of sessions only', async () => {
    const h = await start();
    for (let i = 0; i < 50; i += 1) h.pass({ cookie: `sid=${A}; theme=dark` });
    h.registry.announce();
    const told = h.changes;
    expect(told).toHaveLength(1);
    expect(told[0]?.updated).toMatchObject([{ id: A, flows: 50 }]);
    expect(told[0]?.added).toEqual([h.key(A)]);
    h.pass({ cookie: `sid=${A}` });
    h.registry.announce();
    expect(told[1]).toMatchObject({ added: [], touched: [h.key(A)] });
  });

  it('keeps few sessions in memory and finds the others in the archive, also after a restart', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'registry-'));
    const file = path.join(folder, 'w.sqlite');
    const h = await harness(file, { hot: 10 });
    const id = (i: number) => i.toString(16).padStart(40, '0');
    for (let i = 0; i < 200; i += 1) h.pass({ setCookie: [SET(id(i))] });
    for (let i = 0; i < 200; i += 1) h.pass({ cookie: `sid=${id(i)}`, setCookie: [SET(id(i))] });
    expect(h.registry.hot()).toHaveLength(10);
    expect(h.workspace.sessions.count()).toBe(200);
    expect(h.workspace.sessions.list({ limit: 300 }).every(({ flows }) => flows === 2)).toBe(true);
    await h.close();
    const again = await start(file, { hot: 10 });
    again.now = h.now;
    const keys = again.pass({ cookie: `sid=${id(7)}` });
    expect(again.registry.summary(keys[0] ?? '')).toMatchObject({ id: id(7), flows: 3 });
    expect(again.kinds(keys[0] ?? '')).toEqual(['created']);
    expect(again.workspace.sessions.count()).toBe(200);
    rmSync(folder, { recursive: true });
  });
});
