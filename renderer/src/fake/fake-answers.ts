import type { BodyView, CookieChange, EditInfo, FlowDetail } from '../../../core/model/app.ts';
import type { FlowSummary } from '../../../core/model/flow.ts';
import type { CookieView, SessionSummary, TimelineEntry } from '../../../core/model/session.ts';
import { webAddress } from '../../../core/model/web-address.ts';
import { cookieOf, HOUR, int, MINUTE, str } from './fake-data.ts';

export function cookieChanged(cookie: CookieView | null, change: CookieChange): string {
  const [pair = '', ...attributes] = (cookie?.setCookie ?? `${cookie?.name ?? 'sid'}=${cookie?.value ?? ''}`).split(
    '; ',
  );
  const name = pair.split('=')[0] ?? '';
  const removed = new Set([...(change.remove ?? []), ...Object.keys(change.set ?? {})].map((one) => one.toLowerCase()));
  const kept = attributes.filter((one) => !removed.has((one.split('=')[0] ?? '').toLowerCase()));
  const added = Object.entries(change.set ?? {}).map(([key, value]) => (value === null ? key : `${key}=${value}`));
  return [change.value === undefined ? pair : `${name}=${change.value}`, ...kept, ...added].join('; ');
}

export function judgeCookie(setCookie: string): { stored: boolean; reasons: string[] } {
  const lower = setCookie.toLowerCase();
  if (lower.includes('samesite=none') && !lower.includes('secure')) {
    return { stored: false, reasons: ['SameSite=None needs Secure: browsers refuse the cookie.'] };
  }
  const reasons = ['Host-only: sent to shop.test and to no subdomain.'];
  if (!lower.includes('samesite')) reasons.push('No SameSite: treated as Lax, not sent with cross-site subrequests.');
  if (!lower.includes('secure')) reasons.push('Not Secure: also sent over plain HTTP.');
  return { stored: true, reasons };
}

export function fakeTimeline(start: number, edits: readonly EditInfo[]): TimelineEntry[] {
  const key = (name: string) => [{ kind: 'key' as const, key: str(name) }];
  const base: TimelineEntry[] = [
    { seq: 1, at: start - 3 * HOUR, kind: 'created', flowId: 'f50' },
    { seq: 2, at: start - 3 * HOUR + MINUTE, kind: 'record-found' },
    { seq: 3, at: start - 2 * HOUR, kind: 'follows', from: '81d0c4aa0f', key: 's5', how: 'continued', flowId: 'f44' },
    {
      seq: 4,
      at: start - 2 * HOUR + 1000,
      kind: 'data-changed',
      flowId: 'f44',
      snapshot: 'snap4',
      differences: [
        { path: key('user'), at: 'user', after: str('alice') },
        { path: key('count'), at: 'count', before: int(39), after: int(40) },
      ],
    },
    {
      seq: 5,
      at: start - HOUR,
      kind: 'attributes-changed',
      before: 'Path=/',
      after: 'Path=/; HttpOnly',
      flowId: 'f40',
    },
    {
      seq: 6,
      at: start - 40 * MINUTE,
      kind: 'address-changed',
      before: '127.0.0.1',
      after: '127.0.0.2',
      flowId: 'f30',
    },
    {
      seq: 7,
      at: start - 24 * MINUTE,
      kind: 'data-changed',
      flowId: 'f12',
      snapshot: 'snap7',
      differences: [{ path: key('count'), at: 'count', before: int(40), after: int(41) }],
    },
    {
      seq: 8,
      at: start - 20 * MINUTE,
      kind: 'overwritten',
      editId: 'e0',
      by: 'the application with GET /count',
      flowId: 'f10',
    },
  ];
  const edited = edits.map(
    (edit, i): TimelineEntry => ({
      seq: 100 + i,
      at: edit.at,
      kind: 'edited',
      editId: edit.editId,
      edit: edit.what,
      what: edit.text,
      undone: edit.state === 'undone',
    }),
  );
  return [...edited, ...base.reverse()];
}

export function fakeFlowDetail(summary: FlowSummary, owner: SessionSummary | undefined): FlowDetail {
  const cookie = owner === undefined ? null : cookieOf(owner, summary.startedAt);
  const url = webAddress(summary.url);
  const id = owner?.id ?? '';
  return {
    flow: {
      id: summary.id,
      startedAt: summary.startedAt,
      ...(summary.endedAt === undefined ? {} : { endedAt: summary.endedAt }),
      client: { address: '127.0.0.1', port: 51_234, identity: 'blue' },
      request: {
        method: summary.method,
        url: summary.url,
        httpVersion: 'HTTP/1.1',
        rawHeaders: [
          'Host',
          url.host,
          'User-Agent',
          'Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0',
          'Accept',
          'text/html,application/xhtml+xml',
          'Accept-Language',
          'en',
          'Cookie',
          `sid=${id}; theme=dark; _ga=GA1.2.8812`,
        ],
        body: { size: summary.requestBytes, kept: summary.requestBytes },
      },
      response: {
        status: summary.status ?? 200,
        reason: summary.status === 303 ? 'See Other' : 'OK',
        httpVersion: 'HTTP/1.1',
        rawHeaders: [
          'Content-Type',
          summary.contentType ?? 'text/html',
          'Set-Cookie',
          cookie?.setCookie ?? '',
          'Set-Cookie',
          'theme=dark; Path=/; Max-Age=31536000',
          'Cache-Control',
          'no-store',
          'Date',
          'Mon, 23 Nov 2026 16:02:11 GMT',
        ],
        body: { size: summary.responseBytes, kept: summary.responseBytes, ref: 'b' },
      },
      server: { address: '127.0.0.1', port: 8080 },
      timing: { connectMs: 1, firstByteMs: 11 },
      kind: summary.kind,
      ...(summary.origin === undefined ? {} : { origin: summary.origin }),
    },
    requestCookies: [
      { name: 'sid', value: id, sessionKey: 's1' },
      { name: 'theme', value: 'dark' },
      { name: '_ga', value: 'GA1.2.8812' },
    ],
    setCookies: [
      { raw: cookie?.setCookie ?? '', view: cookie, sessionKey: 's1' },
      { raw: 'theme=dark; Path=/; Max-Age=31536000', view: null },
    ],
  };
}

export function fakeBody(summary: FlowSummary | undefined, part: 'request' | 'response'): BodyView {
  if (part === 'request') {
    const text = summary?.method === 'POST' ? 'username=alice&password=•••••' : '';
    return {
      size: text.length,
      kept: text.length,
      contentType: 'application/x-www-form-urlencoded',
      contentEncoding: null,
      text,
      truncated: false,
    };
  }
  const text = '<!doctype html>\n<title>Shop</title>\n<p>count: 41</p>\n<a href="/reset">reset</a>\n';
  const size = summary?.responseBytes ?? text.length;
  return {
    size,
    kept: text.length,
    contentType: 'text/html; charset=utf-8',
    contentEncoding: 'gzip',
    text,
    truncated: size > text.length,
  };
}
