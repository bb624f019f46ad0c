import { describe, expect, it } from 'vitest';
import type { SiteContext } from '../../../core/cookies/browser-cookie.ts';
import { judgeSetCookie } from '../../../core/cookies/judge.ts';
import { wouldSend } from '../../../core/cookies/would-send.ts';

const AT = Date.UTC(2026, 10, 23, 12);
const HTTPS: SiteContext = { url: 'https://app.shop.test/account/login', at: AT };
const HTTP: SiteContext = { url: 'http://app.shop.test/account/login', at: AT };
const LOCAL: SiteContext = { url: 'http://localhost:8080/count', at: AT };

const codes = (header: string, context: SiteContext, verdict = 'no'): string[] =>
  judgeSetCookie(header, context)
    .reasons.filter((reason) => reason.verdict === verdict)
    .map((reason) => reason.code);

describe('[B1] what a browser stores', () => {
  it.each<[string, SiteContext]>([
    ['webpy_session_id=133139e0a749e727db01fefaa7f8e065bfcbf3b8; HttpOnly; Path=/', LOCAL],
    ['sid=1; Secure; SameSite=None; Path=/', HTTPS],
    ['__Host-sid=1; Secure; Path=/', HTTPS],
    ['__Secure-sid=1; Secure; Domain=shop.test', HTTPS],
    ['__Host-Http-sid=1; Secure; HttpOnly; Path=/', HTTPS],
    ['sid=1; Domain=.shop.test', HTTP],
    ['sid=1; Domain=localhost', LOCAL],
    ['sid=1; Domain=127.0.0.1', { ...LOCAL, url: 'http://127.0.0.1:8080/' }],
    ['sid=1; Secure', LOCAL],
    ['sid=1; Secure', { ...LOCAL, url: 'http://app.localhost/' }],
    ['sid=1; Secure', { ...LOCAL, url: 'http://[::1]:8080/' }],
    ['just a value', HTTP],
    ['=nameless', HTTP],
    ['sid=', HTTP],
    ['sid=1; Partitioned; Secure; SameSite=None', HTTPS],
    [`a=${'x'.repeat(4095)}`, HTTP],
  ])('stores %s', (header, context) => {
    expect(judgeSetCookie(header, context)).toMatchObject({ stored: true, removes: false });
  });

  it.each<[string, SiteContext, string]>([
    ['sid=1; Secure', HTTP, 'secure-over-http'],
    ['sid=1; SameSite=None', HTTPS, 'none-insecure'],
    ['__Host-sid=1; Secure; Path=/; Domain=app.shop.test', HTTPS, 'prefix'],
    ['__Host-sid=1; Secure; Path=/account', HTTPS, 'prefix'],
    ['__host-sid=1; Path=/', HTTPS, 'prefix'],
    ['__Secure-sid=1', HTTPS, 'prefix'],
    ['__Http-sid=1; Secure', HTTPS, 'prefix'],
    ['__Host-sid=1', HTTPS, 'prefix'],
    ['=__Host-sid=1; Secure; Path=/', HTTPS, 'nameless-prefix'],
    ['sid=1; Domain=other.test', HTTP, 'domain-mismatch'],
    ['sid=1; Domain=evilshop.test', HTTP, 'domain-mismatch'],
    ['sid=1; Domain=deeper.app.shop.test', HTTP, 'domain-mismatch'],
    ['sid=1; Domain=test', HTTP, 'public-suffix'],
    ['sid=1; Domain=co.uk', { ...HTTP, url: 'http://shop.co.uk/' }, 'public-suffix'],
    ['sid=1; Domain=github.io', { ...HTTP, url: 'http://me.github.io/' }, 'public-suffix'],
    ['sid=1; Partitioned', HTTPS, 'partitioned-insecure'],
    ['sid=1\x01', HTTP, 'control-character'],
    ['', HTTP, 'empty'],
    ['=; Path=/', HTTP, 'empty'],
    [`a=${'x'.repeat(4096)}`, HTTP, 'too-big'],
    ['sid=1; HttpOnly', { ...HTTP, http: false }, 'http-only-script'],
    ['sid=1; SameSite=Strict', { ...HTTPS, site: 'cross-site', topLevel: false }, 'cross-site'],
    ['sid=1', { ...HTTPS, site: 'cross-site', topLevel: false }, 'cross-site'],
  ])('refuses %s', (header, context, reason) => {
    expect(judgeSetCookie(header, context).stored).toBe(false);
    expect(codes(header, context)).toContain(reason);
  });

  it('gives every reason at once', () => {
    expect(codes('__Host-sid=1; SameSite=None; Domain=other.test', HTTP)).toEqual([
      'domain-mismatch',
      'prefix',
      'none-insecure',
    ]);
  });

  it('[B2] leaves Secure cookies and HttpOnly cookies alone', () => {
    const { cookie } = judgeSetCookie('sid=1; Secure; Path=/', HTTPS);
    const existing = cookie === undefined ? [] : [cookie];
    expect(judgeSetCookie('sid=2; Path=/account', HTTP, existing).stored).toBe(false);
    expect(judgeSetCookie('sid=2; Path=/', HTTPS, existing).stored).toBe(true);
    const hidden = judgeSetCookie('sid=1; HttpOnly; Path=/', HTTPS).cookie;
    expect(judgeSetCookie('sid=2; Path=/', { ...HTTPS, http: false }, hidden ? [hidden] : []).stored).toBe(false);
  });
});

