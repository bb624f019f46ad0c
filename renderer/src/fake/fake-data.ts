import { floatNode } from '../../../core/codec/nodes.ts';
import type { AppInfo, BrowserInfo, StoreInfo } from '../../../core/model/app.ts';
import type { FlowSummary } from '../../../core/model/flow.ts';
import type { CookieView, RecordView, SessionSummary } from '../../../core/model/session.ts';
import type { TypedNode } from '../../../core/model/typed.ts';

export const str = (v: string): TypedNode => ({ t: 'str', v });
export const int = (v: number | string): TypedNode => ({ t: 'int', v: String(v) });
export const dict = (entries: Record<string, TypedNode>): TypedNode => ({
  t: 'dict',
  v: Object.entries(entries).map(([key, value]) => [str(key), value]),
});

const none: TypedNode = { t: 'none' };

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Every kind of value once, as a real shop might keep it. */
export function shopData(count = 41): TypedNode {
  return dict({
    session_id: str('3f2a7c1bd04e5f60718293a4b5c6d7e8f9012d9c'),
    ip: str('127.0.0.1'),
    count: int(count),
    user: {
      t: 'object',
      class: 'shop_models.User',
      id: 1,
      state: dict({ name: str('alice'), email: str('alice@shop.test'), staff: { t: 'bool', v: false } }),
    },
    cart: {
      t: 'list',
      v: [
        dict({ id: int(88), n: int(3), price: { t: 'decimal', v: '0.05' } }),
        dict({ id: int(12), n: int(1), price: { t: 'decimal', v: '19.90' }, gift: { t: 'ref', id: 1 } }),
      ],
    },
    seen: { t: 'datetime', v: '2026-11-23T16:02:11.000000', fold: 0, tz: none },
    roles: { t: 'set', v: [str('customer'), str('reviewer')] },
    point: {
      t: 'tuple',
      v: [floatNode(48.1374), floatNode(11.5755)],
    },
    token: { t: 'bytes', b64: btoa('\x00\xffkey\n\x7f') },
    big: int('123456789012345678901234567890'),
    born: { t: 'date', v: '1990-04-01' },
    keep: { t: 'timedelta', days: 1, seconds: 3600, microseconds: 0 },
    order: { t: 'uuid', v: '9b2f1c04-6a57-4a0e-8f1b-2f6f7f5f0a11' },
    nothing: none,
    note: str('first line\nsecond line — “quoted”, 价格'),
    history: { t: 'limit', what: 'nodes', note: 'More than 1,000,000 values; the rest is not shown' },
    handler: { t: 'reduce', func: 'collections.OrderedDict', args: [], state: null },
    mapping: {
      t: 'dict',
      v: [
        [int(3), str('an integer key')],
        [{ t: 'tuple', v: [int(1), int(2)] }, str('a tuple key')],
      ],
    },
  });
}

export function manyNodes(n: number): TypedNode {
  const v = Array.from({ length: Math.floor(n / 4) }, (_, i) =>
    dict({ id: int(i), name: str(`item ${i}`), n: int(i % 7) }),
  );
  return dict({ count: int(v.length), items: { t: 'list', v } });
}

export function hexId(n: number): string {
  let x = (n + 1) * 2654435761;
  let out = '';
  while (out.length < 40) {
    x = (x * 1664525 + 1013904223) >>> 0;
    out += x.toString(16).padStart(8, '0');
  }
  return out.slice(0, 40);
}

