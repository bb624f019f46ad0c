import path from 'node:path';
import { problem } from '../model/problem.ts';
import { parseUrl } from '../model/web-address.ts';

/** A store URL taken apart. Paths are absolute. */
export type StoreAddress =
  | { readonly kind: 'disk'; readonly path: string }
  | { readonly kind: 'sqlite'; readonly path: string; readonly table: string; readonly zone?: string }
  | ServerAddress
  | { readonly kind: 'shelf'; readonly path: string }
  /** Stores of this process, found again by name. */
  | { readonly kind: 'memory'; readonly name: string };

/** A table on a database server. */
export interface ServerAddress {
  readonly kind: 'postgres' | 'mysql';
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  readonly database: string;
  readonly table: string;
  /** Zone of the web.py process (`Asia/Shanghai`), where it differs from this program's: `atime` is its wall clock. */
  readonly zone?: string;
  /** `require`: TLS without checking the certificate; `verify`: with checking. Absent: no TLS. */
  readonly ssl?: 'require' | 'verify';
}

export type StoreKind = StoreAddress['kind'];

/** The forms a store URL can have, as shown in remedies. */
export const STORE_URL_FORMS =
  'disk:PATH, sqlite:PATH?table=sessions, postgres://user:password@host:5432/db?table=sessions, ' +
  'mysql://user:password@host:3306/db?table=sessions, shelf:PATH';

export const DEFAULT_TABLE = 'sessions';

const SCHEMES: Readonly<Record<string, StoreKind>> = {
  disk: 'disk',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
  shelf: 'shelf',
  memory: 'memory',
};

/**
 * Takes a store URL apart. Relative paths count from `base`.
 * @throws ProblemError `bad-store-url`, without the password in its text
 */
export function parseStoreUrl(text: string, base: string = process.cwd()): StoreAddress {
  const url = text.trim();
  const colon = url.indexOf(':');
  const kind = colon > 0 ? SCHEMES[url.slice(0, colon).toLowerCase()] : undefined;
  if (kind === undefined) throw bad(url, 'it does not begin with the name of a kind of store');
  if (kind === 'postgres' || kind === 'mysql') return parseServer(url, kind);
  const { place, query } = splitQuery(url.slice(colon + 1));
  if (kind === 'memory') return { kind, name: decode(place) };
  if (place === '') throw bad(url, 'the path is missing');
  const file = path.resolve(base, decode(place.startsWith('///') ? place.slice(2) : place));
  if (kind !== 'sqlite') return { kind, path: file };
  return { kind, path: file, table: checkTableName(query.get('table') ?? DEFAULT_TABLE), ...zoneOf(query, url) };
}

/** The canonical URL of an address, password included. `parseStoreUrl(formatStoreUrl(a))` is `a`. */
export function formatStoreUrl(address: StoreAddress): string {
  switch (address.kind) {
    case 'disk':
    case 'shelf':
      return `${address.kind}:${encodePath(address.path)}`;
    case 'memory':
      return `memory:${encodePath(address.name)}`;
    case 'sqlite':
      return `sqlite:${encodePath(address.path)}?${queryOf(address)}`;
    default: {
      const { user, password } = address;
      const login = user === undefined ? '' : encodeURIComponent(user);
      const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
      const at = login === '' && secret === '' ? '' : '@';
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      const place = `${host}:${address.port}/${encodeURIComponent(address.database)}`;
      return `${address.kind}://${login}${secret}${at}${place}?${queryOf(address)}`;
    }
  }
}

/** The URL with the password replaced by `***`: for windows, messages and logs. Works on malformed URLs as well. */
export function maskStoreUrl(url: string): string {
  const scheme = /^\s*[a-z0-9+.-]+:\/\//i.exec(url)?.[0];
  if (scheme === undefined) return url;
  const rest = url.slice(scheme.length);
  // A password that was not encoded may hold `/`, `?`, `#` and `@`: everything up to the last `@` is the login.
  const at = rest.lastIndexOf('@');
  const colon = rest.indexOf(':');
  const masked = at >= 0 && colon >= 0 && colon < at ? `${rest.slice(0, colon)}:***${rest.slice(at)}` : rest;
  return scheme + masked.replace(/([?&](?:password|pw)=)[^&]*/gi, '$1***');
}

