import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byScore, type CookieEvidence, isSession, SESSION_SCORE, scoreCookie } from '../../../core/capture/score.ts';

const formats = fileURLToPath(new URL('../../fixtures/formats', import.meta.url));

interface Sample {
  id: string;
  carrier?: string;
  name?: string;
  raw?: string;
  setCookie?: string;
  cookie?: { name: string; raw: string; setCookie?: string };
}

const samples = (folder: string): Sample[] =>
  (JSON.parse(readFileSync(join(formats, folder, 'samples.json'), 'utf8')) as { samples: Sample[] }).samples;

/** Signed or sealed values of a framework that are preferences or demonstrations, not sessions. */
const NOT_SESSIONS = /prefs|^res-cookie-(plain|json|signedjson)$/;

describe('scoreCookie on the samples of real frameworks', () => {
  it('takes every session cookie for a session', () => {
    let seen = 0;
    for (const folder of readdirSync(formats)) {
      if (folder === 'negatives' || !existsSync(join(formats, folder, 'samples.json'))) continue;
      for (const sample of samples(folder)) {
        const cookie = sample.carrier === 'cookie' ? sample : sample.cookie;
        const value = cookie?.raw;
        if (cookie?.name === undefined || value === undefined || NOT_SESSIONS.test(sample.id)) continue;
        seen += 1;
        const header = cookie.setCookie;
        const score = scoreCookie({
          name: cookie.name,
          value,
          ...(header === undefined ? {} : { httpOnly: /;\s*httponly/i.test(header), setByServer: true }),
        });
        expect(score.value, `${folder}/${sample.id} ${JSON.stringify(score)}`).toBeGreaterThanOrEqual(SESSION_SCORE);
      }
    }
    expect(seen).toBeGreaterThan(70);
  });

  it('takes opaque ids under known names for sessions, and nothing of the everyday look-alikes', () => {
    for (const { id, name = 'x', raw = '', ...rest } of samples('negatives')) {
      const expected = (rest as { expect: string }).expect;
      const value = scoreCookie({ name, value: raw }).value;
      if (expected.startsWith('opaque')) expect(value, id).toBeGreaterThanOrEqual(SESSION_SCORE);
      else if (name !== 'x' && name !== 'connect.sid') expect(value, id).toBeLessThan(SESSION_SCORE);
      else if (name === 'x' && /^(random|base64-text|bool|number|empty|locale|date|query|version)/.test(id)) {
        expect(value, id).toBeLessThan(SESSION_SCORE);
      }
    }
  });
});

const hex40 = 'e96f67d812cd60f746691257546464bee34ae593';
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.9Qd0dW2fV1nJf0l8bXxvYQm0a5xwq0a4w4Y9m2fV1nI';