export function session(n: number, now: number, more: Partial<SessionSummary> = {}): SessionSummary {
  const id = more.id ?? hexId(n);
  return {
    key: `s${n}`,
    host: 'shop.test',
    carrier: { kind: 'cookie', name: 'sid' },
    id,
    state: 'live',
    event: { state: 'live', because: 'used', at: now - n * 4_000 },
    score: {
      value: 92,
      reasons: [
        { code: 'name', about: 'name', points: 30, text: 'Its name is one that frameworks use for sessions' },
        { code: 'shape', about: 'session', points: 27, text: 'Its value is 40 hex digits, as web.py makes them' },
        { code: 'store', about: 'session', points: 25, text: 'A record with this id is in an attached store' },
        { code: 'http-only', about: 'session', points: 10, text: 'It is HttpOnly' },
      ],
    },
    firstSeen: now - 3 * HOUR,
    lastActivity: now - n * 4_000,
    flows: 14 + (n % 9),
    clocks: {
      cookie: { expires: now + 23 * HOUR },
      store: { lastUsed: now - 24 * MINUTE, cleanupDue: now + 23 * HOUR },
    },
    flags: { httpOnly: true, secure: false, sameSite: 'Lax' },
    ...more,
  };
}

export function sampleSessions(now: number): SessionSummary[] {
  const record = (id: string, bytes: number) => ({ record: { storeId: 'disk1', id, bytes } });
  const first = '3f2a7c1bd04e5f60718293a4b5c6d7e8f9012d9c';
  return [
    session(1, now, { id: first, label: 'user=alice', identity: 'blue', ...record(first, 1184) }),
    session(2, now, {
      state: 'anonymous',
      event: { state: 'anonymous', because: 'not-sent-back', at: now - MINUTE },
      score: {
        value: 61,
        reasons: [{ code: 'shape', about: 'session', points: 27, text: 'Its value is 40 hex digits' }],
      },
      flags: { httpOnly: false, secure: false },
      clocks: { cookie: { expires: null } },
      flows: 2,
    }),
    session(3, now, {
      host: 'localhost:8080',
      carrier: { kind: 'cookie', name: 'webpy_session_id' },
      state: 'ended',
      event: { state: 'ended', because: 'logout', at: now - 5 * MINUTE, flowId: 'f44' },
      label: 'count 41',
      clocks: { cookie: { expires: now - 5 * MINUTE } },
    }),
    session(4, now, {
      host: 'intranet.example',
      carrier: { kind: 'cookie', name: 'PHPSESSID' },
      state: 'expired',
      event: { state: 'expired', because: 'record', at: now - 2 * HOUR },
      flags: { httpOnly: true, secure: true, sameSite: 'None' },
      clocks: { cookie: { expires: null }, store: { lastUsed: now - 50 * HOUR, cleanupDue: now - 2 * HOUR } },
    }),
    session(5, now, {
      host: 'api.shop.test',
      carrier: { kind: 'header', name: 'Authorization' },
      state: 'continued',
      event: { state: 'continued', because: 'login', at: now - MINUTE, as: 's1', id: hexId(1) },
      clocks: { cookie: { expires: null }, payload: { expires: now + 12 * MINUTE, at: 'exp' } },
    }),
    session(6, now, { identity: 'rose', label: 'user=bob', ...record(hexId(6), 912) }),
  ];
}

export function cookieOf(summary: SessionSummary, now: number): CookieView | null {
  if (summary.carrier.kind !== 'cookie') return null;
  const { name } = summary.carrier;
  const expires = summary.clocks.cookie.expires;
  const attributes = [
    'Path=/',
    ...(expires === null ? [] : [`expires=${new Date(expires).toUTCString()}`]),
    ...(summary.flags.secure ? ['Secure'] : []),
    ...(summary.flags.httpOnly ? ['HttpOnly'] : []),
    ...(summary.flags.sameSite === undefined ? [] : [`SameSite=${summary.flags.sameSite}`]),
  ];
  return {
    name,
    value: summary.id,
    hostOnly: true,
    path: '/',
    ...(expires === null ? {} : { expires, expiresText: new Date(expires).toUTCString() }),
    secure: summary.flags.secure,
    httpOnly: summary.flags.httpOnly,
    ...(summary.flags.sameSite === undefined ? {} : { sameSite: summary.flags.sameSite }),
    partitioned: false,
    others: [],
    setCookie: `${name}=${summary.id}; ${attributes.join('; ')}`,
    setAt: now - 2 * HOUR,
  };
}

