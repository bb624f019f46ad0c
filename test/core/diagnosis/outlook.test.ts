import { describe, expect, test } from 'vitest';
import { COOKIE_RULES } from '../../../core/cookies/browser-rules.ts';
import { judgeSetCookie } from '../../../core/cookies/judge.ts';
import { type OutlookFacts, outlook } from '../../../core/diagnosis/outlook.ts';
import type { Trial } from '../../../core/model/outlook.ts';

const NOW = Date.parse('2026-03-01T20:00:00Z');
const HOUR = 3_600_000;

function ask(trial: Trial, line: string, more: Partial<OutlookFacts> = {}, url = 'https://shop.test/orders') {
  const facts: OutlookFacts = {
    now: NOW,
    name: 'sid',
    url,
    cookie: judgeSetCookie(line, { url, at: NOW }).cookie,
    line: `Set-Cookie: ${line}`,
    browser: COOKIE_RULES.chromium,
    payloadExpires: undefined,
    selfContained: false,
    record: undefined,
    rules: {},
    ...more,
  };
  const found = outlook(facts).find((one) => one.trial === trial);
  if (found === undefined) throw new Error(`no answer about ${trial}`);
  return found;
}

describe('a restart of the browser', () => {
  test.each([
    ['sid=a; Path=/', 'no'],
    ['sid=a; Path=/; Max-Age=86400', 'yes'],
    [`sid=a; Path=/; Expires=${new Date(NOW + HOUR).toUTCString()}`, 'yes'],
  ])('%s: %s', (line, verdict) => expect(ask('browser-restart', line).verdict).toBe(verdict));

  test('cannot be told where the cookie was not seen to be set', () => {
    expect(ask('browser-restart', 'sid=a', { cookie: undefined, line: undefined }).verdict).toBe('cannot-tell');
  });
});

test('what has run out survives nothing', () => {
  expect(ask('night', `sid=a; Max-Age=10`, { now: NOW + HOUR })).toMatchObject({ verdict: 'no' });
  expect(ask('browser-restart', `sid=a; Max-Age=10`, { now: NOW + HOUR }).sentence).toContain('59 min 50 s ago');
});

describe('a deployment', () => {
  test('ends what is in the memory of a process', () => {
    expect(ask('deploy', 'sid=a', { record: { lastUsed: NOW, storeKind: 'memory' } }).verdict).toBe('no');
  });

  test('leaves a record in a database, under conditions that are named', () => {
    const { verdict, sentence } = ask('deploy', 'sid=a', { record: { lastUsed: NOW, storeKind: 'postgres' } });
    expect(verdict).toBe('depends');
    expect(sentence).toContain('the key that signs sid stays the same');
  });

  test('depends on the key alone where the data is in the cookie, and cannot be told without a store', () => {
    expect(ask('deploy', 'sid=a', { selfContained: true }).sentence).toContain('in the cookie itself');
    expect(ask('deploy', 'sid=a').verdict).toBe('cannot-tell');
  });
});

describe('a night', () => {
  const limit = (seconds: number, isDefault = false) => ({
    rules: { framework: 'Django', idleSeconds: seconds, ...(isDefault ? { idleIsDefault: true } : {}) },
  });
  test.each<[string, string, Partial<OutlookFacts>, string]>([
    ['Max-Age of two hours', 'sid=a; Max-Age=7200', {}, 'no'],
    ['an end in the value', 'sid=a; Max-Age=864000', { payloadExpires: NOW + HOUR }, 'no'],
    [
      'an end of the record',
      'sid=a; Max-Age=864000',
      { record: { lastUsed: NOW, expires: NOW + HOUR, storeKind: 'redis' } },
      'no',
    ],
    ['a measured limit of an hour', 'sid=a; Max-Age=864000', limit(3_600), 'no'],
    ['a default limit of an hour', 'sid=a; Max-Age=864000', limit(3_600, true), 'depends'],
    ['a measured limit of a week', 'sid=a; Max-Age=864000', limit(7 * 86_400), 'yes'],
    ['a default limit of a week', 'sid=a; Max-Age=864000', limit(7 * 86_400, true), 'depends'],
    ['no limit that is known', 'sid=a; Max-Age=864000', {}, 'depends'],
  ])('with %s', (_, line, more, verdict) => expect(ask('night', line, more).verdict).toBe(verdict));
});

describe('a login redirect from another site', () => {
  test.each([
    ['sid=a; Path=/; SameSite=Strict', 'no'],
    ['sid=a; Path=/; SameSite=Lax', 'depends'],
    ['sid=a; Path=/', 'depends'],
    ['sid=a; Path=/; SameSite=None; Secure', 'yes'],
  ])('%s: %s', (line, verdict) => expect(ask('login-redirect', line).verdict).toBe(verdict));

  test('says that a form is the difference', () => {
    expect(ask('login-redirect', 'sid=a; Path=/; SameSite=Lax').sentence).toContain('form_post');
  });
});

describe('a frame on another site', () => {
  test.each([
    ['sid=a; Path=/', 'no'],
    ['sid=a; Path=/; SameSite=Lax', 'no'],
    ['sid=a; Path=/; SameSite=None; Secure', 'depends'],
  ])('%s: %s', (line, verdict) => expect(ask('embedded-frame', line).verdict).toBe(verdict));

  test('Safari blocks it whatever it says', () => {
    const line = 'sid=a; Path=/; SameSite=None; Secure';
    expect(ask('embedded-frame', line, { browser: COOKIE_RULES.safari }).verdict).toBe('no');
  });
});
