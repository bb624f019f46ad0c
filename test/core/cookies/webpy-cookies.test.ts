import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCookies } from '../../../core/cookies/parse-cookies.ts';
import { percentDecode, percentEncode } from '../../../core/cookies/percent.ts';
import { formatSetCookie, httpDate, MODERN_FORM } from '../../../core/cookies/set-cookie.ts';
import { CookieError } from '../../../core/cookies/simple-cookie.ts';
import { setCookieValue } from '../../../core/frameworks/webpy/session/add-set-cookie.ts';
import { PROFILES } from '../../../core/frameworks/webpy/session/profiles.ts';
import { isValidSessionId } from '../../../core/frameworks/webpy/session/session-id.ts';

interface Expected {
  readonly time_for_setcookie: number;
  readonly parse_cookies: readonly { readonly header: string; readonly cookies: [string, string][] }[];
  readonly setcookie: readonly {
    readonly args: Record<string, unknown> & { name: unknown; value: unknown };
    readonly script_name: string;
    readonly set_cookie: string | null;
    readonly error: string | null;
  }[];
  readonly session_ids: readonly { readonly id: string; readonly valid: boolean }[];
}

const fixture = new URL('../../fixtures/webpy/cookies/expected.json', import.meta.url);
const expected = JSON.parse(readFileSync(fixture, 'utf8')) as Expected;
const equal = { headers: 0, calls: 0, ids: 0 };

describe('[C5] to [C9] parse_cookies, every header of the fixture', () => {
  it.each(expected.parse_cookies)('$header', ({ header, cookies }) => {
    const found = [...parseCookies(header)].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(found).toEqual(cookies);
    equal.headers++;
  });
});

describe('[C1] to [C4] setcookie, every call of the fixture', () => {
  it.each(expected.setcookie)('$args -> $set_cookie', ({ args, script_name, set_cookie, error }) => {
    let found: string | null = null;
    let raised: string | null = null;
    try {
      found = setCookieValue(args, script_name, expected.time_for_setcookie * 1000, MODERN_FORM);
    } catch (thrown) {
      raised = String(thrown).replace('http.cookies.', '');
    }
    expect([found, raised]).toEqual([set_cookie, error]);
    equal.calls++;
  });
});

describe('[I2] which ids are valid', () => {
  it.each(expected.session_ids)('$id: $valid', ({ id, valid }) => {
    expect(isValidSessionId(id)).toBe(valid);
    equal.ids++;
  });
});

afterAll(() => {
  console.log(
    `web.py cookies: ${equal.headers}/${expected.parse_cookies.length} headers, ` +
      `${equal.calls}/${expected.setcookie.length} calls, ${equal.ids}/${expected.session_ids.length} ids`,
  );
  expect([expected.parse_cookies.length, expected.setcookie.length, expected.session_ids.length]).toEqual([
    109, 73, 18,
  ]);
});

describe('[C10] cookies of web.py 0.37 on Python 2', () => {
  const form = PROFILES['0.37'].setCookie;

  it('writes secure and httponly in lower case at the end, and no SameSite', () => {
    const call = { name: 'a', value: 'b', expires: 0, domain: '.e.com', secure: true, httponly: true, samesite: 'Lax' };
    expect(formatSetCookie(call, '', 1_700_000_000_000, form)).toBe(
      'a=b; Domain=.e.com; expires=Tue, 14 Nov 2023 22:13:20 GMT; Path=/; secure; httponly',
    );
    expect(() => formatSetCookie({ name: 'a:b', value: '' }, '', 0, form)).toThrow(CookieError);
  });

  it('finds cookies anywhere in a header with quotes and keeps invalid UTF-8 as bytes', () => {
    expect([...parseCookies('junk; a="1"', 2)]).toEqual([['a', '1']]);
    expect([...parseCookies('path=/x; a="1"', 2)]).toEqual([['a', '1']]);
    expect([...parseCookies('a=%ff%C3%A9', 2)]).toEqual([['a', '\xff\xc3\xa9']]);
    expect([...parseCookies('a=\xa01\xa0', 2)]).toEqual([['a', '\xa01\xa0']]);
  });

  it('0.40 knows Strict and Lax only', () => {
    const call = { name: 'a', value: 'b', samesite: 'None' };
    expect(formatSetCookie(call, '', 0, PROFILES['0.40'].setCookie)).toBe('a=b; Path=/');
    expect(formatSetCookie(call, '', 0, PROFILES['0.62'].setCookie)).toBe('a=b; Path=/; SameSite=None');
  });
});

describe('[C3] dates and percent codes', () => {
  it('cuts off parts of a second, also before 1970', () => {
    expect(httpDate(1_700_000_000_999)).toBe('Tue, 14 Nov 2023 22:13:20 GMT');
    expect(httpDate(-1)).toBe('Wed, 31 Dec 1969 23:59:59 GMT');
  });

  it('decodes what it encodes', () => {
    for (const text of ['', '/~', 'a+b c', '\u4f60\u597d', '\u{1f600}', "!'()*", '%41', '\0']) {
      expect(percentDecode(percentEncode(text))).toBe(text);
    }
  });
});
