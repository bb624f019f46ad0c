import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieField } from '../../../../core/policy/live/check-up/cookie-field.ts';
import { measureIds } from '../../../../core/policy/live/check-up/entropy.ts';
import { forgeTokens, readToken } from '../../../../core/policy/live/check-up/jwt-forgeries.ts';
import { forgeries } from '../../../../core/policy/live/forgeries.ts';
import { APPLICATIONS, policyText, startApplication } from '../../../support/lab-apps/applications.ts';
import { needs } from '../../../support/needs.ts';
import { policyHarness, verdictsOf } from '../../../support/policy-harness.ts';

/* The check-up beyond the first thirteen experiments, on real applications, and what it measures with. */

const [H, X, Q, N] = ['holds', 'does-not-hold', 'cannot-tell', 'not-applicable'];
const CASES: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  // web.py keeps the id at login and sets no SameSite.
  'web.py: a second cookie remembers the user': {
    'session-fixation': X,
    'id-entropy': H,
    'cookie-attributes': X,
    'id-in-url': H,
    'cache-control': X,
    'csrf-logout': X,
    'logout-by-get': H,
    'remember-me': X,
    'second-login': N,
    jwt: N,
  },
  // Django renews the key, sets SameSite=Lax, and the logout of this application takes GET.
  'django: sessions in its table': {
    'session-fixation': H,
    'id-entropy': Q,
    'cookie-attributes': H,
    'csrf-logout': H,
    'logout-by-get': X,
    'remember-me': N,
  },
};

needs('webpy', 'django')('the check-up', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-check-up-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(CASES))('%s', { timeout: 120_000 }, async (name, expected) => {
    const application = APPLICATIONS.find((one) => one.name === name);
    if (application === undefined) throw new Error(`there is no application ${name}`);
    const place = path.join(folder, name.replaceAll(/\W+/g, '-'));
    mkdirSync(place);
    const app = await startApplication(application, place);
    const harness = policyHarness();
    try {
      const [result] = await harness.run(policyText(application, app.origin, place, Object.keys(expected)));
      if (result === undefined) throw new Error('no result');
      expect(result.problem).toBeUndefined();
      expect(result.restored).toBe(true);
      const sentences = result.live.map(({ meta, outcome }) => `${meta.id}: ${outcome.sentence}`).join('\n');
      expect(verdictsOf(result), sentences).toEqual(expected);
      for (const { meta, outcome } of result.live) {
        const decided = outcome.verdict === H || outcome.verdict === X;
        expect((outcome.difference ?? []).length > 0, `${meta.id} says what decided`).toBe(decided);
        expect(outcome.mend !== undefined, `${meta.id} says how to mend it`).toBe(outcome.verdict === X);
      }
    } finally {
      harness.close();
      await app.stop();
    }
  });
});

describe('ids', () => {
  const NOW = Date.UTC(2026, 10, 30);
  const of = (make: (n: number) => string) =>
    measureIds(
      Array.from({ length: 200 }, (_, n) => make(n)),
      NOW,
    );

  it('random ones have no fault, and as many bits as they can have', () => {
    const measure = of(() => randomBytes(20).toString('hex'));
    expect(measure).toMatchObject({ alphabet: 16, length: 40, most: 160, faults: [] });
    expect(measure?.bits.least).toBeGreaterThan(128);
  });

  it.each<[string, (n: number) => string]>([
    ['a counter', (n) => (0x10000000 + n).toString(16).padStart(40, '0')],
    ['a time', (n) => `${Math.floor(NOW / 1000) - n}${randomBytes(8).toString('hex')}`],
    ['ids that come again', (n) => (n % 50).toString(16).padStart(2, '0').repeat(20)],
    [
      'positions that are not even',
      () =>
        randomBytes(20)
          .toString('hex')
          .replaceAll(/[89a-f]/g, '7'),
    ],
  ])('%s shows', (_, make) => {
    expect(of(make)?.faults.length).toBeGreaterThan(0);
  });

  it('of too few, or of several lengths, nothing is said', () => {
    expect(
      measureIds(
        Array.from({ length: 20 }, () => randomBytes(20).toString('hex')),
        NOW,
      ),
    ).toBeUndefined();
    expect(of((n) => 'a'.repeat(1 + (n % 3)))).toBeUndefined();
  });
});

describe('forgeries', () => {
  it('differ in their decoded bytes, also where the last character has bits that mean nothing', () => {
    const random = Array.from({ length: 200 }, (_, n) => randomBytes(16 + (n % 5)).toString('base64url'));
    // Two hyphens within, at the start and at the end.
    for (const id of [
      '1jM8y--lY_iYNY09WXi2SUFLlw',
      '--M8y_lYYiYNY09WXi2SUFLlw',
      '1jM8yAlY_iYNY09WXi2SUF--',
      ...random,
    ]) {
      for (const [what, forged] of forgeries(id)) {
        expect(Buffer.from(forged, 'base64url').equals(Buffer.from(id, 'base64url')), `${what} of ${id}`).toBe(false);
      }
    }
  });

  it('of a token are none that its key signed', () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'alice', exp: 2_000_000_000 })}`;
    const sign = (text: string) => createHmac('sha256', 'the real key').update(text).digest('base64url');
    const token = `${head}.${sign(head)}`;
    const forged = forgeTokens(token, Date.now());
    expect(forged.length).toBeGreaterThan(6);
    for (const { what, token: one } of forged) {
      const at = one.lastIndexOf('.');
      expect(one.slice(at + 1) === sign(one.slice(0, at)), what).toBe(false);
      expect(readToken(one), what).toBeDefined();
    }
    expect(forgeTokens('3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7', Date.now())).toEqual([]);
  });
});

it('reads the attributes of a Set-Cookie field', () => {
  const now = Date.UTC(2026, 0, 1);
  expect(cookieField('sid=a=b; Path=/; HttpOnly; Secure; SameSite=LAX; Max-Age=60; Domain=.example.org', now)).toEqual({
    name: 'sid',
    value: 'a=b',
    secure: true,
    httpOnly: true,
    sameSite: 'lax',
    domain: 'example.org',
    path: '/',
    lifetime: 60,
  });
  expect(cookieField('sid=; expires=Thu, 01 Jan 2026 01:00:00 GMT', now)).toMatchObject({
    lifetime: 3_600,
    sameSite: undefined,
  });
});
