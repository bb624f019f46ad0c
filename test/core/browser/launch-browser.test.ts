import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { CookieFact } from '../../../core/browser/cookie-facts.ts';
import { type FoundBrowser, findBrowsers } from '../../../core/browser/find-browsers.ts';
import { type LaunchedBrowser, type LaunchOptions, launchBrowser } from '../../../core/browser/launch-browser.ts';
import type { Flow } from '../../../core/model/flow.ts';
import { needs } from '../../support/needs.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';
import { type RecordedProxy, startRecordedProxy } from '../../support/recorded-proxy.ts';

const COOKIES = ['sid=0123456789abcdef; HttpOnly; Path=/', 'seen=1; Max-Age=1000; SameSite=Lax'];

/** Sets the cookies on the first page only: an icon that is asked for later must not set them again. */
const answer: RequestListener = (request, response) => {
  response.setHeader('Content-Type', 'text/html');
  if (request.url === '/') response.setHeader('Set-Cookie', COOKIES);
  if (request.url === '/framed') response.setHeader('Set-Cookie', 'third=1; Secure; SameSite=None');
  if (request.url === '/facts') {
    response.setHeader('Set-Cookie', ['good=caf\xc3\xa9', 'none=1; SameSite=None', '__Host-x=1']);
  }
  if (request.url === '/after') response.setHeader('Set-Cookie', 'after=1');
  const frame = /^\/frame\?(.*)$/.exec(request.url ?? '')?.[1];
  const more = frame === undefined ? '' : `<iframe src="${decodeURIComponent(frame)}"></iframe>`;
  response.end(`<!doctype html><link rel="icon" href="data:,"><title>page</title>${more}`);
};

let proxy: RecordedProxy;
let plain: Server;
let secure: Server;
let root: string;
let browser: LaunchedBrowser | undefined;

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sessionscope-launch-'));
  const { key, cert, ca } = originCertificates();
  proxy = await startRecordedProxy({ proxy: { tls: () => ({ ca: [ca] }) } });
  plain = createServer(answer);
  secure = createSecure({ key, cert }, answer);
  await Promise.all([
    once(plain.listen(0, '127.0.0.1'), 'listening'),
    once(secure.listen(0, '127.0.0.1'), 'listening'),
  ]);
});

afterEach(async () => {
  await browser?.close();
  browser = undefined;
});

afterAll(async () => {
  plain.closeAllConnections();
  secure.closeAllConnections();
  plain.close();
  secure.close();
  await proxy.close();
  rmSync(root, { recursive: true, force: true });
});

const to = (url: string) => (flow: Flow) => flow.request.url === url;

async function launch(
  family: 'chromium' | 'firefox',
  startUrl: string,
  known?: FoundBrowser,
  more: Partial<LaunchOptions> = {},
): Promise<LaunchedBrowser> {
  const found = known ?? findBrowsers().find((b) => b.family === family);
  if (found === undefined) throw new Error(`there is no ${family} here`);
  browser = await launchBrowser(found, {
    proxyPort: proxy.proxy.port,
    spki: proxy.authority.spkiHash,
    caPem: proxy.authority.pem,
    profileDir: root,
    startUrl,
    identity: { name: 'Alice', color: '#0072b2' },
    headless: true,
    extraArgs: family === 'chromium' ? ['--disable-gpu'] : [],
    ...more,
  });
  return browser;
}

/** Everything that a launched browser has to do, whatever its make. */
async function wholeLife(family: 'chromium' | 'firefox'): Promise<void> {
  const http = `http://localhost:${portOf(plain)}/`;
  const https = `https://localhost:${portOf(secure)}/`;
  const launched = await launch(family, http);
  expect(existsSync(launched.profile)).toBe(true);
  const first = await proxy.flow(to(http));
  expect(first.response?.status).toBe(200);

  await launched.open(https);
  expect((await proxy.flow(to(https))).response?.status).toBe(200);
  const bare = `http://127.0.0.1:${portOf(plain)}/`;
  await launched.open(bare);
  expect((await proxy.flow(to(bare))).response?.status).toBe(200);

  // The jar, HttpOnly included, is read and written as the browser holds it.
  const mine = await vi.waitFor(async () => {
    const cookies = (await launched.cookies()).filter((c) => c.domain === 'localhost');
    expect(cookies).toHaveLength(2);
    return cookies;
  });
  expect(mine.find((c) => c.name === 'sid')).toMatchObject({
    value: '0123456789abcdef',
    httpOnly: true,
    hostOnly: true,
    path: '/',
  });
  expect(mine.find((c) => c.name === 'seen')).toMatchObject({ httpOnly: false, sameSite: 'Lax' });
  expect(mine.find((c) => c.name === 'seen')?.expires).toBeGreaterThan(Date.now());
  await launched.setCookie({
    name: 'sid',
    value: 'fedcba9876543210',
    domain: 'localhost',
    hostOnly: true,
    path: '/',
    httpOnly: true,
  });
  expect(await launched.deleteCookie({ name: 'seen', domain: 'localhost', path: '/' })).toBe(1);
  expect(await launched.deleteCookie({ name: 'seen', domain: 'localhost', path: '/' })).toBe(0);
  // Bytes beyond ASCII come out and go in as they stand in the header.
  const utf8 = 'caf\xc3\xa9';
  await launched.setCookie({ name: 'utf', value: utf8, domain: 'localhost', hostOnly: true, path: '/again' });
  expect((await launched.cookies()).find(({ name }) => name === 'utf')?.value).toBe(utf8);
  const again = `${http}again`;
  await launched.open(again);
  const { rawHeaders } = (await proxy.flow(to(again))).request;
  expect(rawHeaders[rawHeaders.findIndex((h) => h.toLowerCase() === 'cookie') + 1]).toBe(
    `utf=${utf8}; sid=fedcba9876543210`,
  );

  // Nothing but what was asked for was on the wire.
  const hosts = new Set(proxy.ended().map((flow) => new URL(flow.request.url).hostname));
  expect([...hosts].sort()).toEqual(['127.0.0.1', 'localhost']);

  const ended = new Promise((resolve) => launched.onExit(resolve));
  await launched.close();
  expect(await ended).toMatchObject({ byItself: false });
  expect(readdirSync(root)).toEqual([]);
  await expect(launched.cookies()).rejects.toThrow(/closed/);
}

