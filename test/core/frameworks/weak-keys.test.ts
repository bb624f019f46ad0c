import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { sealData } from 'iron-session';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../../core/codec/secrets.ts';
import { decode } from '../../../core/frameworks/codec.ts';
import { allFindings } from '../../../core/frameworks/weak-keys/findings.ts';
import { KNOWN_KEYS } from '../../../core/frameworks/weak-keys/known-keys.ts';
import { FINDING_IDS } from '../../../core/model/finding.ts';
import { bytesOf, formatNames, samplesOf } from '../../support/format-samples.ts';

const b64u = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt(header: Record<string, unknown>, claims: Record<string, unknown>, key?: string | Buffer): string {
  const text = `${b64u(header)}.${b64u(claims)}`;
  return `${text}.${key === undefined ? '' : createHmac('sha256', key).update(text).digest('base64url')}`;
}

/** As `itsdangerous.URLSafeTimedSerializer` of Flask: the key derived by HMAC, the salt `cookie-session`. */
function flask(payload: string, key: Buffer): string {
  const derived = createHmac('sha1', key).update('cookie-session').digest();
  const text = `${Buffer.from(payload).toString('base64url')}.ZmaZgA`;
  return `${text}.${createHmac('sha1', derived).update(text).digest('base64url')}`;
}

/** `django.core.signing.dumps` with the salt of signed cookies. */
function django(payload: string, key: string): string {
  const text = `${Buffer.from(payload).toString('base64url')}:1sFfXb`;
  const salt = 'django.contrib.sessions.backends.signed_cookiessigner';
  const derived = createHash('sha256').update(salt).update(key).digest();
  return `${text}:${createHmac('sha256', derived).update(text).digest('base64url')}`;
}

/** A cookie that Rails signs (not encrypted), keys derived with SHA-256. */
function rails(payload: string, key: string): string {
  const derived = pbkdf2Sync(key, 'signed cookie', 1000, 64, 'sha256');
  const text = Buffer.from(payload).toString('base64');
  return `${text}--${createHmac('sha256', derived).update(text).digest('hex')}`;
}

function findingsIn(text: string, name?: string) {
  const bytes = Buffer.from(text, 'latin1');
  const options = name === undefined ? {} : { name };
  return allFindings(bytes, decode(bytes, options), options);
}

const LATER = Math.floor(Date.now() / 1000) + 3600;

describe('values that are made with a published key', () => {
  it.each([
    ['an id of express-session', () => `s:abcDEF123.${mac('sha256', 'keyboard cat', 'abcDEF123')}`, 'express-session'],
    ['a token', () => jwt({ alg: 'HS256' }, { sub: '1', exp: LATER }, 'your-256-bit-secret'), 'jwt.io'],
    [
      'a session of Flask with bytes as its key',
      () => flask('{"user":"alice"}', Buffer.from(readSecret('hex:5f352379324c22463451387a0aec5d2f').bytes)),
      'Flask',
    ],
    ['a session of Flask', () => flask('{"user":"alice"}', Buffer.from('changeme')), 'placeholder'],
    ['a session of Django', () => django('{"_auth_user_id":"1"}', 'secret'), 'placeholder'],
    [
      'a signed cookie of Rails',
      () => rails('{"_rails":{"message":"ImEi","exp":null,"pur":null}}', 'secret'),
      'placeholder',
    ],
  ])('%s', (_what, make, source) => {
    const [found, ...more] = findingsIn(make());
    expect(found).toMatchObject({ id: 'weak-key', severity: 'danger' });
    expect(found?.source).toContain(source);
    expect(found?.mend).toMatch(/^Set .+ to a random key/);
    expect(more.filter(({ id }) => id === 'weak-key')).toEqual([]);
  });

  it('a session that iron-session itself sealed', async () => {
    const sealed = await sealData({ user: 'alice' }, { password: 'complex_password_at_least_32_characters_long' });
    expect(findingsIn(sealed)).toMatchObject([{ id: 'weak-key', source: expect.stringContaining('iron-session') }]);
  });

  it('tells it without the key itself', () => {
    const secret = 'complex_password_at_least_32_characters_long';
    const text = `s:abc.${mac('sha256', secret, 'abc')}`;
    expect(JSON.stringify(findingsIn(text))).not.toContain(secret);
  });
});

describe('tokens that anybody can write, and that never end', () => {
  it.each([
    ['alg none', jwt({ alg: 'none' }, { sub: '1', exp: LATER }), ['jwt-alg-none']],
    ['no exp', jwt({ alg: 'HS256' }, { sub: '1' }, 'a key of 40 random bytes that nobody knows'), ['jwt-no-exp']],
    ['neither', jwt({ alg: 'none' }, { sub: '1' }), ['jwt-alg-none', 'jwt-no-exp']],
    ['all in order', jwt({ alg: 'HS256' }, { exp: LATER }, 'a key of 40 random bytes that nobody knows'), []],
  ])('%s', (_what, text, ids) => {
    expect(findingsIn(text).map(({ id }) => id)).toEqual(ids);
  });

  it('a public key as the secret of HS256', () => {
    const pem =
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';
    const bytes = Buffer.from(jwt({ alg: 'HS256' }, { exp: LATER }, pem));
    const decoded = decode(bytes, { secrets: [pem] });
    expect(allFindings(bytes, decoded).map(({ id }) => id)).toEqual(['jwt-public-key-as-secret']);
  });
});

describe('what is no such value', () => {
  it('has no finding: ids, random texts, texts that are signed with a key that nobody published', () => {
    for (const text of ['abc', 'f'.repeat(40), `s:abc.${mac('sha256', 'nobody knows this key', 'abc')}`, '{"a":1}']) {
      expect(findingsIn(text), text).toEqual([]);
    }
  });

  it('is true of a sample of each framework that has a key of its own', () => {
    for (const format of formatNames().filter((name) => !['pickle', 'negatives'].includes(name))) {
      const sample = samplesOf(format).find(({ secret }) => secret !== undefined && secret !== null);
      if (sample === undefined) continue;
      const bytes = bytesOf(sample);
      const companions = sample.sig ? { [sample.sig.name]: sample.sig.raw } : {};
      const options = { companions, ...(typeof sample.name === 'string' && { name: sample.name }) };
      const ids = allFindings(bytes, decode(bytes, options), options).map(({ id }) => id);
      expect(ids, `${format}/${sample.id}`).not.toContain('weak-key');
    }
  });
});

it('names for each published key where it stands, and has each of them once', () => {
  const keys = KNOWN_KEYS.map(({ key }) => Buffer.from(readSecret(key).bytes).toString('hex'));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { key, source } of KNOWN_KEYS) {
    expect(source, key).toMatch(/^(the|a|an) \w/);
    expect(key.length, key).toBeGreaterThan(2);
  }
  expect(KNOWN_KEYS.length, 'a small list: nothing is guessed').toBeLessThan(120);
  expect(FINDING_IDS).toContain('weak-key');
});

function mac(digest: string, key: string, text: string): string {
  return createHmac(digest, key).update(text).digest('base64').replace(/=+$/, '');
}