/** Cookies of one site as they come together in practice; the first of each row must win, the rest must not pass. */
const SITES: readonly (readonly [site: string, session: CookieEvidence, others: readonly CookieEvidence[]])[] = [
  [
    'web.py with analytics',
    { name: 'webpy_session_id', value: hex40, httpOnly: true, setByServer: true, lifetimeSeconds: null },
    [
      { name: '_ga', value: 'GA1.2.1234567890.1718000000', setByServer: false },
      { name: '_ga_9XYZ', value: 'GS1.1.1718000000.1.1.1718000100.0.0.0', setByServer: false },
      { name: '_gid', value: 'GA1.2.99.1718000000', setByServer: false },
      { name: 'lang', value: 'zh-CN', httpOnly: false },
    ],
  ],
  [
    'Django after login',
    { name: 'sessionid', value: 'pek0irpd5fahx1l0xmu7crf3cld7byks', httpOnly: true, setAtLogin: true },
    [
      {
        name: 'csrftoken',
        value: 'gHlTJFG15wYS4qZ41WqKl3DVCVky63WjpAFzE7udYVKeh1qm7cV8lEZwwdcTnPl8',
        setAtLogin: true,
      },
      { name: 'django_language', value: 'de' },
      {
        name: 'messages',
        value: '"W1siX19qc29uX21lc3NhZ2UiLDAsMjUsIkhpIl1d:1sGYHQ:UXWjrIOSIvXWjrIOSIvXWjrIOSIvXWjrIOSIvXWjrIO"',
      },
    ],
  ],
  [
    'a home-made name, known by its behaviour',
    {
      name: 'q7',
      value: 'rR1ZDleLQ36GpEaSrQD0TSt0Q7HQ5s2f',
      httpOnly: true,
      changedAtLogin: true,
      deletedAtLogout: true,
    },
    [
      { name: 'q8', value: 'dark', changedAtLogin: false },
      { name: 'cart_count', value: '3' },
      { name: 'device', value: '9e81e7b9-63c7-1363-e2fb-3eefcfecfc0e', lifetimeSeconds: 63_072_000, httpOnly: true },
    ],
  ],
  [
    'Laravel',
    { name: 'laravel_session', value: `eyJpdiI6${'QmFz'.repeat(40)}`, httpOnly: true },
    [{ name: 'XSRF-TOKEN', value: `eyJpdiI6${'QmFz'.repeat(40)}`, httpOnly: false }],
  ],
  [
    'PHP behind a load balancer',
    { name: 'PHPSESSID', value: '3cugirfd65vnvc7ppfqdu8g6qg', httpOnly: false, setByServer: true },
    [
      { name: 'AWSALB', value: 'Zk9fQ3pXb1N0YXJ0U2Vzc2lvbjAwMDAxZk9fQ3pXb1N0YXJ0U2Vzc2lvbjAwMDAx', setByServer: true },
      { name: 'AWSALBCORS', value: 'Zk9fQ3pXb1N0YXJ0U2Vzc2lvbjAwMDAxZk9fQ3pXb1N0YXJ0U2Vzc2lvbjAwMDAx' },
      { name: 'SERVERID', value: 'web1' },
      { name: '__cf_bm', value: 'rR1ZDleLQ36GpEaSrQD0TSt0Q7HQ5s2f-1718000000-1.0.1.1-abcdef', httpOnly: true },
      { name: 'ARRAffinity', value: hex40 + hex40.slice(0, 24), httpOnly: true },
    ],
  ],
  [
    'consent banners',
    { name: '__Host-session', value: hex40, httpOnly: true },
    [
      { name: 'OptanonConsent', value: 'isGpcEnabled=0&datestamp=Mon+Jun+10+2024&version=6.17.0&groups=C0001%3A1' },
      { name: 'cookieyes-consent', value: 'consentid:Zk9fQ3pXb1N0YXJ0U2Vzc2lvbjAwMDAx,consent:yes' },
      { name: 'CookieConsent', value: '{stamp:%27abc%27}' },
      { name: 'euconsent-v2', value: 'CPokAsAPokAsAABABBENAiCgAAAAAAAAAAAAAAAAAAAA.YAAAAAAAAAAA' },
    ],
  ],
  [
    'cookie-session with its signature',
    { name: 'session', value: 'eyJ1c2VySWQiOjQyLCJ1c2VybmFtZSI6ImFsaWNlIn0=', httpOnly: true },
    [{ name: 'session.sig', value: 'c0eIsdVdBpt9rZGDn7CktCvAuwI', httpOnly: true }],
  ],
  [
    'a token of the site itself',
    { name: 'access_token', value: jwt, httpOnly: true },
    [
      { name: 'theme', value: 'dark' },
      { name: 'tz', value: 'Europe/Berlin' },
      { name: 'currency', value: 'EUR' },
      { name: 'ajs_anonymous_id', value: '9e81e7b9-63c7-1363-e2fb-3eefcfecfc0e' },
      { name: '_hjSessionUser_123', value: 'eyJpZCI6ImYxNjA0ZGZmLWMzMTItNWVhYi1hNTE5LTU3N2RlNmI3In0=' },
      { name: 'ph_phc_abc_posthog', value: '%7B%22distinct_id%22%3A%22018f%22%7D' },
    ],
  ],
  [
    'a readable name for a visitor, found in the store',
    { name: 'visitor', value: '9e81e7b9-63c7-1363-e2fb-3eefcfecfc0e', foundInStore: './sessions', httpOnly: true },
    [{ name: '_fbp', value: 'fb.1.1718000000000.1234567890' }],
  ],
];

