/**
 * What a browser does with a Set-Cookie value, with every reason (RFC 6265bis section 5.7, and where browsers differ from
 * it or from each other). web.py sends whatever it is told; this says what becomes of it.
 */
import { defaultPath } from 'tough-cookie';
import { pathnameOf, webAddress } from '../model/web-address.ts';
import {
  type BrowserCookie,
  type CookieReason,
  hasCredentials,
  type SameSite,
  type SiteContext,
} from './browser-cookie.ts';
import { COOKIE_RULES, type CookieRules } from './browser-rules.ts';
import {
  domainMatches,
  hostOf,
  isAddress,
  isLoopback,
  isPublicSuffix,
  isSecureScheme,
  MAX_AGE_MS,
  MAX_ATTRIBUTE_BYTES,
  MAX_PAIR_BYTES,
  partitionOf,
  prefixOf,
  samePartition,
} from './cookie-rules.ts';
import { type ReadSetCookie, readSetCookie } from './read-set-cookie.ts';
import { tokenizeSetCookie } from './tokenizer.ts';

export interface Judgement {
  readonly stored: boolean;
  /** Every reason against, and notes; in order of the algorithm. */
  readonly reasons: readonly CookieReason[];
  /** The cookie as it is (or would be) stored; absent when there is no cookie to refer to. */
  readonly cookie?: BrowserCookie;
  /** It removes the cookie of that name, because it has already run out. */
  readonly removes: boolean;
}

/**
 * Judges one Set-Cookie value (Latin-1 text). `existing` are the browser's cookies, for the rules that protect them;
 * `rules` those of the browser, Chromium's by default.
 */
export function judgeSetCookie(
  header: string,
  context: SiteContext,
  existing: readonly BrowserCookie[] = [],
  rules: CookieRules = COOKIE_RULES.chromium,
): Judgement {
  const reasons: CookieReason[] = [];
  const no = (code: string, text: string, source: string): void =>
    void reasons.push({ code, verdict: 'no', text, source });
  const note = (code: string, text: string, source: string): void =>
    void reasons.push({ code, verdict: 'note', text, source });
  const say: Say = { no, note, rules };

  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(header)) {
    no('control-character', 'It holds a control character, so all of it is ignored', '5.6');
    return { stored: false, reasons, removes: false };
  }
  const read = readSetCookie(header);
  if (read.name === '' && read.value === '') {
    no('empty', 'Name and value are both empty', '5.7');
    return { stored: false, reasons, removes: false };
  }
  const cookie = cookieOf(read, context, say);
  if (!hasCredentials(context)) {
    no('no-credentials', 'The request was made without credentials: its answer sets no cookies', 'Fetch');
  }
  judgeTab(read, say);
  judgeSizes(header, read, say);
  judgeSecurity(read, cookie, context, say);
  judgePrefix(read, cookie, say);
  judgeSameSite(read, cookie, context, say);
  judgeExisting(cookie, context, existing, say);
  const removes = cookie.expires !== undefined && cookie.expires <= context.at;
  if (removes)
    note('removes', 'Its expiry lies in the past: the browser deletes the cookie of this name, domain and path', '5.7');
  const stored = !reasons.some((reason) => reason.verdict === 'no');
  return { stored: stored && !removes, reasons, cookie, removes: stored && removes };
}

interface Say {
  readonly rules: CookieRules;
  no(code: string, text: string, source: string): void;
  note(code: string, text: string, source: string): void;
}

function cookieOf(read: ReadSetCookie, context: SiteContext, say: Say): BrowserCookie {
  const { domain, hostOnly } = domainOf(read, context, say);
  const expires = expiryOf(read, context.at, say);
  const priority = priorityOf(read, say);
  return {
    name: read.name,
    value: read.value,
    domain,
    hostOnly,
    path: read.path?.startsWith('/') === true ? read.path : defaultPath(pathnameOf(context.url)),
    ...(expires === undefined ? {} : { expires }),
    secure: read.secure,
    httpOnly: read.httpOnly,
    sameSite: sameSiteOf(read, say),
    partitioned: read.partitioned,
    ...(priority === undefined ? {} : { priority }),
    createdAt: context.at,
    sourceScheme: isSecureScheme(context.url) ? 'https' : 'http',
    sourcePort: portOf(context.url),
    ...(read.partitioned ? { partition: partitionOf(context) } : {}),
    ...(isThirdParty(context) ? { thirdParty: true } : {}),
  };
}

function portOf(url: string): number {
  const { port } = webAddress(url);
  return port === '' ? (isSecureScheme(url) ? 443 : 80) : Number(port);
}

/** The site in the tab is another one. A navigation of the tab itself never is a third party. */
function isThirdParty({ site, topLevel }: SiteContext): boolean {
  return site === 'cross-site' && topLevel === false;
}

