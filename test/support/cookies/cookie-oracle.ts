import { isUtf8 } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlain, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserCookie } from '../../../core/cookies/browser-cookie.ts';
import { COOKIE_RULES, type CookieRules } from '../../../core/cookies/browser-rules.ts';
import { judgeSetCookie } from '../../../core/cookies/judge.ts';
import { openPage, type RealChromium, type RealPage, startChromium } from '../chromium.ts';

/** A site whose answers set what they are told to, and which remembers the cookies of each request. */
export interface OracleSite {
  readonly plain: number;
  readonly secure: number;
  /** Set-Cookie lines by the number in `/set…?n=`. */
  lines: readonly string[];
  /** The `Cookie` field of the next request with this `k` in its address; empty where none came. */
  next(k: string): Promise<string>;
  close(): void;
}

export async function openSite(): Promise<OracleSite> {
  const folder = mkdtempSync(join(tmpdir(), 'sessionscope-oracle-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
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
  const waiting = new Map<string, (cookies: string) => void>();
  const site = { lines: [] as readonly string[] };
  const handle: RequestListener = (request: IncomingMessage, response) => {
    const address = new URL(request.url ?? '/', 'http://x');
    const query = address.searchParams;
    const k = query.get('k');
    if (k !== null && request.method !== 'OPTIONS') waiting.get(k)?.(request.headers.cookie ?? '');
    const origin = request.headers.origin ?? '*';
    const fields = ['Content-Type', 'text/html', 'Cache-Control', 'no-store', 'Access-Control-Allow-Origin', origin];
    fields.push(
      'Access-Control-Allow-Credentials',
      'true',
      'Access-Control-Allow-Methods',
      '*',
      'Referrer-Policy',
      'no-referrer',
    );
    const n = query.get('n');
    if (n !== null) for (const line of n.split(',')) fields.push('Set-Cookie', site.lines[Number(line)] ?? '');
    const to = query.get('to');
    if (to !== null) fields.push('Location', to);
    response.writeHead(to === null ? 200 : 302, fields);
    response.end(`<link rel="icon" href="data:,"><title>x</title>${query.get('html') ?? ''}`);
  };
  const plain = createPlain(handle);
  const secure = createSecure({ key: readFileSync(key), cert: readFileSync(cert) }, handle);
  rmSync(folder, { recursive: true, force: true });
  for (const server of [plain, secure]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(site, {
    plain: (plain.address() as AddressInfo).port,
    secure: (secure.address() as AddressInfo).port,
    next: (k: string) => new Promise<string>((resolve) => waiting.set(k, resolve)),
    close() {
      for (const server of [plain, secure]) {
        server.closeAllConnections();
        server.close();
      }
    },
  });
}

export function startOracleChromium(
  thirdParty: 'allowed' | 'blocked',
  args: readonly string[] = [],
): Promise<RealChromium> {
  return startChromium({
    args: ['--host-resolver-rules=MAP *.test 127.0.0.1', '--ignore-certificate-errors', ...args],
    preferences: {
      profile: {
        cookie_controls_mode: thirdParty === 'allowed' ? 0 : 1,
        block_third_party_cookies: thirdParty === 'blocked',
      },
    },
  });
}

/** A cookie as the DevTools protocol gives it. */
export interface TheirCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly expires: number;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite?: string;
  readonly priority: string;
  readonly partitionKey?: { readonly topLevelSite: string; readonly hasCrossSiteAncestor: boolean };
}

export async function jarOf(browser: RealChromium, page: RealPage): Promise<TheirCookie[]> {
  const answer = await browser.cdp.send<{ cookies: TheirCookie[] }>('Storage.getCookies', {
    browserContextId: page.contextId,
  });
  return answer.cookies;
}

/** Minutes from `now`; null: until the browser closes. */
const lasts = (expires: number | undefined, now: number) =>
  expires === undefined ? null : Math.round((expires - now) / 60_000);

/** What is compared of a stored cookie. */
export function theirs(cookie: TheirCookie, now: number) {
  return {
    name: Buffer.from(cookie.name, 'utf8').toString('latin1'),
    value: Buffer.from(cookie.value, 'utf8').toString('latin1'),
    domain: cookie.domain,
    path: Buffer.from(cookie.path, 'utf8').toString('latin1'),
    lasts: lasts(cookie.expires < 0 ? undefined : cookie.expires * 1000, now),
    httpOnly: cookie.httpOnly,
    secure: cookie.secure,
    sameSite: cookie.sameSite ?? 'Default',
    priority: cookie.priority,
    partition: cookie.partitionKey ?? null,
  };
}

export function ours(cookie: BrowserCookie, now: number): ReturnType<typeof theirs> {
  return {
    name: cookie.name,
    value: cookie.value,
    domain: cookie.hostOnly ? cookie.domain : `.${cookie.domain}`,
    path: cookie.path,
    lasts: lasts(cookie.expires, now),
    httpOnly: cookie.httpOnly,
    secure: cookie.secure,
    sameSite: cookie.sameSite,
    priority: cookie.priority ?? 'Medium',
    partition: cookie.partition ?? null,
  };
}

/** Differences that are known and right, by the rule that explains them and the versions of Chromium that show them. */
export const EXPLAINED: readonly {
  readonly rule: string;
  /** First major version in which it was seen. */
  readonly since: number;
  readonly applies: (line: string) => boolean;
}[] = [
  {
    rule: 'The DevTools protocol gives a name, value or path that is not UTF-8 as empty; the request carries its bytes',
    since: 156,
    applies: (line) => !isUtf8(Buffer.from(line, 'latin1')),
  },
];

/** What the browser and the judge make of each line that an origin sets, where they differ. */
export async function compareStored(
  browser: RealChromium,
  site: OracleSite,
  origin: string,
  lines: readonly string[],
  rules: CookieRules = COOKIE_RULES.chromium,
): Promise<{ readonly line: string; readonly browser: unknown; readonly judge: unknown }[]> {
  const page = await openPage(browser);
  site.lines = lines;
  await page.goTo(`${origin}/`);
  const differences: { line: string; browser: unknown; judge: unknown }[] = [];
  for (const [n, line] of lines.entries()) {
    await browser.cdp.send('Storage.clearCookies', { browserContextId: page.contextId });
    await page.evaluate(`fetch('/set/it?n=${n}').then((answer) => answer.text())`);
    const now = Date.now();
    const kept = (await jarOf(browser, page)).map((cookie) => theirs(cookie, now));
    const judged = judgeSetCookie(line, { url: `${origin}/set/it`, at: now }, [], rules);
    const expected = judged.stored && judged.cookie !== undefined ? [ours(judged.cookie, now)] : [];
    if (JSON.stringify(kept) !== JSON.stringify(expected) && !EXPLAINED.some(({ applies }) => applies(line))) {
      differences.push({
        line,
        browser: kept[0] ?? 'refused',
        judge: expected[0] ?? judged.reasons.map(({ code }) => code).join(' '),
      });
    }
  }
  await page.close();
  return differences;
}