/** Replaces the password of `url` wherever it occurs in a text, such as a driver's error message. */
export function withoutSecret(text: string, address: StoreAddress): string {
  const secret = 'password' in address ? address.password : undefined;
  if (secret === undefined || secret === '') return text;
  return text.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
}

/**
 * A table name as web.py's users write it: words joined by dots (`sessions`, `app.sessions`). Our own statements quote
 * it, those of `DBStore` put it in as it is, so nothing but words may pass.
 * @throws ProblemError `bad-table-name`
 */
export function checkTableName(name: string): string {
  const word = /^[\p{L}_][\p{L}\p{N}_$]{0,127}$/u;
  const parts = name.split('.');
  if (parts.length > 3 || !parts.every((part) => word.test(part))) {
    throw problem('bad-table-name', `${JSON.stringify(name)} is not a table name that can be used here`, {
      remedy: 'A table name is made of letters, digits and _, with a schema before a dot if need be: app.sessions',
    });
  }
  return name;
}

function parseServer(url: string, kind: 'postgres' | 'mysql'): ServerAddress {
  // The `http` rules of the URL parser: host and port are taken apart and checked.
  const parsed = parseUrl(url.replace(/^[^:]+:(\/\/)?/, 'http://'));
  if (parsed === undefined) throw bad(url, 'host, port or login cannot be read');
  // Not `pathname`: the URL parser takes `.` and `..` for steps in a path, and a database may be called so.
  const database = decode(/^[^:]+:(?:\/\/)?[^/?#]*\/?([^?#]*)/.exec(url)?.[1] ?? '');
  if (database === '' || database.includes('/')) throw bad(url, 'the name of the database is missing after the host');
  const ssl = parsed.searchParams.get('ssl') ?? parsed.searchParams.get('sslmode');
  if (ssl !== null && !['require', 'verify', 'verify-full', 'disable', 'prefer', 'allow'].includes(ssl)) {
    throw bad(url, `ssl=${ssl} is neither require nor verify`);
  }
  const explicitPort = /:80(?=[/?#]|$)/.test(url.slice(url.lastIndexOf('@') + 1)) ? 80 : 0;
  return {
    kind,
    host: decode(parsed.hostname.replace(/^\[|\]$/g, '')),
    port: Number(parsed.port) || explicitPort || (kind === 'postgres' ? 5432 : 3306),
    ...(parsed.username === '' ? {} : { user: decode(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decode(parsed.password) }),
    database,
    table: checkTableName(parsed.searchParams.get('table') ?? DEFAULT_TABLE),
    ...zoneOf(parsed.searchParams, url),
    ...(ssl === 'require' ? { ssl } : ssl?.startsWith('verify') ? { ssl: 'verify' as const } : {}),
  };
}

function zoneOf(query: URLSearchParams, url: string): { zone?: string } {
  const zone = query.get('zone');
  if (zone === null || zone === '') return {};
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch (cause) {
    throw bad(url, `there is no time zone ${JSON.stringify(zone)}`, cause);
  }
  return { zone };
}

function queryOf(address: { table: string; zone?: string; ssl?: string }): string {
  const query = new URLSearchParams({ table: address.table });
  if (address.zone !== undefined) query.set('zone', address.zone);
  if (address.ssl !== undefined) query.set('ssl', address.ssl);
  return query.toString().replaceAll('%2F', '/');
}

/** A query only counts when it has the form of one, so that a path may hold a question mark. */
function splitQuery(rest: string): { place: string; query: URLSearchParams } {
  const mark = rest.lastIndexOf('?');
  if (mark < 0 || !/^\?(?:[a-z]+=|$)/i.test(rest.slice(mark))) return { place: rest, query: new URLSearchParams() };
  return { place: rest.slice(0, mark), query: new URLSearchParams(rest.slice(mark + 1)) };
}

function encodePath(text: string): string {
  return text.replace(/[%?#\n\r]/g, (char) => encodeURIComponent(char));
}

/** Percent-decoding that leaves malformed escapes as text: paths are typed by people. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

function bad(url: string, why: string, cause?: unknown) {
  return problem('bad-store-url', `${JSON.stringify(maskStoreUrl(url))} is not a store URL: ${why}`, {
    remedy: `Use one of ${STORE_URL_FORMS}`,
    cause,
  });
}