function domainOf(read: ReadSetCookie, context: SiteContext, say: Say): { domain: string; hostOnly: boolean } {
  const host = hostOf(context.url);
  const asked = (read.domain ?? '').replace(/^\./, '').toLowerCase();
  if (asked === '' && (read.domain ?? '') !== '') {
    say.no('domain-mismatch', `Domain=${read.domain} names no host`, 'Chrome');
    return { domain: host, hostOnly: false };
  }
  if (asked === '') return { domain: host, hostOnly: true };
  if (/[^\x20-\x7f]/.test(asked)) {
    say.no('domain-not-ascii', `Domain=${read.domain} is not ASCII`, '5.7');
    return { domain: asked, hostOnly: false };
  }
  if (asked === host && (isPublicSuffix(asked) || isAddress(host))) {
    say.note('domain-is-host', `Domain=${read.domain} names this very host: the cookie is for it alone`, '5.7');
    return { domain: host, hostOnly: true };
  }
  if (isPublicSuffix(asked)) {
    say.no(
      'public-suffix',
      `Domain=${read.domain} is a public suffix: such a cookie would reach strangers' sites`,
      '5.7',
    );
  } else if (!domainMatches(host, asked)) {
    say.no('domain-mismatch', `Domain=${read.domain} does not cover the host ${host} that sent it`, '5.7');
  }
  return { domain: asked, hostOnly: false };
}

function expiryOf(read: ReadSetCookie, at: number, say: Say): number | undefined {
  if (read.maxAgeText !== undefined && read.maxAge === undefined) {
    say.note('max-age-unreadable', `Max-Age=${read.maxAgeText} is no whole number and is ignored`, '5.6.2');
  }
  if (read.expiresText !== undefined && read.expires === undefined) {
    say.note(
      'expires-unreadable',
      `Expires=${read.expiresText} is no date and is ignored: without Max-Age it lives until the browser closes`,
      '5.6.1',
    );
  }
  if (read.maxAge !== undefined && read.expires !== undefined) {
    say.note('max-age-wins', 'Max-Age and Expires are both given: Max-Age counts', '5.7');
  }
  const wanted = read.maxAge === undefined ? read.expires : read.maxAge <= 0 ? 0 : at + read.maxAge * 1000;
  if (wanted === undefined || wanted <= at + MAX_AGE_MS) return wanted;
  say.note('capped', 'It asks for more than 400 days, which is the longest that browsers keep a cookie', '5.5');
  return at + MAX_AGE_MS;
}

function sameSiteOf(read: ReadSetCookie, say: Say): SameSite {
  const known = (['Strict', 'Lax', 'None'] as const).find(
    (name) => name.toLowerCase() === read.sameSite?.toLowerCase(),
  );
  if (known !== undefined) return known;
  if (read.sameSite === undefined) {
    const text = say.rules.laxByDefault
      ? 'Without SameSite it is treated like Lax; Chrome lets it go with cross-site POSTs for two minutes'
      : `Without SameSite ${say.rules.title} treats it like None, Chrome like Lax`;
    say.note('same-site-default', text, '5.6.7');
  } else say.note('same-site-unknown', `SameSite=${read.sameSite} is not known and is treated as if absent`, '5.6.7');
  return 'Default';
}

function priorityOf(read: ReadSetCookie, say: Say): BrowserCookie['priority'] {
  if (read.priority === undefined) return undefined;
  const known = (['Low', 'Medium', 'High'] as const).find(
    (name) => name.toLowerCase() === read.priority?.toLowerCase(),
  );
  say.note(
    'priority',
    known === undefined ? `Priority=${read.priority} is not known and ignored` : 'Priority counts in Chrome alone',
    'Chrome',
  );
  return known;
}

function judgeSizes(header: string, read: ReadSetCookie, say: Say): void {
  const size = read.name.length + read.value.length;
  if (size > MAX_PAIR_BYTES)
    say.no('too-big', `Name and value have ${size} bytes; browsers take ${MAX_PAIR_BYTES}`, '5.6');
  for (const { name, value } of tokenizeSetCookie(header).attributes) {
    if (value.length > MAX_ATTRIBUTE_BYTES)
      say.note(
        'attribute-too-big',
        `The attribute ${name} is longer than ${MAX_ATTRIBUTE_BYTES} bytes and is ignored`,
        '5.6',
      );
  }
}

function judgeTab(read: ReadSetCookie, say: Say): void {
  if (!`${read.name}${read.value}`.includes('\t')) return;
  const refused = say.rules.refusesTab ? say.no : say.note;
  refused('tab', 'A tab inside of name or value is allowed by RFC 6265bis, but Chrome refuses it', 'Chrome');
}

