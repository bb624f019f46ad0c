import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SiteContext } from '../../../core/cookies/browser-cookie.ts';
import { BrowserJar } from '../../../core/cookies/jar.ts';
import { chromiumPath } from '../../support/browser.ts';
import { needs } from '../../support/needs.ts';

const HEADERS = [
  'sid=1; HttpOnly; Path=/',
  'sid=1; Secure; Path=/',
  'sid=1; Secure; SameSite=None; Path=/',
  'sid=1; SameSite=None; Path=/',
  'sid=1; SameSite=Strict',
  'sid=1; samesite=bogus; Path=/set',
  'sid=1; Domain=shop.test; Path=/',
  'sid=1; Domain=.shop.test; Path=/',
  'sid=1; Domain=other.test',
  'sid=1; Domain=app.shop.test',
  'sid=1; Domain=evilshop.test',
  'sid=1; Domain=test',
  'sid=1; Domain=localhost',
  'sid=1; Path=nonsense',
  'sid=1; Path=/set/deeper',
  'sid=1; Path=/a; Path=/set',
  'sid=1; Max-Age=60; Path=/',
  'sid=1; Max-Age=60; expires=Fri, 17 Mar 1995 13:47:59 GMT; Path=/',
  'sid=1; Max-Age=0; Path=/',
  'sid=1; Max-Age=-5; expires=Thu, 01 Jan 2099 00:00:00 GMT',
  'sid=1; expires=Fri, 17 Mar 1995 13:47:59 GMT; HttpOnly; Path=/',
  'sid=1; Max-Age=99999999999; Path=/',
  'sid=1; expires=3600.5; Path=/',
  '__Host-sid=1; Secure; Path=/',
  '__Host-sid=1; Path=/',
  '__Host-sid=1; Secure; Path=/set',
  '__Host-sid=1; Secure; Path=/; Domain=app.shop.test',
  '__Secure-sid=1; Secure; Path=/',
  '__Secure-sid=1; Path=/',
  '__secure-sid=1; Path=/',
  'sid="x y, z"; Path=/',
  'nameless',
  '=nameless; Path=/',
  '=__Host-sid=1; Path=/',
  `sid=${'x'.repeat(4093)}; Path=/`,
  `sid=${'x'.repeat(4094)}; Path=/`,
  `sid=1; Path=/${'x'.repeat(1024)}`,
  'sid=1\tb; Path=/',
];

/** The real browser as the judge of our judge. */
needs('chromium', 'openssl')('[B7] a real Chromium stores and sends what we say', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'cookie-chromium-'));
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let plain: http.Server;
  let secure: https.Server;
  let answer = '';
  let received: string | undefined;

  const listen = async (server: http.Server | https.Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return (server.address() as AddressInfo).port;
  };
  const handle: http.RequestListener = (request, response) => {
    received = request.headers.cookie;
    response.writeHead(200, ['Content-Type', 'text/html', ...(answer === '' ? [] : ['Set-Cookie', answer])]);
    response.end('<title>x</title><link rel="icon" href="data:,">');
  };

  beforeAll(async () => {
    const [key, cert] = [path.join(dir, 'key.pem'), path.join(dir, 'cert.pem')];
    const subject = [
      '-subj',
      '/CN=test',
      '-days',
      '2',
      '-nodes',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
    ];
    execFileSync('openssl', ['req', '-x509', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    plain = http.createServer(handle);
    secure = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, handle);
    browser = await chromium.launch({
      executablePath: chromiumPath() ?? 'chromium',
      args: ['--no-sandbox', '--host-resolver-rules=MAP *.test 127.0.0.1', '--disable-features=HttpsUpgrades'],
    });
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
  });

  /** A request of the page itself, which is much quicker than a navigation. */
  const ask = (url: string) => page.evaluate(async (target) => void (await (await fetch(target)).text()), url);

  afterAll(async () => {
    await browser?.close();
    plain?.close();
    secure?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(['http://app.shop.test', 'https://app.shop.test', 'http://localhost', 'http://127.0.0.1'])(
    'on %s',
    async (site) => {
      const server = site.startsWith('https') ? secure : plain;
      const origin = `${site}:${(server.address() as AddressInfo | null)?.port ?? (await listen(server))}`;
      await page.goto(`${origin}/`);
      for (const header of HEADERS) {
        await context.clearCookies();
        answer = header;
        await ask(`${origin}/set`);
        answer = '';
        const now = Date.now();
        const jar = new BrowserJar();
        const where: SiteContext = { url: `${origin}/set`, at: now };
        const { cookie, stored } = jar.set(header, where);
        const [theirs, ...more] = await context.cookies();
        const label = `${header.slice(0, 80)} on ${site}`;
        expect(more, label).toEqual([]);
        expect(theirs !== undefined, label).toBe(stored);
        if (theirs !== undefined && cookie !== undefined) {
          expect(
            {
              name: theirs.name,
              value: theirs.value,
              domain: theirs.domain,
              path: theirs.path,
              httpOnly: theirs.httpOnly,
              secure: theirs.secure,
              lasts: theirs.expires < 0 ? null : Math.round((theirs.expires * 1000 - now) / 60_000),
            },
            label,
          ).toEqual({
            name: cookie.name,
            value: cookie.value,
            domain: cookie.hostOnly ? cookie.domain : `.${cookie.domain}`,
            path: cookie.path,
            httpOnly: cookie.httpOnly,
            secure: cookie.secure,
            lasts: cookie.expires === undefined ? null : Math.round((cookie.expires - now) / 60_000),
          });
        }
        for (const target of ['/', '/set/deeper/x']) {
          await ask(origin + target);
          expect(received, `${label}, then ${target}`).toBe(jar.header({ url: origin + target, at: Date.now() }));
        }
      }
      console.log(`Chromium agrees on ${site}: ${HEADERS.length}/${HEADERS.length} cookies stored and sent`);
    },
  );
});
