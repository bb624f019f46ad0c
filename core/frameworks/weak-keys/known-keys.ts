/*
 * Keys that anybody can look up: examples of documentation, defaults of programs, and words that stand where a key belongs.
 * Each entry was gathered by hand from the place that it names; the strings are quoted as facts, and the list as a whole is
 * under the license of this project. It is kept small on purpose: it finds what was never changed, it guesses nothing.
 */

export interface KnownKey {
  /** As `readSecret` takes it. */
  readonly key: string;
  /** Where it stands: follows "The key is ". */
  readonly source: string;
}

const EXAMPLES: readonly KnownKey[] = [
  { key: 'keyboard cat', source: 'the example in the README of express-session' },
  { key: 'key1', source: 'the example in the README of cookie-session' },
  { key: 'some secret hurr', source: 'the example in the README of koa-session' },
  { key: 'im a newer secret', source: 'the example in the documentation of Koa' },
  { key: 'i like turtle', source: 'the example in the documentation of Koa' },
  { key: 'blargadeeblargblarg', source: 'the example in the README of client-sessions' },
  { key: 'complex_password_at_least_32_characters_long', source: 'the example in the README of iron-session' },
  { key: 's3cret1', source: 'the example in the documentation of React Router' },
  { key: 's3cr3t', source: 'the example in the documentation of Remix' },
  { key: 'r3m1xr0ck5', source: 'the example in the documentation of Remix' },
  { key: 'your-256-bit-secret', source: 'the example on jwt.io (until 2025)' },
  { key: 'a-string-secret-at-least-256-bits-long', source: 'the example on jwt.io' },
  { key: 'shhhhh', source: 'the example in the README of jsonwebtoken' },
  {
    key: '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    source: 'the example in the tutorial of FastAPI',
  },
  { key: 'hex:5f352379324c22463451387a0aec5d2f', source: 'the example in the quickstart of Flask 1 and 2' },
  { key: 'A0Zr98j/3yX R~XHH!jmN]LWX/,?RT', source: 'the example in the quickstart of Flask 0' },
  {
    key: '192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf',
    source: 'the example in the documentation of Flask',
  },
  { key: 'dev', source: 'the key of the tutorial of Flask' },
  { key: 'development key', source: 'the key of an earlier tutorial of Flask' },
  { key: 'itsaseekreet', source: 'the example in the documentation of Pyramid' },
  { key: 'seekrit', source: 'an example in the documentation of Pyramid' },
  { key: 'some-secret-key', source: 'the example in the documentation of Bottle' },
  { key: '__TODO:_GENERATE_YOUR_OWN_RANDOM_VALUE_HERE__', source: 'the example in the documentation of Tornado' },
];

const DEFAULTS: readonly KnownKey[] = [
  { key: 'YourSecretKey!!!', source: 'the default of Laravel 4' },
  { key: 'SomeRandomString', source: 'the default of Laravel 5' },
  { key: 'SomeRandomStringWith32Characters', source: 'a placeholder of programs built with Laravel' },
  { key: 'ThisTokenIsNotSoSecretChangeIt', source: 'the default of the Symfony Standard Edition' },
  {
    key: 'hex:02017468697369736d7973637265746b657901025c655c795c795c68',
    source: 'the default of Apache Superset before 1.4.1',
  },
  { key: 'CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET', source: 'the default of Apache Superset' },
  { key: 'temporary_key', source: 'the default of Apache Airflow 1' },
  { key: 'change_me', source: 'the example in the documentation of Rack' },
];

/** Words that stand where a key belongs. */
const PLACEHOLDERS: readonly string[] = [
  'change-me',
  'changeme',
  'change-this',
  'changethis',
  'CHANGEME',
  'CHANGE_ME',
  'changeit',
  'replace-me',
  'secret',
  'Secret',
  'SECRET',
  'secret!',
  's3cret',
  'secret-key',
  'secret_key',
  'secretkey',
  'SECRET_KEY',
  'secret123',
  'session-secret',
  'session_secret',
  'my secret',
  'my-secret',
  'my-secret-key',
  'my_secret',
  'my_secret_key',
  'mysecret',
  'mysecretkey',
  'supersecret',
  'super secret',
  'super-secret',
  'super-secret-key',
  'super_secret_key',
  'supersecretkey',
  'top-secret',
  'topsecret',
  'jwt-secret',
  'jwt_secret',
  'jwtsecret',
  'your-secret-key',
  'your_secret_key',
  'your-secret',
  'your secret',
  'YOUR_SECRET_KEY',
  'insecure',
  'not-so-secret',
  'password',
  'development',
  'dev-secret',
  'test',
  'testing',
  'default',
  'key',
  '123456',
];

export const KNOWN_KEYS: readonly KnownKey[] = [
  ...EXAMPLES,
  ...DEFAULTS,
  ...PLACEHOLDERS.map((key) => ({ key, source: 'a placeholder that many examples have' })),
];
