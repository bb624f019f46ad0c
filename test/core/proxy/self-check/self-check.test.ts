import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { checkPage } from '../../../../core/proxy/self-check/check-page.ts';
import { textsFor } from '../../../../core/proxy/self-check/check-texts.ts';
import { openTestBrowser, type TestBrowser } from '../../../support/browser.ts';
import { needs } from '../../../support/needs.ts';
import { type RecordedProxy, startRecordedProxy } from '../../../support/recorded-proxy.ts';

let recorded: RecordedProxy | undefined;
let browser: TestBrowser | undefined;
afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await recorded?.close();
  recorded = undefined;
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
}

function ask(
  { proxy }: RecordedProxy,
  path: string,
  headers: Record<string, string> = {},
  at: { host: string; port: number } = { host: '127.0.0.1', port: proxy.port },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ ...at, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

/** What each line of the page says. */
async function lines({ page }: TestBrowser): Promise<Record<string, string>> {
  await page.goto('http://sessionscope.local/');
  await page.waitForFunction(() => document.documentElement.dataset['done'] !== undefined);
  return page.evaluate(() => {
    const found: Record<string, string> = {};
    for (const line of document.querySelectorAll<HTMLElement>('[data-check]')) {
      found[line.dataset['check'] ?? ''] =
        `${line.dataset['state']} ${line.querySelector('.note')?.textContent}`.trim();
    }
    return found;
  });
}

needs('chromium')('the check page in a real Chromium', () => {
  it('is all good where everything is set up, and nothing of it is recorded', async () => {
    recorded = await startRecordedProxy({ links: [{ title: 'Practice <site>', url: 'http://localhost:1/' }] });
    browser = await openTestBrowser({ proxyPort: recorded.proxy.port, spki: recorded.authority.spkiHash });
    const complaints: string[] = [];
    browser.page.on('console', (message) => complaints.push(message.text()));
    browser.page.on('pageerror', (error) => complaints.push(error.message));
    expect(await lines(browser)).toEqual({
      http: 'good',
      https: 'good',
      localhost: 'good',
      seen: 'good',
      recording: 'good',
    });
    expect(await browser.page.innerText('[data-check=seen]')).toMatch(/127\.0\.0\.1|::1/);
    expect(await browser.page.isVisible('#ready')).toBe(true);
    expect(await browser.page.innerText('#links a')).toBe('Practice <site>');
    expect(complaints).toEqual([]);
    expect(recorded.ended()).toEqual([]);
    expect(recorded.capture.notRecorded).toMatchObject({ paused: 0, scope: 0 });
  });

  it('names the remedy for a certificate that is not trusted, and follows what changes', async () => {
    recorded = await startRecordedProxy();
    recorded.capture.pause();
    browser = await openTestBrowser({ proxyPort: recorded.proxy.port });
    const found = await lines(browser);
    expect(found['https']).toMatch(/^bad .*does not trust.*Chrome/);
    expect(found['recording']).toMatch(/^bad Recording is paused/);
    expect(found).toMatchObject({ http: 'good', localhost: 'good' });
    expect(await browser.page.isVisible('#ready')).toBe(false);
    recorded.capture.resume();
    await browser.page.waitForSelector('[data-check=recording][data-state=good]');
  });

  it('sees that localhost goes past the proxy', async () => {
    recorded = await startRecordedProxy();
    browser = await openTestBrowser({
      proxyPort: recorded.proxy.port,
      spki: recorded.authority.spkiHash,
      loopback: false,
    });
    const found = await lines(browser);
    expect(found['localhost']).toMatch(/^bad This browser goes past the proxy/);
    expect(found).toMatchObject({ http: 'good', https: 'good' });
  });
});

needs('chromium')('a check page of which nothing works', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0', /View Certificates/],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36', /Trusted Root/],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15', /Keychain/],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36', /Manage certificates/],
    ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36', /CA certificate/],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0', /Trust Settings/],
  ])('has a remedy on every line, for %s', async (userAgent, remedy) => {
    recorded = await startRecordedProxy();
    browser = await openTestBrowser({ proxyPort: recorded.proxy.port, spki: recorded.authority.spkiHash });
    const { page } = browser;
    await page.addInitScript((value) => {
      Object.defineProperty(navigator, 'userAgent', { get: () => value });
    }, userAgent);
    await page.route(/\/check\/|\/seen$|\/status\.json$/, (route) => route.abort());
    const found = await lines(browser);
    expect(Object.keys(found)).toEqual(['http', 'https', 'localhost', 'seen', 'recording']);
    for (const line of Object.values(found)) expect(line).toMatch(/^bad \S.{20,}/);
    expect(found['https']).toMatch(remedy);
  });
});