export function recordView(storeId: string, id: string, value: TypedNode, revision: string, now: number): RecordView {
  const text = btoa(unescape(encodeURIComponent(JSON.stringify(value).slice(0, 3_000)))).replace(/.{76}/g, '$&\n');
  return {
    storeId,
    id,
    revision,
    bytes: text.length,
    rawBase64: btoa(text),
    rawKept: text.length,
    lastUsed: now - 24 * MINUTE,
    lastUsedText: new Date(now - 24 * MINUTE).toISOString().replace('T', ' ').slice(0, 19),
    extra: { mode: '0600', mtime: new Date(now - 24 * MINUTE).toISOString() },
    layers: ['base64', 'pickle'],
    value,
    lossless: true,
    warnings: [
      {
        code: 'global',
        severity: 'danger',
        message:
          'The pickle names the class shop_models.User: loading it imports that module. It was not executed here.',
      },
      { code: 'protocol', severity: 'info', message: 'Pickle protocol 4' },
    ],
  };
}

export function flow(n: number, now: number, more: Partial<FlowSummary> = {}): FlowSummary {
  const paths = ['/', '/count', '/reset', '/cart?add=88', '/login', '/static/site.css', '/account', '/logout'];
  const statuses = [200, 200, 303, 200, 303, 304, 200, 500];
  const path = paths[n % paths.length] ?? '/';
  return {
    id: `f${n}`,
    startedAt: now - n * 2_300,
    endedAt: now - n * 2_300 + 12 + ((n * 37) % 200),
    method: path === '/login' ? 'POST' : 'GET',
    url: `http://shop.test${path}`,
    status: statuses[n % statuses.length] ?? 200,
    requestBytes: path === '/login' ? 34 : 0,
    responseBytes: 420 + ((n * 997) % 90_000),
    contentType: path.endsWith('.css') ? 'text/css' : 'text/html; charset=utf-8',
    kind: 'http',
    sessions: ['s1'],
    ...more,
  };
}

export const browsersFound: readonly BrowserInfo[] = [
  { browserId: 'chromium', name: 'Chromium', version: '142.0', path: '/usr/bin/chromium' },
  { browserId: 'firefox', name: 'Firefox', version: '140.5', path: '/usr/bin/firefox-esr' },
];

export const sampleStores: readonly StoreInfo[] = [
  {
    storeId: 'disk1',
    url: 'disk:/home/dev/shop/sessions',
    kind: 'disk',
    title: './sessions',
    canWrite: true,
    canAge: true,
    watch: 'directory events',
    records: 128,
  },
  {
    storeId: 'pg1',
    url: 'postgres://shop:•••@localhost:5432/shop?table=sessions',
    kind: 'postgres',
    title: 'shop on PostgreSQL',
    canWrite: false,
    canAge: false,
    watch: 'asked every 2 s',
    records: null,
    problem: {
      kind: 'store-refused',
      message: 'PostgreSQL at localhost:5432 refused the password of “shop”',
      remedy: 'Check the password in the address and attach the store again.',
    },
  },
];

export function sampleInfo(canPickFiles: boolean): AppInfo {
  return {
    version: '0.1.0',
    mode: 'web',
    platform: 'linux',
    proxy: { running: true, host: '127.0.0.1', port: 8640, recording: true, notRecorded: 0, bodiesLeftOut: 0 },
    workspaceFile: '/home/dev/.local/share/sessionscope/workspace.sqlite',
    certificate: {
      file: '/home/dev/.local/share/sessionscope/ca.pem',
      fingerprint: '4F:9A:11:0C:83:5E:77:21:D0:6B:42:9C:AA:18:F3:05:6D:0E:21:BB:90:C4:7F:13:58:E6:2A:9D:04:CB:71:3A',
      notAfter: Date.UTC(2031, 10, 22),
      state: 'kept',
    },
    canPickFiles,
  };
}