function judgeSecurity(read: ReadSetCookie, cookie: BrowserCookie, context: SiteContext, say: Say): void {
  if (read.secure && !isSecureScheme(context.url)) {
    if (isLoopback(hostOf(context.url)) && say.rules.secureOnLoopback) {
      say.note(
        'secure-loopback',
        'Secure over plain http is taken on this machine itself by Chrome and Firefox; Safari refuses it',
        'Chrome, Firefox',
      );
    } else say.no('secure-over-http', 'Secure cookies are not taken over plain http', '5.7');
  }
  if (cookie.httpOnly && context.http === false)
    say.no('http-only-script', 'HttpOnly cookies cannot be set by a script', '5.7');
  if (read.partitioned && !read.secure) say.no('partitioned-insecure', 'Partitioned needs Secure', 'CHIPS');
}

function judgePrefix(read: ReadSetCookie, cookie: BrowserCookie, say: Say): void {
  if (read.name === '') {
    if (read.value.includes('=')) {
      say.no(
        'nameless-equals',
        'A cookie without a name whose value has a = would come back as another cookie',
        'Chrome',
      );
    }
    const hidden = prefixOf(read.value);
    if (hidden !== undefined)
      say.no('nameless-prefix', `A cookie without a name must not look like one with ${hidden}`, '5.7');
    return;
  }
  const prefix = prefixOf(read.name);
  if (prefix === undefined || (prefix === '__Http-' && !say.rules.httpPrefixes)) return;
  const wants: [boolean, string][] = [[read.secure, 'Secure']];
  if (prefix.startsWith('__Host-')) {
    wants.push([read.domain === undefined || read.domain === '', 'no Domain'], [read.path === '/', 'Path=/']);
  }
  if (prefix.endsWith('Http-') && say.rules.httpPrefixes) wants.push([cookie.httpOnly, 'HttpOnly']);
  const missing = wants.filter(([there]) => !there).map(([, what]) => what);
  if (missing.length > 0)
    say.no('prefix', `The name begins with ${prefix}, which needs ${missing.join(' and ')}`, '5.7');
}

function judgeSameSite(read: ReadSetCookie, cookie: BrowserCookie, context: SiteContext, say: Say): void {
  const { rules } = say;
  if (cookie.sameSite === 'None' && !read.secure) {
    if (rules.noneNeedsSecure) say.no('none-insecure', 'SameSite=None needs Secure', '5.7');
    else say.note('none-insecure', 'SameSite=None needs Secure in Chrome and Firefox', 'Chrome, Firefox');
  }
  if (context.topLevel !== false) return;
  const third = isThirdParty(context) || (context.otherScheme === true && rules.schemefulSameSite);
  if (third && rules.thirdParty === 'blocked' && !cookie.partitioned) {
    say.no(
      'third-party',
      `${rules.title} blocks third-party cookies here, and this one is not partitioned`,
      rules.title,
    );
  }
  const other = context.site === 'cross-site' ? 'cross-site' : context.otherScheme === true && rules.schemefulSameSite;
  if (other === false || isLikeNone(cookie, rules)) return;
  if (other === 'cross-site') {
    say.no(
      'cross-site',
      `A cookie with SameSite=${cookie.sameSite} is not taken from a cross-site request that is no navigation`,
      '5.7',
    );
  } else {
    say.no(
      'cross-scheme',
      `The page came by the other of http and https: a cookie with SameSite=${cookie.sameSite} is not taken`,
      'Chrome',
    );
  }
}

/** SameSite does not hold it back. */
export function isLikeNone(cookie: Pick<BrowserCookie, 'sameSite'>, rules: CookieRules): boolean {
  return cookie.sameSite === 'None' || (cookie.sameSite === 'Default' && !rules.laxByDefault);
}

function judgeExisting(
  cookie: BrowserCookie,
  context: SiteContext,
  existing: readonly BrowserCookie[],
  say: Say,
): void {
  if (!cookie.secure && !isSecureScheme(context.url) && existing.some((old) => shields(old, cookie))) {
    say.no('leaves-secure-alone', 'A Secure cookie of this name is there, which plain http must not overlay', '5.7');
  }
  const same = existing.find((old) => sameCookie(old, cookie));
  if (same?.httpOnly === true && context.http === false) {
    say.no('leaves-http-only-alone', 'A script cannot replace an HttpOnly cookie', '5.7');
  }
}

/** Whether a Secure cookie protects itself against a weaker one. */
function shields(old: BrowserCookie, fresh: BrowserCookie): boolean {
  const domains = domainMatches(fresh.domain, old.domain) || domainMatches(old.domain, fresh.domain);
  const paths = fresh.path === old.path || fresh.path.startsWith(old.path.endsWith('/') ? old.path : `${old.path}/`);
  return old.secure && old.name === fresh.name && domains && paths;
}

/** Whether two are one cookie to a browser: a new one replaces the old. */
export function sameCookie(a: BrowserCookie, b: BrowserCookie): boolean {
  const partitions =
    a.partition === undefined || b.partition === undefined
      ? a.partition === b.partition
      : samePartition(a.partition, b.partition);
  return a.name === b.name && a.domain === b.domain && a.hostOnly === b.hostOnly && a.path === b.path && partitions;
}
