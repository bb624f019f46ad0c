import { afterAll, beforeAll, expect, it } from 'vitest';
import { COOKIE_RULES } from '../../../core/cookies/browser-rules.ts';
import { BrowserJar } from '../../../core/cookies/jar.ts';
import { wouldSend } from '../../../core/cookies/would-send.ts';
import { openPage, type RealChromium } from '../../support/chromium.ts';
import {
  compareStored,
  jarOf,
  type OracleSite,
  openSite,
  startOracleChromium,
} from '../../support/cookies/cookie-oracle.ts';
import { compareSent, FIRST_PARTY, FRAMED, KINDS } from '../../support/cookies/send-oracle.ts';
import { setCookieLines } from '../../support/cookies/set-cookie-lines.ts';
import { needs } from '../../support/needs.ts';

/* The judge beside a real Chromium. `scripts/cookie-oracle.ts` does the same with more lines. */

const SEED = Number(process.env['SESSIONSCOPE_SEED'] ?? Date.now() % 1_000_000);

needs('chromium', 'openssl')('the judge and a real Chromium', () => {
  let site: OracleSite;
  let browser: RealChromium;
  beforeAll(async () => {
    site = await openSite();
    browser = await startOracleChromium('allowed');
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  it.each(['http://app.shop.test', 'https://app.shop.test', 'http://localhost', 'http://127.0.0.1'])(
    `store the same of 300 lines (seed ${SEED}) on %s`,
    async (origin) => {
      const port = origin.startsWith('https') ? site.secure : site.plain;
      const lines = setCookieLines(SEED, 300, Date.now());
      expect(await compareStored(browser, site, `${origin}:${port}`, lines)).toEqual([]);
    },
    120_000,
  );

  it(`send the same of 12 cookies with ${KINDS.length} kinds of request`, async () => {
    expect([KINDS.length >= 20, FIRST_PARTY.length + FRAMED.length]).toEqual([true, 12]);
    expect(await compareSent(browser, site, COOKIE_RULES.chromium)).toEqual([]);
  }, 120_000);

  it.each([170, 180, 181, 185, 220])('keep the same of %d cookies of one host', async (count) => {
    const page = await openPage(browser);
    const origin = `http://app.shop.test:${site.plain}`;
    site.lines = Array.from({ length: count }, (_, n) => `c${n}=1${n % 3 === 0 ? '; Priority=Low' : ''}`);
    const jar = new BrowserJar();
    await page.goTo(`${origin}/`);
    for (const [n, line] of site.lines.entries()) {
      await page.evaluate(`fetch('/?n=${n}').then((answer) => answer.text())`);
      const url = `${origin}/`;
      jar.header({ url, at: Date.now() });
      jar.set(line, { url, at: Date.now() });
    }
    const kept = (await jarOf(browser, page)).length;
    await page.close();
    expect(jar.cookies.length).toBe(kept);
  });
});

needs('chromium', 'openssl')('a Chromium that blocks third-party cookies', () => {
  it('sends what the judge says for that profile', async () => {
    const site = await openSite();
    const browser = await startOracleChromium('blocked');
    try {
      const rules = { ...COOKIE_RULES.chromium, thirdParty: 'blocked' } as const;
      expect(await compareSent(browser, site, rules)).toEqual([]);
    } finally {
      await browser.close();
      site.close();
    }
  }, 120_000);
});

needs('chromium', 'openssl')('a Chromium that binds cookies to port and scheme', () => {
  it('sends what the judge says for that profile', async () => {
    const sites = [await openSite(), await openSite()] as const;
    const [first, second] = sites;
    const browser = await startOracleChromium('allowed', [
      '--enable-features=EnablePortBoundCookies,EnableSchemeBoundCookies',
    ]);
    try {
      const rules = { ...COOKIE_RULES.chromium, portBound: true, schemeBound: true };
      const page = await openPage(browser);
      const lines = ['host=1; Path=/', 'domain=1; Domain=app.shop.test; Path=/'];
      first.lines = lines;
      const from = `http://app.shop.test:${first.plain}/`;
      await page.goTo(`${from}?n=0,1`);
      const jar = new BrowserJar(rules);
      jar.setAll(lines, { url: from, at: Date.now() });
      const targets = [
        [first, `http://app.shop.test:${first.plain}/`],
        [second, `http://app.shop.test:${second.plain}/`],
        [first, `https://app.shop.test:${first.secure}/`],
      ] as const;
      for (const [n, [site, url]] of targets.entries()) {
        const came = site.next(`b${n}`);
        await page.goTo(`${url}?k=b${n}`);
        const sent = await came;
        const judged = jar.cookies.filter((cookie) => wouldSend(cookie, { url, at: Date.now() }, rules).sent);
        expect(sent, url).toBe(judged.map(({ name, value }) => `${name}=${value}`).join('; '));
      }
    } finally {
      await browser.close();
      for (const site of sites) site.close();
    }
  });
});
