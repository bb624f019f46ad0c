import { describe, expect, it } from 'vitest';
import type { SiteContext } from '../../../core/cookies/browser-cookie.ts';
import { COOKIE_RULES, type CookieRules, rulesOfUserAgent } from '../../../core/cookies/browser-rules.ts';
import { parseCookieDate } from '../../../core/cookies/cookie-date.ts';
import { BrowserJar } from '../../../core/cookies/jar.ts';
import { judgeSetCookie } from '../../../core/cookies/judge.ts';
import { wouldSend } from '../../../core/cookies/would-send.ts';

/* One Set-Cookie in three browsers; the Chromium column is held beside a real one in `oracle.test.ts`. */

const AT = Date.UTC(2026, 10, 30, 12);
const HTTPS: SiteContext = { url: 'https://app.shop.test/', at: AT };
const LOCAL: SiteContext = { url: 'http://localhost:8080/', at: AT };
const frame: SiteContext = { ...HTTPS, site: 'cross-site', topLevel: false };
const FAMILIES = ['chromium', 'firefox', 'safari'] as const;

const stored = (header: string, context: SiteContext) =>
  FAMILIES.map((family) => judgeSetCookie(header, context, [], COOKIE_RULES[family]).stored);

describe('what each browser stores', () => {
  it.each<[string, SiteContext, boolean[]]>([
    ['sid=1', HTTPS, [true, true, true]],
    ['sid=1; SameSite=None', HTTPS, [false, false, true]],
    ['sid=1; Secure', LOCAL, [true, true, false]],
    ['sid=1; Secure', { ...LOCAL, url: 'http://app.shop.test/' }, [false, false, false]],
    ['__Http-sid=1; Secure', HTTPS, [false, false, true]],
    ['__Host-Http-sid=1; Secure; Path=/', HTTPS, [false, false, true]],
    ['__Host-sid=1; Path=/', HTTPS, [false, false, false]],
    ['sid=a\tb', HTTPS, [false, true, true]],
    ['sid=1; SameSite=None; Secure', frame, [true, true, false]],
    ['sid=1; SameSite=None; Secure; Partitioned', frame, [true, true, true]],
    ['sid=1; Secure', frame, [false, true, false]],
    ['sid=1', { ...HTTPS, otherScheme: true, topLevel: false }, [false, true, true]],
  ])('%s from %j', (header, context, expected) => expect(stored(header, context)).toEqual(expected));
});

describe('what each browser sends', () => {
  const sent = (header: string, request: Partial<SiteContext>, first: SiteContext = HTTPS) =>
    FAMILIES.map((family) => {
      const rules = COOKIE_RULES[family];
      const { cookie } = judgeSetCookie(header, first, [], rules);
      return cookie !== undefined && wouldSend(cookie, { ...first, ...request }, rules).sent;
    });
  const post = { site: 'cross-site', method: 'POST' } as const;

  it.each<[string, Partial<SiteContext>, boolean[]]>([
    ['sid=1', post, [true, true, true]],
    ['sid=1', { ...post, at: AT + 120_001 }, [false, true, true]],
    ['sid=1; SameSite=Lax', post, [false, false, false]],
    ['sid=1; SameSite=None; Secure', { site: 'cross-site', topLevel: false }, [true, false, false]],
    ['sid=1; SameSite=Strict', { otherScheme: true }, [false, true, true]],
    ['sid=1; SameSite=Lax', { otherScheme: true }, [true, true, true]],
    ['sid=1; SameSite=Lax', { otherScheme: true, topLevel: false }, [false, true, true]],
    ['sid=1', { credentials: 'omit' }, [false, false, false]],
    ['sid=1', { credentials: 'same-origin', sameOrigin: false }, [false, false, false]],
    ['sid=1', { credentials: 'same-origin' }, [true, true, true]],
    ['sid=1; SameSite=None; Secure; Partitioned', { site: 'cross-site', topLevel: false }, [false, false, false]],
  ])('%s with %j', (header, request, expected) => expect(sent(header, request)).toEqual(expected));

  it('keeps a partitioned cookie to the site in the tab', () => {
    const partition = { topLevelSite: 'https://shop.example', hasCrossSiteAncestor: true };
    const { cookie } = judgeSetCookie('sid=1; SameSite=None; Secure; Partitioned', { ...frame, partition });
    if (cookie === undefined) throw new Error('no cookie');
    expect(wouldSend(cookie, { ...frame, partition }).sent).toBe(true);
    expect(wouldSend(cookie, HTTPS).reasons.map(({ code }) => code)).toEqual(['partition']);
    const other = { ...partition, topLevelSite: 'https://other.example' };
    expect(wouldSend(cookie, { ...frame, partition: other }).sent).toBe(false);
  });
});

