import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSecret } from '../../../core/codec/secrets.ts';
import { keyOffers, offeredKey } from '../../../core/engine/key-offers.ts';
import { readEnvFile } from '../../../core/frameworks/settings-files/env-file.ts';
import { readPythonSettings } from '../../../core/frameworks/settings-files/python-settings.ts';
import { readCredentials } from '../../../core/frameworks/settings-files/rails-credentials.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};
const keysIn = (text: string) => readPythonSettings(text).map(({ key }) => key);

it('offers what stands in settings files, with the place and without the key; the key comes on a word', () => {
  write('.env', '# local\nAPP_NAME=Shop\nAPP_KEY=base64:AAECAwQFBgcICQoLDA0ODw==\nDB_PASSWORD=no key of sessions\n');
  write(
    'shop/settings.py',
    'DEBUG = True\nSECRET_KEY = "django-insecure-123"\nSECRET_KEY_FALLBACKS = [\n  "older one",\n]\n',
  );
  write('.git/settings.py', 'SECRET_KEY = "not looked at"');
  const offers = keyOffers(folder);
  expect(offers.map(({ file, line, setting }) => `${setting} ${file}:${line}`)).toEqual([
    'SECRET_KEY shop/settings.py:2',
    'SECRET_KEY_FALLBACKS shop/settings.py:3',
    'APP_KEY .env:3',
  ]);
  expect(JSON.stringify(offers)).not.toMatch(/insecure|older one|AAECAw/);
  expect(offeredKey(folder, '.env', offers[2]?.id ?? '')).toBe('base64:AAECAwQFBgcICQoLDA0ODw==');
  expect(offers[2]?.bytes).toBe(16);
  write('.env', 'APP_KEY=another\n');
  expect(() => offeredKey(folder, '.env', offers[2]?.id ?? '')).toThrow(/does not stand in .env any more/);
  expect(() => keyOffers('relative')).toThrow(/no such folder/);
});

it('looking leaves access times as they are, and runs nothing', () => {
  write(
    'settings.py',
    `import os\nos.system("touch ${folder}/ran")\nSECRET_KEY = open("${folder}/settings.py").read()\n`,
  );
  const long = new Date(Date.now() - 86_400_000);
  utimesSync(path.join(folder, 'settings.py'), long, long);
  expect(keyOffers(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual(['settings.py']);
  expect(statSync(path.join(folder, 'settings.py')).atimeMs).toBe(long.getTime());
});

it.each([
  ['SECRET_KEY = "it\\\'s \\x41\\n"', ["it's A\n"]],
  ["SECRET_KEY: str = 'typed'", ['typed']],
  ["app.config['SECRET_KEY'] = 'flask'", ['flask']],
  ["app.secret_key = b'_5#y2L\"F4Q8z\\n\\xec]/'", ['hex:5f352379324c22463451387a0aec5d2f']],
  ["SECRET_KEY = r'a\\b'", ['a\\b']],
  ['SECRET_KEY = "hex:00"', ['text:hex:00']],
  ['SECRET_KEY = "one"  # a comment', ['one']],
  ["SECRET_KEY = os.environ['SECRET_KEY']", []],
  ["SECRET_KEY = os.environ.get('SECRET_KEY', 'otherwise')", []],
  ['SECRET_KEY = "a" + suffix', []],
  ['SECRET_KEY = f"{name}"', []],
  ['# SECRET_KEY = "commented out"', []],
  ['SECRET_KEY = ', []],
])('Python: %s', (text, keys) => {
  expect(keysIn(text)).toEqual(keys);
});

it.each([
  ['export SESSION_SECRET="a \\"b\\""', ['a "b"']],
  ["JWT_SECRET='a#b'", ['a#b']],
  ['SECRET_KEY=abc # comment', ['abc']],
  ['APP_PREVIOUS_KEYS=base64:AA==,base64:AQ==', ['base64:AA==', 'base64:AQ==']],
  ['APP_KEY=', []],
  ['SESSION_SECRET=$' + '{OTHER}', []],
  ['STRIPE_SECRET_KEY=sk_live', []],
])('.env: %s', (text, keys) => {
  expect(readEnvFile(text).map(({ key }) => key)).toEqual(keys);
});

it('credentials of Rails are opened with the key that lies beside them, and with no other', () => {
  const key = randomBytes(16);
  const yaml = 'aws:\n  id: 1\nsecret_key_base: 0123456789abcdef0123456789abcdef\n';
  // Marshal: a text with its encoding; lengths up to 122 are one byte.
  const plain = Buffer.concat([
    Buffer.from([4, 8, 0x49, 0x22, yaml.length + 5]),
    Buffer.from(yaml),
    Buffer.from('\x06:\x06ET'),
  ]);
  const iv = randomBytes(12);
  const sealing = createCipheriv('aes-128-gcm', key, iv);
  const data = Buffer.concat([sealing.update(plain), sealing.final()]);
  const sealed = [data, iv, sealing.getAuthTag()].map((part) => part.toString('base64')).join('--');
  write('config/master.key', key.toString('hex'));
  write('config/credentials.yml.enc', `${sealed}\n`);
  const [offer] = keyOffers(folder);
  expect(offer).toMatchObject({ file: 'config/master.key', setting: 'secret_key_base', bytes: 32 });
  expect(offeredKey(folder, 'config/master.key', offer?.id ?? '')).toBe('0123456789abcdef0123456789abcdef');
  expect(readCredentials(randomBytes(16).toString('hex'), sealed)).toEqual([]);
});

it('never fails on what such a file may hold', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom('SECRET_KEY', ' = ', '"', "'", '\\', '[', ']', '\n', 'b', 'x41', '#', ',', 'APP_KEY=', '$'),
        { maxLength: 40 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      for (const { key } of [...readPythonSettings(given), ...readEnvFile(given)]) {
        expect(key).not.toBe('');
        readSecret(key);
      }
      readCredentials(given, given);
    }),
  );
});
