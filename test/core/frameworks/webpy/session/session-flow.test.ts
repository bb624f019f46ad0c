import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { httpDate } from '../../../../../core/cookies/set-cookie.ts';
import { PROFILES, type ProfileId } from '../../../../../core/frameworks/webpy/session/profiles.ts';
import type { Session } from '../../../../../core/frameworks/webpy/session/session.ts';
import { makeSessionId } from '../../../../../core/frameworks/webpy/session/session-id.ts';
import { type SimulationOptions, simulate } from '../../../../../core/frameworks/webpy/session/simulate.ts';
import { MemoryStore } from '../../../../../core/frameworks/webpy/stores/memory-store.ts';
import { PythonError } from '../../../../../core/python/python-error.ts';
import { PyFloat, PyTuple, pyDict } from '../../../../../core/python/python-values.ts';

const ID = 'a'.repeat(40);
const COOKIE = `webpy_session_id=${ID}`;
const IP = '127.0.0.1';
let now: number;
let store: MemoryStore;

beforeEach(() => {
  now = 1_700_000_000_000;
  store = new MemoryStore({ clock: () => now });
});

function start(options: Partial<SimulationOptions> = {}) {
  return simulate({ store, clock: () => now, initializer: { count: 0 }, ...options });
}

const counting = (session: Session): string => String((session.count += 1));

function put(id: string, more: Record<string, unknown> = {}): void {
  store.put(id, { lastUsed: now, value: new Map(Object.entries({ session_id: id, count: 4, ip: IP, ...more })) });
}

const stored = (id: string | null): object | undefined => {
  const value = store.peek(id ?? '')?.value;
  return value instanceof Map ? Object.fromEntries(value) : undefined;
};
const calls = (result: { storeCalls: readonly { call: string }[] }): string[] =>
  result.storeCalls.map(({ call }) => call);
const setCookie = (result: { headers: readonly (readonly [string, string])[] }): string[] =>
  result.headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value);
const deleting = (id: string): string => `webpy_session_id=${id}; expires=${httpDate(now - 1e12)}; HttpOnly; Path=/`;

describe('[F2] the branches of section 5.4 and the order of store calls (0.62)', () => {
  it('no cookie: a new session, initializer, cookie', async () => {
    const result = await start().run({}, counting);
    expect(result).toMatchObject({ status: 200, body: '1', outcome: 'new', errors: [] });
    expect(calls(result)).toEqual(['cleanup', 'contains', 'save']);
    expect(setCookie(result)).toEqual([`webpy_session_id=${result.sessionId}; HttpOnly; Path=/`]);
    expect(Object.entries(stored(result.sessionId) ?? {})).toEqual([
      ['session_id', result.sessionId],
      ['count', 1],
      ['ip', IP],
    ]);
  });

  it.each(['', 'xyz', '../../etc/passwd', 'abc%00', '%20abc'])(
    'an invalid id %j is no cookie, even strictly',
    async (id) => {
      const result = await start({ parameters: { ignore_expiry: false } }).run({
        cookieHeader: `webpy_session_id=${id}`,
      });
      expect(result.outcome).toBe('new');
      expect(result.explanation.map(({ code }) => code)).toContain('invalid-id');
    },
  );

  it('an unknown id gets a new session with a new id', async () => {
    const result = await start().run({ cookieHeader: COOKIE }, counting);
    expect(result).toMatchObject({ outcome: 'replaced', body: '1' });
    expect(result.sessionId).not.toBe(ID);
    expect(calls(result)).toEqual(['cleanup', 'contains', 'contains', 'save']);
  });

  it('a known id goes on; the cookie is repeated', async () => {
    put(ID);
    const result = await start().run({ cookieHeader: COOKIE }, counting);
    expect(result).toMatchObject({ outcome: 'continued', body: '5', sessionId: ID });
    expect(calls(result)).toEqual(['cleanup', 'contains', 'load', 'save']);
    expect(setCookie(result)).toEqual([`webpy_session_id=${ID}; HttpOnly; Path=/`]);
  });

  it('another address: taken over, or refused with the record kept', async () => {
    put(ID);
    const lenient = await start().run({ cookieHeader: COOKIE, remoteAddr: '127.0.0.2' });
    expect(lenient.outcome).toBe('continued');
    expect(stored(ID)).toMatchObject({ ip: '127.0.0.2' });
    const strict = start({ parameters: { ignore_change_ip: false, expired_message: 'Gone' } });
    const refused = await strict.run({ cookieHeader: COOKIE }, counting);
    expect(refused).toMatchObject({ status: 200, reason: 'OK', body: 'Gone', outcome: 'address-changed', errors: [] });
    expect(refused.headers).toEqual([['Set-Cookie', deleting(ID)]]);
    expect(calls(refused)).toEqual(['cleanup', 'contains', 'load']);
    expect(stored(ID)).toMatchObject({ ip: '127.0.0.2', count: 4 });
    expect((await strict.run({ cookieHeader: COOKIE, remoteAddr: '127.0.0.2' }, counting)).body).toBe('5');
  });

  it('[F3] unknown id with ignore_expiry=False: the fault of 0.40 to 0.70, and what was meant', async () => {
    const parameters = { ignore_expiry: false };
    for (const id of ['0.40', '0.62'] as const) {
      const result = await start({ parameters, profile: PROFILES[id] }).run({ cookieHeader: COOKIE });
      expect(result).toMatchObject({
        status: 500,
        body: 'internal server error',
        outcome: 'error',
        errors: ["KeyError: 'ip'"],
      });
      expect(setCookie(result)).toEqual([]);
      expect(result.explanation.at(-1)).toMatchObject({ code: 'missing-key', reference: '5.3' });
    }
    for (const id of ['0.37', 'intended'] as const) {
      const result = await start({ parameters, profile: PROFILES[id] }).run({ cookieHeader: COOKIE });
      expect(result).toMatchObject({ status: 200, body: 'Session expired', outcome: 'expired', errors: [] });
      expect(setCookie(result)[0]).toContain(`webpy_session_id=${ID}; expires=${httpDate(now - 1e12)}; `);
    }
  });
});

