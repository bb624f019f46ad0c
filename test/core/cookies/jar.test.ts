import { describe, expect, it } from 'vitest';
import { toCookieView } from '../../../core/cookies/cookie-view.ts';
import { BrowserJar } from '../../../core/cookies/jar.ts';

const at = (seconds: number, path = '/') => ({
  url: `http://localhost:8080${path}`,
  at: 1_700_000_000_000 + seconds * 1000,
});

describe('[B5] the jar', () => {
  it('sends longer paths first, then older cookies, and keeps the age of a replaced one', () => {
    const jar = new BrowserJar();
    jar.setAll(['a=1; Path=/', 'b=1; Path=/', 'c=1; Path=/deep'], at(0));
    jar.set('a=2; Path=/', at(5));
    expect(jar.header(at(6, '/deep/x'))).toBe('c=1; a=2; b=1');
    expect(jar.header(at(6))).toBe('a=2; b=1');
  });

  it("forgets a session when web.py's deleting cookie comes, and what has run out", () => {
    const jar = new BrowserJar();
    jar.set('webpy_session_id=aa; HttpOnly; Path=/', at(0));
    jar.set('short=1; Max-Age=10; Path=/', at(0));
    expect(jar.header(at(1))).toBe('webpy_session_id=aa; short=1');
    const killed = jar.set('webpy_session_id=bb; expires=Fri, 17 Mar 1995 13:47:59 GMT; HttpOnly; Path=/', at(2));
    expect(killed).toMatchObject({ stored: false, removes: true });
    expect(jar.header(at(3))).toBe('short=1');
    expect(jar.header(at(10))).toBeUndefined();
    expect(jar.cookies).toEqual([]);
  });

  it('holds two cookies of a name with different paths, and removes by name and path', () => {
    const jar = new BrowserJar();
    jar.setAll(['sid=outer; Path=/', 'sid=inner; Path=/sub/'], at(0));
    expect(jar.header(at(1, '/sub/x'))).toBe('sid=inner; sid=outer');
    jar.remove('sid', '/other');
    expect(jar.header(at(1, '/sub/x'))).toBe('sid=inner');
  });
});

describe('[B6] a cookie to look at', () => {
  it('shows every attribute as written, unknown ones too', () => {
    const header =
      'sid=x y; Path=/a; expires=Thu, 01 Jan 2099 00:00:00 GMT; Secure; HttpOnly; SameSite=lax; Priority=High; Comment=hi';
    const now = 1_700_000_000_000;
    expect(toCookieView(header, 'https://Shop.TEST:444/a/b', now)).toEqual({
      name: 'sid',
      value: 'x y',
      domain: 'shop.test',
      hostOnly: true,
      path: '/a',
      expires: now + 400 * 86_400_000,
      expiresText: 'Thu, 01 Jan 2099 00:00:00 GMT',
      secure: true,
      httpOnly: true,
      sameSite: 'lax',
      partitioned: false,
      priority: 'High',
      others: ['Comment=hi'],
      setCookie: header,
      setAt: now,
    });
  });
});
