import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseCookies } from '../../../../../core/cookies/parse-cookies.ts';
import { MODERN_FORM } from '../../../../../core/cookies/set-cookie.ts';
import { setCookieValue } from '../../../../../core/frameworks/webpy/session/add-set-cookie.ts';
import { makeSessionId } from '../../../../../core/frameworks/webpy/session/session-id.ts';
import { decodeBase64 } from '../../../../../core/python/python-base64.ts';
import { needs } from '../../../../support/needs.ts';
import { seeded } from '../../../../support/random-typed.ts';

/** Runs a Python program on a JSON document and gives what it prints as JSON. */
function python(program: string, input: unknown): unknown {
  const script = `import json, sys\nsys.dont_write_bytecode = True\ndata = json.load(sys.stdin)\n${program}`;
  const output = execFileSync('/usr/bin/python3', ['-c', script], {
    input: JSON.stringify(input),
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output.toString('utf8'));
}

const random = seeded(7);
const below = (limit: number): number => Math.floor(random() * limit);
const texts = (parts: readonly string[], count: number, length: number): string[] =>
  Array.from({ length: count }, () => Array.from({ length: below(length) }, () => parts[below(parts.length)]).join(''));

needs('webpy')('[L2] the real web.py beside ours, on thousands of random inputs', () => {
  it('reads 6000 Cookie headers alike', () => {
    const parts = [
      ';',
      '=',
      '"',
      ' ',
      ',',
      '; ',
      'a',
      'b',
      'sid',
      '$x',
      '$Path',
      'path',
      'secure',
      'expires',
      'Wed, 01-Jan-2030 00:00:00 GMT',
      '\\',
      '\\101',
      '%41',
      '%c3%a9',
      '%ff',
      '%',
      '[',
      '{',
      '/',
      '@',
      '\xe9',
      '\xa0',
      '\x85',
      '\x1f',
      '\t',
      '1',
      '="1"',
      '="x;y"',
      '\u3000',
    ];
    const headers = texts(parts, 6000, 12);
    const expected = python(
      'import web\nprint(json.dumps([sorted(web.webapi.parse_cookies(h).items()) for h in data]))',
      headers,
    ) as [string, string][][];
    headers.forEach((header, at) => {
      const ours = [...parseCookies(header)].sort(([a], [b]) => compare(a, b));
      expect(ours, JSON.stringify(header)).toEqual(expected[at]);
    });
    console.log(`Cookie headers read as web.py reads them: ${headers.length}/${headers.length}`);
  });

  it('writes 1500 cookies alike', () => {
    const names = texts(['a', 'Z', '0', ':', '-', '_', '!', "'", ' ', '=', '/', '\u4f60', 'path'], 1500, 4);
    const values = texts(
      ['a', ' ', ';', '"', '%', '/', '~', '\n', '\0', '\u4f60', '\u{1f600}', '+', "'", '\\'],
      1500,
      6,
    );
    const calls = names.map((name, at) => ({
      name,
      value: values[at],
      expires: [0, 60, -1, 'text', '', 1.5][below(6)],
      domain: ['', '.e.com', 'x;y', 'a\r\nb'][below(4)],
      secure: random() < 0.5,
      httponly: random() < 0.5,
      path: ['', '/p', null, '/a b'][below(4)],
      samesite: ['', 'Lax', 'sTRICT', 'none', 'bogus', null][below(6)],
    }));
    const program = `
import web, time
time.time = lambda: 1700000000
out = []
for c in data:
    web.ctx.clear(); web.ctx.homepath = "/mnt"; web.ctx.headers = []
    try:
        web.setcookie(**c); out.append(web.ctx.headers[-1][1])
    except Exception as e:
        out.append("%s: %s" % (type(e).__name__, e))
print(json.dumps(out))`;
    const expected = python(program, calls) as string[];
    calls.forEach((call, at) => {
      let ours: string;
      try {
        ours = setCookieValue(call, '/mnt', 1_700_000_000_000, MODERN_FORM);
      } catch (error) {
        ours = String(error).replace('http.cookies.', '');
      }
      expect(ours, JSON.stringify(call)).toBe(expected[at]);
    });
  });

  it('makes 500 ids and reads 3000 base64 texts alike', () => {
    const ids = Array.from({ length: 500 }, () => ({
      random: Buffer.from(Array.from({ length: 16 }, () => below(256))).toString('hex'),
      now: 1_700_000_000_000 + below(1e9) + below(1000) / 1000,
      ip: ['127.0.0.1', null][below(2)] ?? null,
      key: ['fLjUfxqXtfNoIldA0A0J', 5, null, 'k\u4f60'][below(4)],
    }));
    const program = `
import hashlib
from web.utils import safestr
print(json.dumps([hashlib.sha1(("%s%s%s%s" % (bytes.fromhex(i["random"]), i["now"] / 1000, safestr(i["ip"]), i["key"])).encode("utf-8")).hexdigest() for i in data]))`;
    const expected = python(program, ids) as string[];
    const ours = ids.map((id) => makeSessionId(Buffer.from(id.random, 'hex'), id.now, id.ip, id.key));
    expect(ours).toEqual(expected);

    const encoded = texts(['YWJj', 'YQ==', 'YWI=', '=', '==', '-', '_', '\n', ' ', 'Z', 'AA', '\xff'], 3000, 7);
    const decoded = python(
      `
import base64
out = []
for t in data:
    try: out.append(base64.decodebytes(t.encode("latin1")).hex())
    except Exception as e: out.append(str(e))
print(json.dumps(out))`,
      encoded,
    );
    expect(
      encoded.map((text) => {
        try {
          return Buffer.from(decodeBase64(Buffer.from(text, 'latin1'))).toString('hex');
        } catch (error) {
          return (error as Error).message;
        }
      }),
    ).toEqual(decoded);
  });
});

/** Python's order of text: by code point. */
function compare(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    if (left[at] !== right[at]) return (left[at] ?? 0) - (right[at] ?? 0);
  }
  return left.length - right.length;
}
