import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { nearest } from '../../../../core/model/nearest.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import { PolicyFileError } from '../../../../core/policy/file/policy-file-error.ts';
import { checkPolicies, readPolicies } from '../../../../core/policy/file/read-policy.ts';
import { policyJsonSchema } from '../../../../core/policy/file/schema.ts';
import { EXPERIMENTS } from '../../../../core/policy/live/catalog.ts';
import { ACTS } from '../../../../core/policy/live/run-experiments.ts';

const FILE = '/srv/shop/policy.yaml';
const read = (text: string, env: Record<string, string> = {}) => readPolicies(text, { file: FILE, env });
const one = (text: string, env?: Record<string, string>) => {
  const [policy, ...others] = read(text, env);
  expect(others).toEqual([]);
  if (policy === undefined) throw new Error('no policy');
  return policy;
};

/** `line:column: message`, without the file. */
function mistakes(text: string, env: Record<string, string> = {}): string[] {
  try {
    read(text, env);
  } catch (error) {
    if (error instanceof PolicyFileError) return error.lines.map((line) => line.slice(FILE.length + 1));
    throw error;
  }
  return [];
}

const SIMULATED = `version: 1
simulated:
  - after: 25h
    expect: new-session
`;
const LIVE = `version: 1
target:
  origin: http://127.0.0.1:8080
  verification: /whoami
  login: POST /login
store: disk:./sessions
live:
  experiments: [cookie-alone]
`;

describe('a policy file', () => {
  it('has the whole of it read, with what is not said filled in', () => {
    const policy = one(
      `
version: 1
title: Shop
target:
  origin: http://127.0.0.1:8080/
  cookie: sid
  verification: /whoami?a=b
  login:
    - /login
    - { url: /login, fields: csrf, form: { user: alice, pin: 1234, remember: true } }
  cookies: { lang: de }
  cookie_file: jar.txt
  logout: POST /logout
  headers: { X-Tenant: 7 }
  verify_certificate: false
store: sqlite:db/app.db
parameters:
  timeout: 1h 30m
  ignore_expiry: false
  secret_key: s
  cookie_path: null
initializer: { count: 0, cart: [{ id: 1 }] }
profiles: [0.37, 0.40, 0.62, intended]
simulated:
  - name: quick
    after: [0, 30m]
    from: 127.0.0.9
    timeout: [3600, 2h]
    ignore_change_ip: false
    profiles: "0.62"
    cleanup: not-due
    expect: [accepted, new-session]
  - after: 25h
    expect: new-session
live:
  idle: 2h
  absolute: 1d
  addresses: ::1
  experiments:
    absolute-lifetime: [holds, cannot-tell]
    idle-expiry: holds
confirm: true
`,
    );
    expect(policy).toEqual({
      title: 'Shop',
      target: {
        origin: 'http://127.0.0.1:8080',
        cookie: 'sid',
        verification: { method: 'GET', url: '/whoami?a=b', headers: {}, fields: [] },
        login: [
          { method: 'GET', url: '/login', headers: {}, fields: [] },
          {
            method: 'POST',
            url: '/login',
            headers: {},
            fields: ['csrf'],
            form: { user: 'alice', pin: '1234', remember: 'true' },
          },
        ],
        logout: { method: 'POST', url: '/logout', headers: {}, fields: [] },
        cookies: { lang: 'de' },
        cookieFile: '/srv/shop/jar.txt',
        headers: { 'X-Tenant': '7' },
        verifyCertificate: false,
        acts: {},
      },
      store: 'sqlite:/srv/shop/db/app.db?table=sessions',
      parameters: { timeout: 5_400, ignore_expiry: false, secret_key: 's', cookie_path: null },
      initializer: { count: 0, cart: [{ id: 1 }] },
      record: { of: 'session' },
      simulated: [
        {
          name: 'quick',
          after: [0, 1_800],
          from: ['127.0.0.9'],
          timeouts: [3_600, 7_200],
          profiles: ['0.62'],
          ignoreExpiry: false,
          ignoreChangeIp: false,
          cleanup: 'not-due',
          expected: ['accepted', 'new-session'],
        },
        {
          name: '2: used again after 25h',
          after: [90_000],
          from: [],
          timeouts: [5_400],
          profiles: ['0.37', '0.40', '0.62', 'intended'],
          ignoreExpiry: false,
          ignoreChangeIp: true,
          cleanup: 'at-request',
          expected: ['new-session'],
        },
      ],
      live: {
        settings: {
          idleSeconds: 7_200,
          absoluteSeconds: 86_400,
          addressMayChange: false,
          addresses: ['::1'],
          sessions: null,
        },
        reports: false,
        expected: [
          ['idle-expiry', ['holds']],
          ['absolute-lifetime', ['holds', 'cannot-tell']],
        ],
      },
      lines: expect.objectContaining({ quick: expect.any(Number), 'idle-expiry': expect.any(Number) }),
      confirmed: true,
      keys: [],
      secrets: [],
    });
  });

  it('may hold several policies, and anchors', () => {
    const [first, second] = read(`${SIMULATED}title: A\n---\n${SIMULATED}`);
    expect([first?.title, second?.title]).toEqual(['A', 'policy.yaml']);
    expect(
      one('version: 1\nsimulated:\n - &q { after: 1h, expect: &e accepted }\n - { after: 2h, expect: *e }\n').simulated,
    ).toHaveLength(2);
  });

  it('takes the record of the session, the newest, or a new one, by what there is', () => {
    expect(one(SIMULATED).record).toEqual({ of: 'new' });
    expect(one(`${SIMULATED}store: disk:x\n`).record).toEqual({ of: 'newest' });
    expect(one(`${LIVE}simulated: [{ expect: accepted }]\n`).record).toEqual({ of: 'session' });
    expect(one(`${SIMULATED}store: disk:x\nrecord: 3f2a\n`).record).toEqual({ of: 'id', id: '3f2a' });
  });

  it('derives from web.py whether an address may change, unless it is said', () => {
    const live = (more: string) => one(LIVE + more).live?.settings.addressMayChange;
    expect(live('')).toBe(false);
    expect(live('parameters: { ignore_change_ip: true }\n')).toBe(true);
  });

  it('knows every experiment of the catalog', () => {
    const ids = EXPERIMENTS.map(({ meta }) => meta.id);
    const experiments = `[${ids.join(', ')}]`;
    const text =
      LIVE.replace('[cookie-alone]', experiments).replace(
        'login:',
        `${[...ACTS].map((act) => `${act}: POST /${act}`).join('\n  ')}\n  logout: /logout\n  login:`,
      ) + '  idle: 1h\n  absolute: 1d\n';
    expect(one(text).live?.expected.map(([id]) => id)).toEqual(ids);
  });
});