describe('scoreCookie on cookies that come together', () => {
  it.each(SITES)('%s', (_site, session, others) => {
    const best = scoreCookie(session);
    expect(best.value, JSON.stringify(best)).toBeGreaterThanOrEqual(SESSION_SCORE);
    expect(best.reasons.length).toBeGreaterThan(0);
    for (const other of others) {
      const score = scoreCookie(other);
      expect(score.value, `${other.name} ${JSON.stringify(score)}`).toBeLessThan(SESSION_SCORE);
      expect(byScore(best, score)).toBeLessThan(0);
    }
  });

  it('knows carriers other than cookies', () => {
    expect(isSession(scoreCookie({ name: 'jsessionid', value: hex40.slice(0, 32), carrier: 'url' }))).toBe(true);
    expect(isSession(scoreCookie({ name: 'Authorization', value: jwt, carrier: 'header' }))).toBe(true);
    expect(isSession(scoreCookie({ name: 'X-Session-Token', value: hex40, carrier: 'header' }))).toBe(true);
    expect(isSession(scoreCookie({ name: 'lang', value: 'en', carrier: 'url' }))).toBe(false);
  });

  it('keeps the person’s verdict beside the guess, and believes it', () => {
    const overruled = scoreCookie({ name: '_ga', value: 'GA1.2.1234567890.1718000000' }, 'session');
    expect(overruled).toMatchObject({ value: 0, verdict: 'session' });
    expect(isSession(overruled)).toBe(true);
    const dismissed = scoreCookie({ name: 'PHPSESSID', value: hex40 }, 'not-session');
    expect(dismissed.value).toBeGreaterThanOrEqual(SESSION_SCORE);
    expect(isSession(dismissed)).toBe(false);
    expect([dismissed, overruled].sort(byScore)).toEqual([overruled, dismissed]);
  });

  it('lets a proof by replay decide over the guess', () => {
    expect(isSession(scoreCookie({ name: 'b', value: hex40, neededForLogin: true }))).toBe(true);
    expect(isSession(scoreCookie({ name: 'sid', value: hex40, neededForLogin: false }))).toBe(false);
  });
});

const evidence = fc.record(
  {
    name: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('sid', '_ga', 'PHPSESSID', 'x')),
    value: fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom(hex40, jwt, '%', '"', '%E0%A4%A')),
    httpOnly: fc.boolean(),
    setByServer: fc.boolean(),
    lifetimeSeconds: fc.oneof(fc.constant(null), fc.integer()),
    setAtLogin: fc.boolean(),
    changedAtLogin: fc.boolean(),
    deletedAtLogout: fc.boolean(),
    foundInStore: fc.string(),
    changesAlways: fc.boolean(),
  },
  { requiredKeys: ['name', 'value'] },
);

describe('scoreCookie for any evidence', () => {
  it('is the sum of its reasons, held between 0 and 100, each said in words', () => {
    fc.assert(
      fc.property(evidence, (e) => {
        const { value, reasons } = scoreCookie(e);
        const sum = reasons.reduce((n, r) => n + r.points, 0);
        expect(value).toBe(Math.max(0, Math.min(100, sum)));
        expect(new Set(reasons.map((r) => r.code)).size).toBe(reasons.length);
        for (const reason of reasons) expect(reason.text.length).toBeGreaterThan(5);
      }),
      { numRuns: 2000 },
    );
  });

  it('never falls when evidence for a session is added', () => {
    fc.assert(
      fc.property(evidence, (e) => {
        const before = scoreCookie(e).value;
        expect(scoreCookie({ ...e, foundInStore: './sessions' }).value).toBeGreaterThanOrEqual(before);
        expect(scoreCookie({ ...e, deletedAtLogout: true }).value).toBeGreaterThanOrEqual(before);
        expect(scoreCookie({ ...e, changedAtLogin: true }).value).toBeGreaterThanOrEqual(before);
        expect(scoreCookie({ ...e, neededForLogin: true }).value).toBeGreaterThanOrEqual(
          scoreCookie({ ...e, neededForLogin: false }).value,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('stays quick on hostile names and values', () => {
    for (const unit of ['a', '.', ':', '=', '-', 'eyJ.', '_a', '%25', '|1:', 'A-'] as const) {
      const long = unit.repeat(20_000);
      expect(scoreCookie({ name: long, value: long }).value).toBeLessThanOrEqual(100);
      expect(scoreCookie({ name: 'x', value: `!${long}` }).value).toBeLessThanOrEqual(100);
    }
  }, 5_000);
});
