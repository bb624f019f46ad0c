import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { askPolicy, askProfiles, policyBand } from '../../../../../core/frameworks/webpy/simulation/ask.ts';
import { pythonTimeout } from '../../../../../core/frameworks/webpy/simulation/python-timeout.ts';
import { accessTimesIn } from '../../../../../core/frameworks/webpy/stores/access-times.ts';
import { openSandbox, type Sandbox } from '../../../../../core/frameworks/webpy/stores/sandbox.ts';
import type { PolicyQuestion } from '../../../../../core/model/app.ts';
import { PyFloat, PyTuple } from '../../../../../core/python/python-values.ts';
import { diskPlace, type RecordPlaceAt } from '../../../../contract/places.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
const subject = { recordId: ID, cookieName: 'webpy_session_id', cookieValue: ID, now: Date.now() };
const usual: PolicyQuestion = {
  parameters: { timeout: 86_400, ignore_expiry: true, ignore_change_ip: true },
  profile: '0.62',
  afterSeconds: 90_000,
  fromAddress: '127.0.0.1',
  cleanup: 'at-request',
};
let place: RecordPlaceAt;
let bench: Sandbox;

beforeAll(async () => {
  place = await diskPlace();
  const store = await place.open();
  const values = { session_id: ID, count: 41, ip: '127.0.0.1' };
  await store.create(ID, encodeSession(new Map(Object.entries(values))), Date.now() - 60_000);
  await store.close();
  bench = await openSandbox(place.url);
});
afterAll(async () => {
  await bench.dispose();
  await place.dispose();
});

const ask = (changes: Partial<PolicyQuestion>, parameters: Partial<PolicyQuestion['parameters']> = {}) =>
  askPolicy(bench, subject, { ...usual, ...changes, parameters: { ...usual.parameters, ...parameters } });

it('says why in the terms of web.py', async () => {
  const comma = await ask({}, { timeout: '86400,' });
  expect(comma.outcome).toBe('server-error');
  expect(comma.reasons[0]).toMatch(/comma after the number makes timeout a tuple/);
  const late = await ask({ cleanup: 'not-due' });
  expect(late.outcome).toBe('accepted');
  expect(late.reasons[0]).toMatch(/no cleanup is due.*at most once in timeout seconds/);
  expect(late.reasons.join()).toMatch(/access time of its file: mounted (relatime|noatime|strictatime)/);
  const proxied = await ask(
    { afterSeconds: 60, fromAddress: '203.0.113.7', proxyAddress: '127.0.0.1' },
    { ignore_change_ip: false },
  );
  expect(proxied.outcome).toBe('accepted');
  expect(proxied.reasons.join()).toMatch(/proxy's address 127.0.0.1 .* also for 203.0.113.7; X-Forwarded-For/);
  const direct = await ask({ afterSeconds: 60, fromAddress: '203.0.113.7' }, { ignore_change_ip: false });
  expect(direct.outcome).toBe('expired-message');
});

it('takes the cookie parameters, the message and the initializer', async () => {
  const refused = await ask(
    { afterSeconds: 60, fromAddress: '10.0.0.1' },
    {
      ignore_change_ip: false,
      expired_message: 'Bitte neu anmelden',
      cookie_path: '/app',
      samesite: 'Lax',
      httponly: false,
    },
  );
  expect(refused.evidence.body).toBe('Bitte neu anmelden');
  expect(refused.evidence.setCookie).toEqual([
    expect.stringMatching(/^webpy_session_id=3f2a.*; expires=.* GMT; Path=\/app; SameSite=Lax$/),
  ]);
  const initializer = { kind: 'dict', values: { count: 0 } } as const;
  const [, old, now] = await askProfiles(bench, subject, { ...usual, initializer });
  // 0.40 to 0.61 store no session that equals the initializer; it is a new one all the same.
  expect([old?.outcome, now?.outcome]).toEqual(['new-session', 'new-session']);
  expect(old?.reasons.join()).toMatch(/equal the initializer: not stored/);
});

it('asks every version side by side', async () => {
  const strict = { ...usual.parameters, ignore_expiry: false };
  const answers = await askProfiles(bench, subject, { ...usual, parameters: strict });
  expect(answers.map(({ question, outcome }) => [question.profile, outcome])).toEqual([
    ['0.37', 'expired-message'],
    ['0.40', 'server-error'],
    ['0.62', 'server-error'],
    ['intended', 'expired-message'],
  ]);
});

it('leaves the original alone', async () => {
  const before = fs.statSync(path.join(place.url.slice('disk:'.length), ID));
  await ask({});
  const after = fs.statSync(path.join(place.url.slice('disk:'.length), ID));
  expect([after.atimeMs, after.mtimeMs, after.ino]).toEqual([before.atimeMs, before.mtimeMs, before.ino]);
});

it('reads what a program may say for a timeout', () => {
  expect(pythonTimeout('24 * 60 * 60')).toBe(86_400);
  expect(pythonTimeout('86400,')).toEqual(PyTuple.make([86_400]));
  expect(pythonTimeout('(60, 2)')).toEqual(PyTuple.make([60, 2]));
  expect(pythonTimeout("float('inf')")).toEqual(new PyFloat(Number.POSITIVE_INFINITY));
  expect(pythonTimeout("'3600'")).toBe('3600');
  expect(pythonTimeout('None')).toBeNull();
  expect(pythonTimeout('((5))')).toBe(5);
  for (const text of ['', 'an hour', '1 +', '__import__("os")', '((((((5))))))', '1,,2']) {
    expect(() => pythonTimeout(text), text).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ kind: 'bad-timeout' }) }),
    );
  }
  const band = (timeout: number | string, profile: PolicyQuestion['profile'] = '0.62') =>
    policyBand({ parameters: { ...usual.parameters, timeout }, profile });
  expect(band(60)).toEqual({ mayBeGoneAfter: 60, mustBeGoneAfter: 120 });
  expect(band('60,', 'intended')).toEqual({ mayBeGoneAfter: 60, mustBeGoneAfter: 120 });
  expect(band('60,')).toEqual({ mayBeGoneAfter: null, mustBeGoneAfter: null });
});

it('knows how a file system keeps access times', () => {
  const mounts = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 22 0:20 / /var rw,noatime shared:1 - xfs /dev/vdb rw',
    '31 30 0:21 / /var/with\\040space rw - tmpfs tmpfs rw',
  ].join('\n');
  expect(accessTimesIn(mounts, '/srv/sessions')).toBe('relatime');
  expect(accessTimesIn(mounts, '/var/sessions')).toBe('noatime');
  expect(accessTimesIn(mounts, '/variable')).toBe('relatime');
  expect(accessTimesIn(mounts, '/var/with space/s')).toBe('strictatime');
});