describe('the environment', () => {
  const KEYED = `version: 1
target:
  origin: \${ORIGIN:-http://127.0.0.1:8080}
  verification: /whoami?price=$\${5}
  login: { url: /login, form: { user: alice, password: "\${PASSWORD}" } }
store: \${DATABASE_URL}
live: { experiments: [cookie-alone] }
`;

  it('fills in variables, and knows which of them are secret', () => {
    const policy = one(KEYED, { PASSWORD: 'p@ss word', DATABASE_URL: 'postgres://u:geheim@db/app' });
    expect(policy.target?.origin).toBe('http://127.0.0.1:8080');
    expect(policy.target?.verification.url).toBe(`/whoami?price=\${5}`);
    expect(policy.target?.login[0]?.form).toEqual({ user: 'alice', password: 'p@ss word' });
    expect(policy.store).toBe('postgres://u:geheim@db:5432/app?table=sessions');
    expect(policy.secrets).toEqual(['p@ss word', 'geheim']);
  });

  it('encodes a password that is a part of an address', () => {
    const text = `${SIMULATED}store: postgres://u:\${PW}@db/app\n`;
    expect(one(text, { PW: 'a/b@c:?#%' }).store).toBe('postgres://u:a%2Fb%40c%3A%3F%23%25@db:5432/app?table=sessions');
  });

  it('names every variable that is not set, where it stands; empty is not set', () => {
    expect(mistakes(KEYED, { PASSWORD: '' })).toEqual([
      `5:56: The variable PASSWORD is not set. Set it in the environment, or write \${PASSWORD:-otherwise}`,
      `6:8: The variable DATABASE_URL is not set. Set it in the environment, or write \${DATABASE_URL:-otherwise}`,
    ]);
  });

  it('is not needed to check a file', () => {
    expect(checkPolicies(KEYED, { file: FILE, env: {} })).toEqual({
      policies: [],
      count: 1,
      unset: ['PASSWORD', 'DATABASE_URL'],
    });
    expect(() => checkPolicies(`${KEYED}titel: x\n`, { file: FILE, env: {} })).toThrow(/titel/);
    const timed = SIMULATED.replace('25h', `\${AFTER}`);
    expect(checkPolicies(timed, { file: FILE, env: {} }).unset).toEqual(['AFTER']);
    expect(one(timed, { AFTER: '3600' }).simulated[0]?.after).toEqual([3_600]);
  });
});

