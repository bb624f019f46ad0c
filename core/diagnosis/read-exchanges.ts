import { siteOf } from '../cookies/cookie-rules.ts';
import { judgeSetCookie } from '../cookies/judge.ts';
import { tokenizeCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';
import type { Flow } from '../model/flow.ts';
import { resolveAddress, type WebAddress, webAddress } from '../model/web-address.ts';
import type { AnsweredCookie, Exchange, Headers, PageKind } from './facts.ts';

/** So much of a page is looked through for a login form. */
const MOST_TEXT = 200_000;

/**
 * A flow as an exchange. `body` is the decoded text of the answer, empty where it was not kept.
 * What the debugger itself changed on the way counts as the application saw and said it.
 */
export function readExchange(flow: Flow, body: string): Exchange {
  const sent = flow.request.sent ?? flow.request;
  const address = webAddress(flow.request.url);
  const request = headersOf(sent.rawHeaders);
  const response = headersOf(flow.response?.rawHeaders ?? []);
  const status = flow.response?.status ?? 0;
  const location = locationOf(response, flow.request.url);
  const crossSite = isCrossSite(request, flow.request.url);
  const navigation = isNavigation(request);
  const cookieHeaders = request.all('cookie');
  const text = body.slice(0, MOST_TEXT);
  return {
    flowId: flow.id,
    at: flow.startedAt,
    answeredAt: status === 0 ? undefined : flow.endedAt,
    method: flow.request.method,
    address,
    status,
    page: pageOf(status, response, location, text),
    location,
    request,
    response,
    cookies: cookieHeaders.flatMap((header) =>
      tokenizeCookie(header)
        .filter(({ hasEquals, name }) => hasEquals && name !== '')
        .map(({ name, value }) => ({ name, value })),
    ),
    cookieBytes: cookieHeaders.reduce((sum, header) => sum + header.length, 0),
    set: response.all('set-cookie').map((header) =>
      answered(header, {
        url: flow.request.url,
        at: flow.endedAt ?? flow.startedAt,
        site: crossSite ? 'cross-site' : 'same-site',
        topLevel: navigation,
      }),
    ),
    body: text,
    error: flow.error,
    visitor: visitorOf(flow),
    client: flow.client.address,
    speculative: /prefetch|prerender/i.test(
      `${request.get('sec-purpose') ?? ''} ${request.get('purpose') ?? ''} ${request.get('x-moz') ?? ''} ${
        request.get('next-router-prefetch') === undefined ? '' : 'prefetch'
      }`,
    ),
    crossSite,
    navigation,
  };
}

/**
 * The page that the request belongs to is of another site. Browsers say so to https and to loopback only; elsewhere the
 * page's own address tells.
 */
function isCrossSite(request: Headers, url: string): boolean {
  const said = request.get('sec-fetch-site');
  if (said !== undefined) return said === 'cross-site';
  const from = request.get('origin') ?? request.get('referer');
  return from !== undefined && /^https?:/.test(from) && siteOf(from) !== siteOf(url);
}

/** A page for the tab; where the browser does not say so, by the content that it asks for. */
function isNavigation(request: Headers): boolean {
  const mode = request.get('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate' && request.get('sec-fetch-dest') !== 'iframe';
  const accept = request.get('accept');
  return accept === undefined || accept.includes('text/html');
}

/** One browser profile, as far as it can be told apart: what was launched here, else address and User-Agent. */
export function visitorOf({ client, request }: Flow): string {
  return client.identity ?? `${client.address} ${headersOf(request.rawHeaders).get('user-agent') ?? ''}`;
}

function answered(text: string, context: Parameters<typeof judgeSetCookie>[1]): AnsweredCookie {
  const judgement = judgeSetCookie(text, context);
  const { pair } = tokenizeSetCookie(text);
  return {
    text,
    name: judgement.cookie?.name ?? pair.name,
    value: judgement.cookie?.value ?? pair.value,
    judgement,
  };
}

export function headersOf(raw: readonly string[]): Headers {
  const all = (name: string): string[] => {
    const low = name.toLowerCase();
    return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === low);
  };
  return { all, get: (name) => all(name)[0] };
}

function locationOf(response: Headers, base: string): WebAddress | undefined {
  const text = response.get('location');
  return text === undefined ? undefined : resolveAddress(text, base);
}

const LOGIN_PATH =
  /(^|[/_.-])(log-?in|sign-?in|signin|login|auth(enticate|orize)?|sso|session\/new|accounts\/login)([/_.?-]|$)/i;
const PASSWORD_FIELD = /<input\b[^>]*\btype\s*=\s*["']?password\b/i;

function pageOf(status: number, response: Headers, location: WebAddress | undefined, body: string): PageKind {
  if (status === 0) return 'none';
  if (status === 401 || status === 403) return 'denied';
  if (status >= 300 && status < 400 && status !== 304) {
    return location !== undefined && isLoginPath(location) ? 'login' : 'redirect';
  }
  if (status >= 400) return 'error';
  const html = (response.get('content-type') ?? '').includes('html');
  return html && PASSWORD_FIELD.test(body) ? 'login' : 'content';
}

/** The address is named like a page that asks to log in. */
export function isLoginPath({ pathname }: WebAddress): boolean {
  return LOGIN_PATH.test(pathname);
}

const LOGOUT_PATH = /(^|[/_.-])(log-?out|sign-?out|log-?off|session\/destroy)([/_.?-]|$)/i;

/** The address is named like a logout. */
export function isLogoutPath({ pathname, search }: WebAddress): boolean {
  return LOGOUT_PATH.test(pathname) || /[?&](action|do|op)=log-?out\b/i.test(search);
}
