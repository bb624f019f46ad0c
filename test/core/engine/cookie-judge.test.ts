import { expect, it } from 'vitest';
import { type CookieDifference, CookieJudge } from '../../../core/engine/cookie-judge.ts';
import type { Exchange } from '../../../core/proxy/exchange.ts';

const AT = Date.UTC(2026, 10, 30);
const URL = 'https://app.shop.test/login';
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Safari/605.1.15';

function judge() {
  const differences: CookieDifference[] = [];
  const made = new CookieJudge({ clock: () => AT, onDifference: (one) => differences.push(one) });
  const sees = (userAgent: string) =>
    made.hooks.request?.({ request: { url: URL }, header: () => userAgent } as unknown as Exchange);
  return { made, differences, sees };
}

const fact = { url: URL, crossSite: false, topLevel: true, at: AT };

it('judges by the browser that was seen at the host, and says what others do', () => {
  const { made, sees } = judge();
  const header = 'sid=1; SameSite=None';
  expect(made.judge(header, URL)).toMatchObject({
    stored: false,
    browser: 'Chromium',
    elsewhere: ['Safari stores it'],
  });
  sees('curl/8.5');
  expect(made.judge(header, URL).browser).toBe('Chromium');
  sees(SAFARI);
  expect(made.judge(header, URL)).toMatchObject({ stored: true, browser: 'Safari' });
  expect(made.judge(header, URL).elsewhere).toHaveLength(2);
  expect(made.judge(header, URL, 'firefox')).toMatchObject({ stored: false, browser: 'Firefox' });
  expect(made.judge(header, 'https://other.test/').browser).toBe('Chromium');
});

it('takes the word of a launched browser for a fact, and reports where it differs', () => {
  const { made, differences } = judge();
  made.take({ ...fact, setCookie: 'a=1', stored: true, reasons: [] });
  made.take({ ...fact, setCookie: 'b=1; SameSite=None', stored: false, reasons: ['SameSiteNoneInsecure'] });
  expect(made.judge('a=1', 'https://app.shop.test/elsewhere').fact).toEqual({
    stored: true,
    reasons: [],
    at: AT,
    differs: false,
  });
  expect(made.judge('b=1; SameSite=None', URL).fact).toMatchObject({ stored: false, differs: false });
  expect(made.judge('a=2', URL).fact).toBe(undefined);
  expect(differences).toEqual([]);

  made.take({ ...fact, setCookie: 'c=1', stored: false, reasons: ['SomethingNew'] });
  expect(made.judge('c=1', URL)).toMatchObject({ stored: true, fact: { stored: false, differs: true } });
  expect(differences).toEqual([{ url: URL, setCookie: 'c=1', browser: ['SomethingNew'], rules: [] }]);
  // What depends on the rest of the jar or on settings is no contradiction.
  made.take({ ...fact, setCookie: 'd=1', stored: false, reasons: ['UserPreferences'] });
  made.take({ ...fact, setCookie: 'e=1; Max-Age=0', stored: true, reasons: [] });
  made.take({
    ...fact,
    setCookie: 'f=1',
    crossSite: true,
    topLevel: false,
    stored: false,
    reasons: ['SameSiteUnspecifiedTreatedAsLax'],
  });
  expect(differences).toHaveLength(1);
});