describe('the browser that was seen', () => {
  it.each([
    [undefined, 'chromium'],
    ['curl/8.5', 'chromium'],
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
      'chromium',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Safari/605.1.15',
      'safari',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/156.0 Mobile/15E148 Safari/604.1',
      'safari',
    ],
  ])('%s is %s', (userAgent, family) => expect(rulesOfUserAgent(userAgent).family).toBe(family));
});

describe('a jar with too many cookies', () => {
  const url = 'https://app.shop.test/';
  const fill = (rules: CookieRules, count: number, more = '') => {
    const jar = new BrowserJar(rules);
    const evicted = Array.from({ length: count }, (_, n) => jar.set(`c${n}=1${more}`, { url, at: AT }).evicted).flat();
    return { jar, evicted: evicted.map(({ name }) => name) };
  };

  it('loses the least recently used ones of that site, in a bunch', () => {
    const { jar, evicted } = fill(COOKIE_RULES.chromium, 181);
    expect(jar.cookies).toHaveLength(150);
    expect(evicted).toEqual(Array.from({ length: 31 }, (_, n) => `c${n}`));
    jar.set('elsewhere=1', { url: 'https://other.test/', at: AT });
    expect(jar.cookies).toHaveLength(151);
  });

  it('counts each partition for itself, by number and by size', () => {
    const partitioned = '; Secure; SameSite=None; Partitioned';
    expect(fill(COOKIE_RULES.chromium, 181, partitioned).jar.cookies).toHaveLength(180);
    const jar = new BrowserJar();
    for (let n = 0; n < 4; n++) jar.set(`b${n}=${'x'.repeat(3000)}${partitioned}`, { url, at: AT });
    expect(jar.cookies.map(({ name }) => name)).toEqual(['b1', 'b2', 'b3']);
  });
});

describe('dates', () => {
  it.each([
    ['Wed, 09 Jun 2027 10:18:14 GMT', Date.UTC(2027, 5, 9, 10, 18, 14)],
    ['09 Jun 2027 7:28:00', Date.UTC(2027, 5, 9, 7, 28)],
    ['09 Jun 2027 07:28:00pm', undefined],
    ['09 Jun 2027 10:18', undefined],
    ['31 Feb 2027 10:18:14', undefined],
    ['09 Jun 27 10:18:14', Date.UTC(2027, 5, 9, 10, 18, 14)],
    ['09 Jun 1600 10:18:14', Number.MIN_SAFE_INTEGER],
    ['junk', undefined],
  ])('%s', (text, expected) => expect(parseCookieDate(text)).toBe(expected));

  it('and ages count by the last attribute, readable or not', () => {
    const lives = (header: string) => judgeSetCookie(header, HTTPS).cookie?.expires;
    expect(lives('a=1; Max-Age=20; Max-Age=x')).toBe(undefined);
    expect(lives('a=1; Max-Age=+10')).toBe(AT + 10_000);
    expect(lives('a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Expires=junk')).toBe(undefined);
    expect(judgeSetCookie('a=1; Expires=Wed, 09 Jun 1600 10:18:14 GMT', HTTPS).removes).toBe(true);
    expect(judgeSetCookie('a=1; Domain=.', HTTPS).stored).toBe(false);
    expect(judgeSetCookie('=a=b', HTTPS).stored).toBe(false);
  });
});