describe('[B3] what is stored', () => {
  it('takes the last of several attributes and defaults the path', () => {
    const { cookie } = judgeSetCookie('sid=1; Path=/a; path=/b; Domain=shop.test; SAMESITE=strict', HTTPS);
    expect(cookie).toMatchObject({ path: '/b', domain: 'shop.test', hostOnly: false, sameSite: 'Strict' });
    expect(judgeSetCookie('sid=1; Path=x', HTTPS).cookie?.path).toBe('/account');
  });

  it('lets Max-Age win, caps at 400 days, and notes what cannot be read', () => {
    const day = 86_400_000;
    const past = judgeSetCookie('sid=1; Max-Age=60; Expires=Fri, 17 Mar 1995 13:47:59 GMT', HTTPS);
    expect(past.cookie?.expires).toBe(AT + 60_000);
    const long = judgeSetCookie('sid=1; Max-Age=999999999', HTTPS);
    expect(long.cookie?.expires).toBe(AT + 400 * day);
    expect(codes('sid=1; Max-Age=999999999', HTTPS, 'note')).toContain('capped');
    expect(codes('sid=1; expires=3600.5', HTTPS, 'note')).toContain('expires-unreadable');
    expect(codes('sid=1; SameSite=bogus', HTTPS, 'note')).toContain('same-site-unknown');
    expect(codes('sid=1; Priority=High', HTTPS, 'note')).toContain('priority');
    expect(codes(`sid=1; Path=/${'x'.repeat(1024)}`, HTTPS, 'note')).toContain('attribute-too-big');
  });

  it("web.py's deleting cookie removes", () => {
    const header = 'webpy_session_id=aa; expires=Fri, 17 Mar 1995 13:47:59 GMT; HttpOnly; Path=/';
    expect(judgeSetCookie(header, LOCAL)).toMatchObject({ stored: false, removes: true });
  });
});

describe('[B4] what a browser sends', () => {
  const cookie = (header: string, context = HTTPS) => {
    const judged = judgeSetCookie(header, context);
    if (judged.cookie === undefined) throw new Error('no cookie');
    return judged.cookie;
  };

  it.each<[string, Partial<SiteContext>, string]>([
    ['sid=1; Path=/', { url: 'https://shop.test/' }, 'domain'],
    ['sid=1; Domain=shop.test', { url: 'https://evilshop.test/' }, 'domain'],
    ['sid=1; Path=/account', { url: 'https://app.shop.test/accounts' }, 'path'],
    ['sid=1; Secure; Path=/', { url: 'http://app.shop.test/' }, 'secure'],
    ['sid=1; Max-Age=60; Path=/', { at: AT + 60_000 }, 'expired'],
    ['sid=1; HttpOnly; Path=/', { http: false }, 'http-only'],
    ['sid=1; SameSite=Strict; Path=/', { site: 'cross-site' }, 'same-site-strict'],
    ['sid=1; SameSite=Lax; Path=/', { site: 'cross-site', topLevel: false }, 'same-site-lax'],
    ['sid=1; Path=/', { site: 'cross-site', topLevel: false }, 'same-site-lax'],
    ['sid=1; SameSite=Lax; Path=/', { site: 'cross-site', method: 'POST' }, 'same-site-lax-method'],
    ['sid=1; Path=/', { site: 'cross-site', method: 'POST', at: AT + 120_001 }, 'same-site-lax-method'],
  ])('does not send %s to %j', (header, change, reason) => {
    const judged = wouldSend(cookie(header), { ...HTTPS, ...change });
    expect(judged.sent).toBe(false);
    expect(judged.reasons.map(({ code }) => code)).toContain(reason);
  });

  it.each<[string, Partial<SiteContext>]>([
    ['sid=1; Path=/', {}],
    ['sid=1; Domain=shop.test; Path=/', { url: 'https://a.b.shop.test/x' }],
    ['sid=1; Path=/account', { url: 'https://app.shop.test/account/x' }],
    ['sid=1; SameSite=Lax; Path=/', { site: 'cross-site' }],
    ['sid=1; Path=/', { site: 'cross-site', method: 'POST', at: AT + 1000 }],
    ['sid=1; SameSite=None; Secure; Path=/', { site: 'cross-site', topLevel: false }],
    ['sid=1; Secure; Path=/', { url: 'http://localhost/', at: AT }],
  ])('sends %s to %j', (header, change) => {
    const request = { ...HTTPS, ...change };
    const from = request.url.includes('localhost') ? { ...HTTPS, url: 'http://localhost/' } : HTTPS;
    expect(wouldSend(cookie(header, from), request)).toMatchObject({ sent: true });
  });
});