needs('chromium')('a launched Chromium', () => {
  it('is captured on HTTP, HTTPS and localhost, its jar is read and edited, and it leaves nothing behind', () =>
    wholeLife('chromium'));

  it('keeps a cookie in its partition when it is edited, and removes it there', async () => {
    const launched = await launch('chromium', 'about:blank');
    const cookie = {
      name: 'chips',
      domain: 'shop.test',
      hostOnly: true,
      path: '/',
      secure: true,
      partitioned: true,
    } as const;
    await launched.setCookie({ ...cookie, value: '1' });
    await launched.setCookie({ ...cookie, value: '2', sameSite: 'None' });
    expect(await launched.cookies()).toMatchObject([
      { name: 'chips', value: '2', partitioned: true, sameSite: 'None' },
    ]);
    expect(await launched.deleteCookie(cookie)).toBe(1);
    expect(await launched.cookies()).toEqual([]);
    await expect(launched.setCookie({ ...cookie, value: 'caf\xe9' })).rejects.toThrow(/UTF-8 only/);
  });

  it('reports which origin set each cookie, and an edited one keeps it', async () => {
    const port = portOf(plain);
    const launched = await launch('chromium', `http://127.0.0.1:${port}/`);
    const sid = await vi.waitFor(
      async () => {
        const found = (await launched.cookies()).find(({ name }) => name === 'sid');
        if (found === undefined) throw new Error('no cookie yet');
        return found;
      },
      { timeout: 20_000 },
    );
    expect(sid).toMatchObject({ sourceScheme: 'http', sourcePort: port });
    await launched.open(`https://localhost:${portOf(secure)}/`);
    await vi.waitFor(
      async () =>
        expect((await launched.cookies()).find(({ domain }) => domain === 'localhost')).toMatchObject({
          sourceScheme: 'https',
          sourcePort: portOf(secure),
        }),
      { timeout: 20_000 },
    );
    const cookie = { name: 'sid', value: 'edited', domain: '127.0.0.1', hostOnly: true, path: '/' } as const;
    await launched.setCookie(cookie);
    const after = (await launched.cookies()).find(({ domain, name }) => domain === '127.0.0.1' && name === 'sid');
    expect(after).toMatchObject({ value: 'edited', sourceScheme: 'http', sourcePort: port });
    // A cookie that comes from elsewhere is written with the origin that it names.
    await launched.setCookie({ ...cookie, name: 'imported', sourceScheme: 'http', sourcePort: 8080 });
    expect((await launched.cookies()).find(({ name }) => name === 'imported')).toMatchObject({ sourcePort: 8080 });
  });

  it.each(['as-chrome', 'blocked'] as const)(
    'keeps cookies in frames of other sites: %s',
    async (thirdPartyCookies) => {
      const launched = await launch('chromium', 'about:blank', undefined, { thirdPartyCookies });
      const framed = `https://localhost:${portOf(secure)}/framed`;
      await launched.open(`http://127.0.0.1:${portOf(plain)}/frame?${encodeURIComponent(framed)}`);
      expect((await proxy.flow(to(framed))).response?.status).toBe(200);
      const page = `https://localhost:${portOf(secure)}/after`;
      await launched.open(page);
      await proxy.flow(to(page));
      const names = await vi.waitFor(async () => {
        const found = (await launched.cookies()).map(({ name }) => name);
        expect(found).toContain('after');
        return found;
      });
      expect(names.includes('third')).toBe(thirdPartyCookies === 'as-chrome');
    },
  );

  it('keeps a cookie from another port of its host where cookies are bound to ports', async () => {
    const launched = await launch('chromium', 'about:blank', undefined, { boundCookies: true });
    const [http, other] = [portOf(plain), portOf(secure)];
    await launched.open(`http://127.0.0.1:${http}/`);
    await vi.waitFor(async () => expect((await launched.cookies()).map(({ name }) => name)).toContain('sid'), {
      timeout: 20_000,
    });
    const url = `https://127.0.0.1:${other}/bound`;
    await launched.open(url);
    const flow = await proxy.flow(to(url));
    expect(flow.request.rawHeaders.map((text) => text.toLowerCase())).not.toContain('cookie');
  });

  it('reports what it did with each Set-Cookie, in its own words', async () => {
    const launched = await launch('chromium', 'about:blank');
    const facts: CookieFact[] = [];
    launched.onCookieFact((fact) => facts.push(fact));
    const url = `http://127.0.0.1:${portOf(plain)}/facts`;
    await launched.open(url);
    await vi.waitFor(() => expect(facts.filter((fact) => fact.url === url)).toHaveLength(3), { timeout: 20_000 });
    // Byte for byte as the proxy has recorded them.
    const { rawHeaders = [] } = (await proxy.flow(to(url))).response ?? {};
    const lines = rawHeaders.filter((_, n) => rawHeaders[n - 1]?.toLowerCase() === 'set-cookie');
    expect(lines).toHaveLength(3);
    const mine = facts.filter((fact) => fact.url === url);
    expect(mine.map(({ setCookie }) => setCookie)).toEqual(lines);
    expect(mine.map(({ stored, reasons }) => [stored, reasons])).toEqual([
      [true, []],
      [false, ['SameSiteNoneInsecure']],
      [false, ['InvalidPrefix']],
    ]);
    expect(mine[0]).toMatchObject({ url, topLevel: true, crossSite: false });
  });

  it('says that there is no screen, and what to do then', async () => {
    const display = process.env['DISPLAY'];
    delete process.env['DISPLAY'];
    try {
      await expect(
        launchBrowser(findBrowsers().find((b) => b.family === 'chromium') as FoundBrowser, {
          proxyPort: 1,
          spki: '',
          caPem: '',
          profileDir: root,
          startUrl: 'about:blank',
        }),
      ).rejects.toMatchObject({ problem: { kind: 'browser-failed', remedy: expect.stringMatching(/no screen here/) } });
    } finally {
      if (display !== undefined) process.env['DISPLAY'] = display;
    }
    expect(readdirSync(root)).toEqual([]);
  });

  it('tells when it ends by itself, and leaves nothing behind then either', async () => {
    const launched = await launch('chromium', 'about:blank');
    const ended = new Promise((resolve) => launched.onExit(resolve));
    process.kill(launched.pid, 'SIGKILL');
    expect(await ended).toMatchObject({ byItself: true });
    expect(readdirSync(root)).toEqual([]);
  });

  it('ends with its owner, whose profile the next launch removes', async () => {
    const owner: ChildProcess = spawn(
      process.execPath,
      [fileURLToPath(new URL('../../support/launch-and-wait.ts', import.meta.url)), root, String(proxy.proxy.port)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [text] = (await once(owner.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const { pid, profile } = JSON.parse(text.toString()) as { pid: number; profile: string };
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(existsSync(profile)).toBe(true);
    await launch('chromium', 'about:blank');
    expect(existsSync(profile)).toBe(false);
    // A dead process that nobody has waited for keeps its number, but has no command line any more.
    await vi.waitFor(() => expect(commandLine(pid)).toBe(''), { timeout: 10_000 });
  });

  it('says why when it cannot be started', async () => {
    const none = { id: 'x', kind: 'chromium', family: 'chromium', name: 'None', path: '/nowhere/chromium' } as const;
    const options = { proxyPort: 1, spki: '', caPem: '', profileDir: root, startUrl: 'about:blank' };
    await expect(launchBrowser({ ...none, packaging: 'system' }, options)).rejects.toThrow(/could not be started/);
    await expect(launchBrowser({ ...none, path: '/bin/false', packaging: 'system' }, options)).rejects.toThrow(
      /ended before it was ready/,
    );
    expect(readdirSync(root)).toEqual([]);
  });
});

needs('firefox')('a launched Firefox', () => {
  it('is captured on HTTP, HTTPS and localhost, its jar is read and edited, and it leaves nothing behind', () =>
    wholeLife('firefox'));

  it('takes the certificate also where there is no certutil for its profile', async () => {
    const found = findBrowsers().find((b) => b.family === 'firefox');
    const folders = process.env['PATH'];
    // A PATH with nothing but what Debian's `firefox` script starts.
    const programs = mkdtempSync(join(tmpdir(), 'sessionscope-path-'));
    if (existsSync('/usr/bin/firefox-esr'))
      symlinkSync(realpathSync('/usr/bin/firefox-esr'), join(programs, 'firefox-esr'));
    process.env['PATH'] = programs;
    try {
      const https = `https://localhost:${portOf(secure)}/untold`;
      await launch('firefox', https, found);
      expect((await proxy.flow(to(https))).response?.status).toBe(200);
    } finally {
      process.env['PATH'] = folders;
      rmSync(programs, { recursive: true });
    }
  });
});