describe('[F4] the id inside of the record wins', () => {
  it('a copied record is saved under its inner id', async () => {
    put('c0ffee', { session_id: ID });
    const result = await start().run({ cookieHeader: 'webpy_session_id=c0ffee' }, counting);
    expect(result).toMatchObject({ sessionId: ID, body: '5' });
    expect(result.storeCalls.at(-1)).toMatchObject({ call: 'save', id: ID });
    expect(stored('c0ffee')).toMatchObject({ count: 4 });
  });

  it('without an inner id a new one is made, and the initializer applied on top', async () => {
    put(ID, { session_id: null, extra: 'kept' });
    const result = await start().run({ cookieHeader: COOKIE }, counting);
    expect(result.body).toBe('1');
    expect(stored(result.sessionId)).toMatchObject({ extra: 'kept', count: 1, session_id: result.sessionId });
  });
});

describe('[F5] kill', () => {
  it('deletes the record and the cookie; what is set afterwards is not saved', async () => {
    put(ID);
    const result = await start().run({ cookieHeader: COOKIE }, (session) => {
      session.kill();
      session.count = 500;
      return 'killed';
    });
    expect(result).toMatchObject({ body: 'killed', outcome: 'killed', errors: [] });
    expect(calls(result)).toEqual(['cleanup', 'contains', 'load', 'delete']);
    expect(setCookie(result)).toEqual([deleting(ID)]);
    expect(stored(ID)).toBeUndefined();
  });

  it('on a session that was never stored: MemoryStore raises, the session is saved after all', async () => {
    const kill = (session: Session) => session.kill();
    const result = await start().run({ cookieHeader: COOKIE }, kill);
    expect(result).toMatchObject({ status: 500, outcome: 'replaced' });
    expect(result.errors[0]).toMatch(/^KeyError: '/);
    expect(stored(result.sessionId)).toBeDefined();
    const meant = await start({ profile: PROFILES.intended }).run({ cookieHeader: COOKIE }, kill);
    expect(meant).toMatchObject({ status: 200, outcome: 'killed' });
    expect(setCookie(meant)).toEqual([deleting(meant.sessionId ?? '')]);
    const silent = await start({ profile: PROFILES.intended }).run({}, kill);
    expect(setCookie(silent)).toEqual([]);
  });

  it('a handler that awaits the failure itself goes on', async () => {
    const result = await start().run({}, async (session) => {
      await session.kill().then(undefined, () => {});
      return 'fine';
    });
    expect(result).toMatchObject({ status: 200, body: 'fine', outcome: 'new' });
  });

  it('a stored _killed works, is never saved, and every answer deletes the cookie', async () => {
    put(ID, { _killed: true });
    const result = await start().run({ cookieHeader: COOKIE }, counting);
    expect(result.body).toBe('5');
    expect(setCookie(result)).toEqual([deleting(ID)]);
    expect(stored(ID)).toMatchObject({ count: 4 });
  });
});

describe('[F6] saving', () => {
  it('happens also when the handler fails, with the cookie', async () => {
    put(ID);
    const result = await start().run({ cookieHeader: COOKIE }, (session) => {
      session.count = 77;
      throw new Error('handler failed');
    });
    expect(result).toMatchObject({ status: 500, outcome: 'continued', errors: ['Error: handler failed'] });
    expect(setCookie(result)).toHaveLength(1);
    expect(stored(ID)).toMatchObject({ count: 77 });
  });

  it('a request that was running when another killed the session brings it back', async () => {
    put(ID);
    const simulation = start();
    let go = (): void => {};
    const waiting = new Promise<void>((resolve) => (go = resolve));
    const slow = simulation.run({ cookieHeader: COOKIE }, async (session) => {
      await waiting;
      return counting(session);
    });
    await simulation.run({ cookieHeader: COOKIE }, (session) => session.kill());
    expect(stored(ID)).toBeUndefined();
    go();
    expect((await slow).body).toBe('5');
    expect(stored(ID)).toMatchObject({ count: 5 });
  });

  it.each(['session_id', 'ip'])(
    'without %s: KeyError, nothing saved, no cookie; intended puts it back',
    async (key) => {
      const run = (profile: ProfileId) =>
        start({ profile: PROFILES[profile] }).run({}, (session) => {
          delete session[key];
          return '';
        });
      const result = await run('0.62');
      expect(result).toMatchObject({ status: 500, outcome: 'error', errors: [`KeyError: '${key}'`] });
      expect(setCookie(result)).toEqual([]);
      const meant = await run('intended');
      expect(meant.status).toBe(200);
      expect(stored(meant.sessionId)).toMatchObject({ session_id: meant.sessionId, ip: IP });
    },
  );

  it('a handler gives the session a new id', async () => {
    put(ID);
    const result = await start().run({ cookieHeader: COOKIE }, async (session) => {
      session.session_id = await session._generate_session_id();
      return '';
    });
    expect(result.sessionId).not.toBe(ID);
    expect(setCookie(result)[0]).toContain(`=${result.sessionId};`);
    expect(stored(ID)).toMatchObject({ count: 4 });
  });
});

describe('[F7] cleanup', () => {
  it('runs at the first request of a process, then at most once in timeout seconds', async () => {
    const simulation = start({ parameters: { timeout: 100 } });
    expect(calls(await simulation.run({}))).toContain('cleanup');
    now += 100_000;
    expect(calls(await simulation.run({}))).not.toContain('cleanup');
    now += 1;
    expect(calls(await simulation.run({}))).toContain('cleanup');
    expect(calls(await simulation.run({}))).not.toContain('cleanup');
    simulation.restart();
    expect(calls(await simulation.run({}))).toContain('cleanup');
  });

  it('comes before the own session is looked up; an age of exactly timeout stays', async () => {
    put(ID);
    now += 86_400_000;
    expect((await start().run({ cookieHeader: COOKIE }, counting)).body).toBe('5');
    now += 86_400_001;
    expect((await start().run({ cookieHeader: COOKIE }, counting)).outcome).toBe('replaced');
  });

  it('an error in it is a 500, and it is tried again', async () => {
    const simulation = start();
    store.cleanup = () => Promise.reject(new PythonError('FileNotFoundError', '[Errno 2]'));
    for (const _ of [1, 2]) {
      expect(await simulation.run({})).toMatchObject({ status: 500, errors: ['FileNotFoundError: [Errno 2]'] });
    }
  });

  it('parallel first requests share one cleanup', async () => {
    let cleanups = 0;
    const clean = store.cleanup.bind(store);
    store.cleanup = (timeout) => {
      cleanups++;
      return clean(timeout);
    };
    const simulation = start();
    await Promise.all(Array.from({ length: 10 }, () => simulation.run({}, counting)));
    expect(cleanups).toBe(1);
  });

  it.each<[unknown, string]>([
    [PyTuple.make([86400]), 'tuple'],
    ['86400', 'str'],
    [null, 'NoneType'],
  ])(
    '[F8] timeout %j is an error on every request, never in 0.37, and unwrapped as intended',
    async (timeout, type) => {
      const odd = { parameters: { timeout } };
      const result = await start(odd).run({});
      expect(result).toMatchObject({
        status: 500,
        errors: [`TypeError: '>' not supported between instances of 'float' and '${type}'`],
      });
      const old = await start({ ...odd, profile: PROFILES['0.37'] }).run({});
      expect([old.status, calls(old)]).toEqual([200, ['contains', 'save']]);
      const meant = await start({ ...odd, profile: PROFILES.intended }).run({});
      expect(calls(meant).includes('cleanup')).toBe(type === 'tuple');
    },
  );

  it.each<[unknown, boolean]>([
    [0, true],
    [-5, true],
    [Number.POSITIVE_INFINITY, false],
    [Number.NaN, false],
    [4e9, false],
    [new PyFloat(10), true],
    [true, true],
  ])('timeout %s: cleanup %s', async (timeout, runs) => {
    expect(calls(await start({ parameters: { timeout } }).run({})).includes('cleanup')).toBe(runs);
  });
});

describe('[F9] profiles: the cookie and what is stored', () => {
  it('0.40 gives every cookie an expiry and stores nothing that equals the initializer', async () => {
    const simulation = start({ profile: PROFILES['0.40'] });
    const idle = await simulation.run({});
    expect([idle.outcome, setCookie(idle), calls(idle)]).toEqual(['unsaved', [], ['cleanup', 'contains']]);
    const counted = await simulation.run({}, counting);
    const later = httpDate(now + 86_400_000);
    expect(setCookie(counted)).toEqual([`webpy_session_id=${counted.sessionId}; expires=${later}; HttpOnly; Path=/`]);
    const killed = await simulation.run({ cookieHeader: `webpy_session_id=${counted.sessionId}` }, (session) => {
      session.kill();
      return '';
    });
    expect(setCookie(killed)).toEqual(setCookie(counted));
  });

  it('0.40 compares as Python does: 0 == 0.0 == False', async () => {
    const simulation = start({ profile: PROFILES['0.40'], initializer: { a: 0, b: { x: [1, 2] } } });
    const same = await simulation.run({}, (session) => {
      session.a = new PyFloat(0);
      session.b = pyDict([['x', [true, 2]]]);
      return '';
    });
    expect(same.outcome).toBe('unsaved');
  });

  it('0.37 deletes the cookie of a killed session although none came', async () => {
    const result = await start({ profile: { ...PROFILES['0.37'], killUnknown: 'fine' } }).run({}, (session) => {
      session.kill();
      return '';
    });
    expect(setCookie(result)).toEqual([
      `webpy_session_id=${result.sessionId}; expires=${httpDate(now - 1e12)}; Path=/; httponly`,
    ]);
  });
});

describe('[F10] keys that shadow methods', () => {
  it.each<[string, string[], string]>([
    ['get', [], 'load'],
    ['keys', [], 'load'],
  ])('a stored %s breaks every request with that session, or is only data', async (key) => {
    put(ID, { [key]: 1 });
    const broken = await start().run({ cookieHeader: COOKIE }, counting);
    expect(broken).toMatchObject({ status: 500, errors: ["TypeError: 'int' object is not callable"] });
    expect(setCookie(broken)).toEqual([]);
    expect(stored(ID)).toMatchObject({ count: 4 });
    const meant = await start({ profile: PROFILES.intended }).run({ cookieHeader: COOKIE }, counting);
    expect(meant).toMatchObject({ status: 200, body: '5' });
  });

  it('a stored clear answers, and would break the thread afterwards', async () => {
    put(ID, { clear: 1 });
    const result = await start().run({ cookieHeader: COOKIE }, counting);
    expect(result).toMatchObject({ status: 200, body: '5' });
    expect(result.explanation.at(-1)).toMatchObject({ code: 'shadowing-key', reference: '2' });
  });
});

describe('[I1] new ids', () => {
  it('are the SHA-1 of what Python concatenates, until the store does not know them', async () => {
    const bytes = Uint8Array.from([0, 1, 39, 92, 10, 255, 65, 34, 9, 13, 127, 32, 126, 7, 8, 11]);
    const text = `b'\\x00\\x01\\'\\\\\\n\\xffA"\\t\\r\\x7f ~\\x07\\x08\\x0b'1700000000.125127.0.0.1key`;
    expect(makeSessionId(bytes, 1_700_000_000_125, IP, 'key')).toBe(createHash('sha1').update(text).digest('hex'));
    const draws = [new Uint8Array(16), new Uint8Array(16), new Uint8Array(16).fill(7)];
    const first = makeSessionId(draws[0] as Uint8Array, now, IP, 'fLjUfxqXtfNoIldA0A0J');
    put(first);
    const result = await start({ random: () => draws.shift() as Uint8Array }).run({});
    expect(result.sessionId).toBe(makeSessionId(new Uint8Array(16).fill(7), now, IP, 'fLjUfxqXtfNoIldA0A0J'));
    expect(calls(result)).toEqual(['cleanup', 'contains', 'contains', 'contains', 'save']);
  });
});
