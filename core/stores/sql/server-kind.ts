import { existsSync } from 'node:fs';
import { parseUrl } from '../../model/web-address.ts';
import type { ServerAddress, Tls } from '../address.ts';
import { Parameters } from '../parameters.ts';
import type { StoreKind } from '../store-kind.ts';
import { badUrl, decodeText } from '../url-text.ts';
import { openTable } from './open-table.ts';
import { choiceQuery, TABLE_PARAMETERS, tableChoice } from './table-choice.ts';

/** How often a table on a server is looked at for changes (ms). */
const POLL_MS = 1000;
const FORMS = {
  postgres: 'postgres://user:password@host:5432/db?table=sessions',
  mysql: 'mysql://user:password@host:3306/db?table=sessions',
} as const;
const PORTS = { postgres: 5432, mysql: 3306 } as const;
/** Where Debian and most others put PostgreSQL's socket; its tools take it when no host is given. */
const POSTGRES_SOCKETS = '/var/run/postgresql';
const ENCODE =
  'In a login the characters @ : / ? # [ ] % have to be percent-encoded: @ as %40, : as %3A, / as %2F, # as %23';

/** Names as libpq, JDBC, MySQL's tools, Prisma and hosters write them. `ignored` has no effect on looking at a table. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  ...TABLE_PARAMETERS,
  ssl: ['sslmode', 'ssl-mode', 'useSSL', 'requireSSL', 'tls', 'encrypt', 'sslaccept'],
  verify: ['verifyServerCertificate'],
  host: ['hostaddr'],
  port: [],
  socket: ['unix_socket', 'unixSocket', 'socketPath'],
  user: ['username'],
  password: ['pw'],
  database: ['dbname'],
  ignored: [
    'application_name',
    'ApplicationName',
    'fallback_application_name',
    'connect_timeout',
    'connectTimeout',
    'socketTimeout',
    'channel_binding',
    'gssencmode',
    'pgbouncer',
    'connection_limit',
    'pool_timeout',
    'statement_cache_size',
    'target_session_attrs',
    'keepalives',
    'charset',
    'collation',
    'useUnicode',
    'characterEncoding',
    'allowPublicKeyRetrieval',
    'client_encoding',
    'autocommit',
  ],
};

export const postgresKind = serverKind('postgres', ['postgres', 'postgresql'], 'PostgreSQL');
export const mysqlKind = serverKind('mysql', ['mysql', 'mariadb'], 'MySQL');

function serverKind(kind: ServerAddress['kind'], schemes: readonly string[], title: string): StoreKind<ServerAddress> {
  return {
    kinds: [kind],
    schemes,
    form: FORMS[kind],
    parse: (url) => parseServer(url, kind),
    format: formatServer,
    title: ({ database, table }, layout) => `${layout ?? 'Table'} ${title} ${database} · ${table}`,
    open: (address, context) => openTable(address, formatServer(address), context, POLL_MS),
  };
}

function parseServer(url: string, kind: ServerAddress['kind']): ServerAddress {
  const remedy = `Write ${FORMS[kind]}`;
  // Login, host and port as they stand; what is missing comes from the parameters.
  const parts = /^[^:]+:(?:\/\/(?:([^/?#]*)@)?([^/?#@]*))?(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (parts === null) throw badUrl(url, 'host, port or login cannot be read', ENCODE);
  const [, login, place = '', name = '', query = ''] = parts;
  const parameters = new Parameters(new URLSearchParams(query), url, PARAMETERS);
  const colon = login?.indexOf(':') ?? -1;
  const user = decodeText((colon < 0 ? login : login?.slice(0, colon)) ?? '') || parameters.get('user');
  const password = colon < 0 ? parameters.get('password') : decodeText(login?.slice(colon + 1) ?? '');
  const database = decodeText(name) || parameters.get('database') || '';
  if (database === '' || (name !== '' && name.includes('/'))) {
    throw badUrl(url, 'the name of the database is missing after the host', `${remedy}. ${ENCODE}`);
  }
  const socket = kind === 'mysql' ? parameters.get('socket') : undefined;
  const { host, port } = hostAndPort(place, parameters, url, kind, remedy);
  const ssl = tlsOf(parameters, url);
  return {
    kind,
    host,
    port,
    ...(socket === undefined ? {} : { socket }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined || password === '' ? {} : { password }),
    database,
    ...tableChoice(parameters, url),
    ...(ssl === undefined ? {} : { ssl }),
  };
}

function hostAndPort(
  place: string,
  parameters: Parameters,
  url: string,
  kind: ServerAddress['kind'],
  remedy: string,
): { host: string; port: number } {
  const given = parameters.get('host') ?? (kind === 'postgres' ? parameters.get('socket') : undefined);
  const port = Number(parameters.get('port') ?? PORTS[kind]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw badUrl(url, 'the port is no number of a port', remedy);
  if (place === '' || place.startsWith('%2F') || place.startsWith('%2f')) {
    const folder = decodeText(place);
    const usual = kind === 'postgres' && existsSync(POSTGRES_SOCKETS) ? POSTGRES_SOCKETS : 'localhost';
    return { host: folder || given || usual, port };
  }
  // The `http` rules of the URL parser: host and port are taken apart and checked.
  const parsed = parseUrl(`http://${place}/`);
  if (parsed === undefined) throw badUrl(url, 'host or port cannot be read', `${remedy}. ${ENCODE}`);
  const host = decodeText(parsed.hostname.replace(/^\[|\]$/g, ''));
  return { host, port: Number(parsed.port) || (/:80$/.test(place) ? 80 : port) };
}

/** @throws ProblemError `bad-store-url` for a word that is not known: it may ask for more than there would be */
function tlsOf(parameters: Parameters, url: string): Tls | undefined {
  const given = parameters.get('ssl');
  const checks = parameters.get('verify');
  if (given === undefined) return undefined;
  const word = given.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (/^(disabled?|false|0|off|no|none|prefer(red)?|allow)$/.test(word)) return undefined;
  const strict = /rejectunauthorizedtrue/.test(word) || /^(true|1|yes)$/i.test(checks ?? '');
  if (/^(verify|verifyfull|verifyidentity|strict)$/.test(word) || strict) return 'verify';
  if (word === 'verifyca') return 'verify-ca';
  if (/^(require[d]?|true|1|on|yes|acceptinvalidcerts)$/.test(word) || /rejectunauthorizedfalse/.test(word)) {
    return 'require';
  }
  throw badUrl(url, `ssl=${given} is no mode of encryption`, 'Use require, verify-ca, verify or disable');
}

function formatServer(address: ServerAddress): string {
  const { user, password, socket, ssl } = address;
  const login = user === undefined ? '' : encodeURIComponent(user);
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const at = login === '' && secret === '' ? '' : '@';
  const host = address.host.startsWith('/')
    ? encodeURIComponent(address.host)
    : address.host.includes(':')
      ? `[${address.host}]`
      : address.host;
  const place = host.startsWith('%2F') ? `${host}/` : `${host}:${address.port}/`;
  const more = {
    ...(socket === undefined ? {} : { socket }),
    ...(host.startsWith('%2F') && address.port !== PORTS[address.kind] ? { port: String(address.port) } : {}),
    ...(ssl === undefined ? {} : { ssl }),
  };
  return `${address.kind}://${login}${secret}${at}${place}${encodeURIComponent(address.database)}?${choiceQuery(address, more)}`;
}