describe('the pages of the proxy itself', () => {
  it('leave out what is about this computer where another one asks', async () => {
    recorded = await startRecordedProxy();
    const lan = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find((one) => one.family === 'IPv4' && !one.internal)?.address;
    const { port } = await recorded.proxy.openToNetwork({
      host: '0.0.0.0',
      port: 0,
      user: 'me',
      password: 'a password',
    });
    const headers = { 'Proxy-Authorization': `Basic ${Buffer.from('me:a password').toString('base64')}` };
    const own = await ask(recorded, 'http://sessionscope.local/');
    expect(own.body.toString()).toContain('data-check="localhost"');
    const other = await ask(recorded, 'http://sessionscope.local/', headers, { host: lan ?? '127.0.0.1', port });
    expect(other.status).toBe(200);
    expect(other.body.toString()).toContain('data-check="https"');
    // Without an address beyond loopback the page is asked from this computer after all.
    if (lan !== undefined) expect(other.body.toString()).not.toMatch(/data-check="(localhost|seen)"|127\.0\.0\.1/);
  });

  it('give the certificate as PEM and DER', async () => {
    recorded = await startRecordedProxy();
    const pem = await ask(recorded, 'http://sessionscope.local/certificate.pem');
    const der = await ask(recorded, 'http://sessionscope.local/certificate.cer');
    expect(new X509Certificate(pem.body).fingerprint256).toBe(new X509Certificate(der.body).fingerprint256);
    expect(new X509Certificate(der.body).raw.equals(recorded.authority.certificate)).toBe(true);
    expect(der.headers['content-type']).toBe('application/x-x509-ca-cert');
    expect(pem.headers['content-disposition']).toContain('sessionscope-ca.pem');
  });

  it('let nobody but the check page read their answers', async () => {
    recorded = await startRecordedProxy();
    const evil = await ask(recorded, 'http://sessionscope.local/check/http', { Origin: 'http://evil.test' });
    expect(evil.headers['access-control-allow-origin']).toBeUndefined();
    const own = await ask(recorded, 'http://sessionscope.local/check/https', { Origin: 'http://sessionscope.local' });
    expect(own.headers['access-control-allow-origin']).toBe('http://sessionscope.local');
    expect((await ask(recorded, 'http://sessionscope.local/nothing')).status).toBe(404);
  });

  it('explain themselves to a browser that asks the proxy directly, and tell it no more', async () => {
    recorded = await startRecordedProxy();
    const page = await ask(recorded, '/', { 'Accept-Language': 'zh-CN,zh;q=0.9' });
    expect(page.status).toBe(200);
    expect(page.body.toString()).toContain('lang="zh-CN"');
    expect(page.body.toString()).not.toContain('<script');
    expect((await ask(recorded, '/status.json')).status).toBe(400);
  });

  it('are under a strict policy with a fresh nonce each time', async () => {
    recorded = await startRecordedProxy();
    const policies = await Promise.all(
      [1, 2].map(async () =>
        String((await ask(recorded as RecordedProxy, 'http://sessionscope.local/')).headers['content-security-policy']),
      ),
    );
    expect(policies[0]).not.toBe(policies[1]);
    for (const policy of policies) {
      expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[\w-]{20,}'/);
      expect(policy).not.toMatch(/unsafe|\*/);
    }
  });

  it('hold nothing that breaks out of the page', () => {
    const { html } = checkPage({
      texts: textsFor('en'),
      host: '</script><b>',
      proxyAddress: '<img src=x onerror=1>',
      echoPort: 1,
      fingerprint: '"><b>',
      direct: false,
      nonce: 'n',
    });
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('"><b>');
    expect(html.match(/<\/script>/g)).toHaveLength(2);
  });

  it('speak the language of the browser', () => {
    expect(textsFor('fr, zh;q=0.8, en;q=0.7').language).toBe('zh-CN');
    expect(textsFor('en-GB, zh').language).toBe('en');
    expect(textsFor(undefined).language).toBe('en');
    expect(Object.keys(textsFor('zh')).sort()).toEqual(Object.keys(textsFor('en')).sort());
  });
});