describe('mistakes are told with their place, and what to do', () => {
  it.each<[what: string, text: string, expected: readonly (string | RegExp)[]]>([
    ['an empty file', '', ['1:1: The file is empty. Begin with `version: 1`; docs/policy-file.md has an example']],
    ['a comment alone', '# nothing\n', [/^1:1: The file is empty/]],
    [
      'no version',
      SIMULATED.replace('version: 1\n', ''),
      ['1:1: version: the version is missing. Write `version: 1` first'],
    ],
    [
      'another version',
      SIMULATED.replace('1', '2'),
      [
        '1:10: version: this is version 2 of policy files, and only 1 is known here. Write `version: 1`, or use a newer Sessionscope',
      ],
    ],
    ['a text', 'hello', [/^1:1: This is the text "hello"\. Give a group of keys/]],
    ['an unknown key', `${SIMULATED}titel: x\n`, ['5:1: There is no key "titel" here. Did you mean title?']],
    [
      'the key of another framework',
      `${SIMULATED}zebra: x\n`,
      [/^5:1: There is no key "zebra" here\. There are: version, title, start, target,/],
    ],
    [
      'a parameter in camel case',
      `${SIMULATED}parameters:\n  ignoreExpiry: true\n`,
      ['6:3: There is no key "ignoreExpiry" here. Did you mean ignore_expiry?'],
    ],
    [
      'no time',
      SIMULATED.replace('25h', 'soon'),
      [/^3:12: simulated\[0\]\.after: "soon" is no time\. Give seconds, or/],
    ],
    ['a negative time', SIMULATED.replace('25h', '-5'), [/^3:12: simulated\[0\]\.after: "-5" is no time/]],
    [
      'an outcome that is none',
      SIMULATED.replace('new-session', 'newsession2'),
      ['4:13: simulated[0].expect: there is no outcome "newsession2". Did you mean new-session?'],
    ],
    [
      'no outcome',
      SIMULATED.replace('    expect: new-session\n', ''),
      [/^3:5: simulated\[0\]\.expect: this is missing/],
    ],
    [
      'an outcome in a list',
      SIMULATED.replace('new-session', '[accepted, nope]'),
      [/^4:24: simulated\[0\]\.expect\[1\]: there is no outcome "nope"\. There are: accepted,/],
    ],
    ['a profile that is none', `${SIMULATED}profiles: 0.5\n`, [/^5:11: profiles: there is no profile "0\.50"\. /]],
    [
      'text for yes or no',
      `${SIMULATED}confirm: sure\n`,
      ['5:10: confirm: this is the text "sure". Give true or false'],
    ],
    [
      'an unknown experiment',
      LIVE.replace('[cookie-alone]', '{ logut: holds }'),
      ['8:18: There is no key "logut" here. Did you mean logout?'],
    ],
    [
      'an experiment in a list',
      LIVE.replace('cookie-alone', 'frobnicate'),
      [/^8:17: live\.experiments\[0\]: there is no experiment "frobnicate"\. There are: idle-expiry, idle-limit,/],
    ],
    [
      'a verdict that is none',
      LIVE.replace('[cookie-alone]', '{ cookie-alone: hold }'),
      ['8:32: live.experiments.cookie-alone: there is no verdict "hold". Did you mean holds?'],
    ],
    [
      'no idle time',
      LIVE.replace('cookie-alone', 'idle-limit'),
      [/^8:17: idle-limit needs the idle time\. Add idle under live/],
    ],
    [
      'no logout',
      LIVE.replace('cookie-alone', 'logout'),
      [/^8:17: logout needs the request that logs out\. Add logout to target/],
    ],
    [
      'no absolute lifetime',
      LIVE.replace('[cookie-alone]', '{ absolute-lifetime: holds }'),
      [/^8:18: absolute-lifetime needs the absolute lifetime/],
    ],
    [
      'no store',
      LIVE.replace('store: disk:./sessions\n', '').replace('cookie-alone', 'record-alone'),
      [/^7:17: record-alone needs the store of the application\. Add store/],
    ],
    [
      'no target',
      'version: 1\nlive: { experiments: [cookie-alone] }\n',
      [/^2:1: Live experiments need an application to ask/],
    ],
    [
      'no way to a session',
      LIVE.replace('  login: POST /login\n', ''),
      [/^2:1: There is no way to a session in this target/],
    ],
    ['nothing asked', 'version: 1\ntitle: x\n', [/^1:1: This policy asks nothing/]],
    [
      'an origin that is more',
      LIVE.replace(':8080', ':8080/shop'),
      [/^3:11: "http:\/\/127\.0\.0\.1:8080\/shop" is more than an origin/],
    ],
    [
      'an origin that is none',
      LIVE.replace('http://127.0.0.1:8080', 'localhost'),
      [/^3:11: "localhost" is no address of a web application/],
    ],
    [
      'a verification elsewhere',
      LIVE.replace('/whoami', 'http://else.test/'),
      [/^4:17: http:\/\/else\.test is another origin/],
    ],
    [
      'a cookie header',
      `${LIVE}`.replace('  login', '  headers: { Cookie: a=b }\n  login'),
      [/^5:14: Cookies are not given as a header field/],
    ],
    [
      'two bodies',
      LIVE.replace('POST /login', '{ url: /login, form: { a: b }, body: c }'),
      [/^5:10: A request has one body/],
    ],
    [
      'a field without a page',
      LIVE.replace('POST /login', '{ url: /login, fields: csrf }'),
      [/^5:33: There is no page before this request/],
    ],
    [
      'a header of two lines',
      LIVE.replace('  login', '  headers: { X-A: "b\\nc" }\n  login'),
      [/^5:19: This cannot be the value of a header field/],
    ],
    ['a store that is none', LIVE.replace('disk:./sessions', 'memcached://x'), [/^6:8: .*memcached/]],
    ['memory of another program', LIVE.replace('disk:./sessions', 'memory:x'), [/^6:8: The memory of another program/]],
    [
      'an address that is none',
      SIMULATED.replace('after: 25h', 'from: 127.0.0'),
      [/^3:11: "127\.0\.0" is no IP address/],
    ],
    [
      'two names',
      `version: 1\nsimulated:\n - { name: a, expect: accepted }\n - { name: a, expect: accepted }\n`,
      [/^4:12: Two questions are called "a"/],
    ],
    [
      'two names of the cookie',
      `${LIVE.replace('  login', '  cookie: a\n  login')}parameters: { cookie_name: b }\n`,
      [/^10:28: The cookie is called "a" in target/],
    ],
    [
      'a record without a store',
      `${SIMULATED}record: newest\n`,
      [/^5:9: There is no store from which a record could be copied/],
    ],
    [
      'a record without a session',
      `${SIMULATED}store: disk:x\nrecord: session\n`,
      [/^6:9: There is no session whose record could be copied/],
    ],
    ['a key twice', 'version: 1\nversion: 1\n', [/^2:1: This is no YAML: Map keys must be unique/]],
    ['broken YAML', 'version: 1\na: [\n', [/^3:1: This is no YAML: /]],
    ['a tag', 'version: !!js/function "x"\n', [/^1:10: This is no YAML: Unresolved tag/]],
    ['a key that is a list', 'version: 1\n? [a]\n: b\n', [/^2:3: This is no YAML: With stringKeys/]],
    [
      'the second policy',
      `${SIMULATED}---\n${SIMULATED.replace('25h', 'x')}`,
      [/^8:12: simulated\[0\]\.after: "x" is no time/],
    ],
  ])('%s', (_, text, expected) => {
    const told = mistakes(text);
    expect(told).toHaveLength(expected.length);
    for (const [i, wanted] of expected.entries()) {
      if (typeof wanted === 'string') expect(told[i]).toBe(wanted);
      else expect(told[i]).toMatch(wanted);
    }
  });

  it('all of them at once, in the order of the file, twenty at most', () => {
    expect(
      mistakes('version: 3\ntitle: ""\nzz: 1\nsimulated: [{ after: x }]\n').map((line) => line.split(': ')[0]),
    ).toEqual(['1:10', '2:8', '3:1', '4:13', '4:22']);
    const many = Array.from({ length: 50 }, (_, i) => `k${i}: 1`).join('\n');
    expect(mistakes(`${SIMULATED}${many}`)).toHaveLength(20);
  });

  it('one line each, whatever the file holds, without what would move a terminal', () => {
    const [line = ''] = mistakes(`${SIMULATED}"a\\e[2Jb\\nc": 1\n`);
    expect(line).toMatch(/^5:1: There is no key /);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('names that were meant', () => {
  it.each([
    ['ignoreExpiry', 'ignore_expiry'],
    ['ignore-change-ip', 'ignore_change_ip'],
    ['tiemout', 'timeout'],
    ['Timeout', 'timeout'],
    ['xyz', undefined],
    ['', undefined],
  ])('%s: %s', (name, meant) => {
    expect(nearest(name, ['ignore_expiry', 'ignore_change_ip', 'timeout', 'secure'])).toBe(meant);
  });
});

describe('the JSON Schema for editors', () => {
  it('has the keys of the file, with words to each', () => {
    const schema = policyJsonSchema() as { properties: Record<string, { description?: string }>; $schema: string };
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(Object.keys(schema.properties)).toContain('simulated');
    expect(JSON.stringify(schema)).toContain('path-like-id');
    expect(schema.properties['store']?.description).toMatch(/disk:PATH/);
  });
});

describe('hostile files', () => {
  const bomb = (levels: number) =>
    [
      'a0: &a0 [x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
    ].join('\n');

  it.each<[string, string, RegExp]>([
    ['a bomb of aliases', bomb(9), /aliases/],
    ['a value that holds itself', 'version: 1\nx: &x { y: *x }\n', /nested more than 24 deep/],
    ['deep lists', '['.repeat(100_000), /no YAML|nested/],
    ['deep dashes', `${'- '.repeat(50_000)}a`, /no YAML|nested/],
    ['deep keys', `${'{a: '.repeat(5_000)}`, /no YAML|nested/],
    ['deep, and right', `a: ${'['.repeat(60)}${']'.repeat(60)}`, /nested more than 24 deep/],
    ['a large file', `# ${'x'.repeat(300_000)}`, /larger than 128 KiB/],
    ['many values', `a: [${'1,'.repeat(30_000)}]`, /more than 20000 values/],
    ['many documents', 'version: 1\n---\n'.repeat(40), /policies/],
    ['bytes that are no text', 'version: 1\0', /no text/],
    ['the prototype', '__proto__: { polluted: 1 }\nversion: 1\n', /__proto__/],
    ['the constructor', 'constructor: { prototype: { polluted: 1 } }\nversion: 1\n', /constructor/],
  ])('%s', (_, text, message) => {
    const began = performance.now();
    expect(() => read(text)).toThrow(PolicyFileError);
    expect(mistakes(text).join('\n')).toMatch(message);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('any text gives policies or mistakes with places in it, and nothing else', () => {
    let mistaken = 0;
    const piece = fc.constantFrom(
      ...[
        'version: 1',
        'simulated:',
        '- ',
        '  ',
        '\n',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '&a',
        '*a',
        '"',
        "'",
        '|',
        '>',
        '#',
        '?',
        '---',
      ],
      ...[
        'target:',
        'origin: http://x',
        'live:',
        'experiments:',
        'logout',
        'expect: accepted',
        '!!binary',
        '%TAG',
        '\t',
        `\${A}`,
        '<<',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 60 }).map((list) => list.join('')),
          fc.string({ unit: 'binary', maxLength: 200 }),
        ),
        (text) => {
          const lines = text.split(/\r\n|\n|\r/).length;
          try {
            read(text, { A: 'x' });
          } catch (error) {
            if (!(error instanceof PolicyFileError)) throw error;
            mistaken += 1;
            for (const { place } of error.problems) {
              expect(place.line).toBeGreaterThanOrEqual(1);
              expect(place.line).toBeLessThanOrEqual(lines + 1);
              expect(place.column).toBeGreaterThanOrEqual(1);
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(mistaken).toBeGreaterThan(500);
  });

  it('any data in the place of a policy is refused, and a right one is read', () => {
    const key = fc.constantFrom(
      'version',
      'title',
      'target',
      'store',
      'parameters',
      'simulated',
      'live',
      'confirm',
      'profiles',
      'record',
      'x',
    );
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 }), (data) => {
        const text = stringify(data);
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
