import { expect, it } from 'vitest';
import { EXPERIMENTS, listOf } from '../../../../core/policy/live/catalog.ts';

/*
 * The numbers as they stand in the Web Security Testing Guide (SESS-01 schema, 03 fixation, 06 logout, 07 timeout, 09
 * hijacking, ATHZ-01 path traversal, INPV-05 SQL injection) and in ASVS 5.0.0 (2.2.1 input is checked, 4.1.3 headers of
 * intermediaries cannot be set by the visitor, 5.3.2 file paths, 7.2.1 tokens are verified by the backend, 7.2.4 a new
 * token at authentication, 7.3.1 inactivity, 7.3.2 absolute lifetime, 7.4.1 termination).
 */
const NUMBERS: Record<string, string> = {
  'idle-expiry': 'WSTG-v42-SESS-07 7.3.1',
  'idle-limit': 'WSTG-v42-SESS-07 7.3.1',
  'cookie-alone': 'WSTG-v42-SESS-01 WSTG-v42-SESS-07 7.2.1',
  'record-alone': 'WSTG-v42-SESS-06 WSTG-v42-SESS-07 7.2.1 7.4.1',
  'absolute-lifetime': 'WSTG-v42-SESS-07 7.3.2',
  'address-change': 'WSTG-v42-SESS-09',
  'forwarding-headers': 'WSTG-v42-SESS-09 4.1.3',
  logout: 'WSTG-v42-SESS-06 7.4.1',
  'unknown-id': 'WSTG-v42-SESS-03 7.2.1 7.2.4',
  'forged-id': 'WSTG-v42-SESS-01 7.2.1',
  'malformed-id': 'WSTG-v42-SESS-01 WSTG-v42-INPV-05 7.2.1 2.2.1',
  'oversized-id': 'WSTG-v42-SESS-01 7.2.1 2.2.1',
  'session-fixation': 'WSTG-v42-SESS-03 7.2.4',
  'id-entropy': 'WSTG-v42-SESS-01 7.2.3',
  'cookie-attributes': 'WSTG-v42-SESS-02 3.3.1 3.3.2 3.3.3 3.3.4 3.3.5',
  'id-in-url': 'WSTG-v42-SESS-04 14.2.1',
  'cache-control': 'WSTG-v42-SESS-04 WSTG-v42-SESS-06 14.3.2',
  'http-downgrade': 'WSTG-v42-SESS-02 WSTG-v42-SESS-09 3.3.1',
  'user-agent': 'WSTG-v42-SESS-09',
  jwt: 'WSTG-latest-SESS-10 (2023) 9.1.1 9.1.2 9.1.3 9.2.1',
  'published-key': 'WSTG-v42-SESS-01 9.1.1',
  'csrf-logout': 'WSTG-v42-SESS-05 3.5.1',
  'logout-by-get': 'WSTG-v42-SESS-05 3.5.3',
  'csrf-request': 'WSTG-v42-SESS-05 3.5.1 3.5.2',
  reauthentication: 'WSTG-v42-SESS-09 7.5.1',
  'lost-updates': '15.4.1',
  'remember-me': 'WSTG-v42-SESS-06 WSTG-v42-SESS-07 7.4.1',
  'second-login': 'WSTG-latest-SESS-11 (2024) 7.1.2',
  'privilege-change': 'WSTG-v42-SESS-03 7.2.4',
  'clear-site-data': 'WSTG-v42-SESS-06 14.3.1',
  'logout-everywhere': 'WSTG-v42-SESS-06 7.5.2',
  'password-change': 'WSTG-v42-SESS-06 7.4.3',
  'disabled-user': 'WSTG-v42-SESS-06 7.4.2',
  'path-like-id': 'WSTG-v42-SESS-01 WSTG-v42-ATHZ-01 5.3.2 7.2.1',
};

it('names for every experiment the numbers of WSTG and of ASVS 5.0.0', () => {
  const named = EXPERIMENTS.map(({ meta: { id, wstg, asvs } }) => {
    for (const number of asvs) expect(number).toMatch(/^v5\.0\.0-/);
    return [id, [...wstg, ...asvs.map((number) => number.slice('v5.0.0-'.length))].join(' ')];
  });
  expect(Object.fromEntries(named)).toEqual(NUMBERS);
});

it('says of every experiment why it is asked and what it needs', () => {
  for (const { meta } of EXPERIMENTS) {
    for (const part of [meta.cause, meta.act, meta.control, meta.mend])
      expect(part.length, meta.id).toBeGreaterThan(15);
    expect(meta.why.length, meta.id).toBeGreaterThan(20);
    expect(meta.needs, meta.id).toContain('request');
  }
});

it('refuses two experiments of one name', () => {
  expect(() => listOf([...EXPERIMENTS, ...EXPERIMENTS.slice(0, 1)])).toThrow('Two experiments are called idle-expiry');
});
