import { ProblemError, type ProblemKind, problem } from '../../model/problem.ts';
import type { SqlDialectName } from './sql-driver.ts';

/** What a failure means, whatever the database calls it. */
type Meaning =
  | 'unreachable'
  | 'lost'
  | 'starting'
  | 'refused'
  | 'no-database'
  | 'no-table'
  | 'no-column'
  | 'read-only'
  | 'not-allowed'
  | 'locked'
  | 'busy'
  | 'full'
  | 'exists'
  | 'too-large'
  | 'bad-time'
  | 'not-a-database'
  | 'cannot-open'
  | 'damaged'
  | 'timeout'
  | 'tls';

const POSTGRES: Readonly<Record<string, Meaning>> = {
  '28P01': 'refused',
  '28000': 'refused',
  '3D000': 'no-database',
  '42P01': 'no-table',
  '3F000': 'no-table',
  '42703': 'no-column',
  '42501': 'not-allowed',
  '25006': 'read-only',
  '55P03': 'locked',
  '40P01': 'locked',
  '57014': 'timeout',
  '53300': 'busy',
  '53100': 'full',
  '57P01': 'lost',
  '57P02': 'lost',
  '57P03': 'starting',
  '08000': 'lost',
  '08003': 'lost',
  '08006': 'lost',
  '23505': 'exists',
  '22001': 'too-large',
  '22007': 'bad-time',
  '22008': 'bad-time',
  XX001: 'damaged',
  XX002: 'damaged',
};

const MYSQL: Readonly<Record<string, Meaning>> = {
  ER_ACCESS_DENIED_ERROR: 'refused',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'refused',
  ER_HOST_NOT_PRIVILEGED: 'refused',
  ER_DBACCESS_DENIED_ERROR: 'refused',
  ER_BAD_DB_ERROR: 'no-database',
  ER_NO_SUCH_TABLE: 'no-table',
  ER_BAD_FIELD_ERROR: 'no-column',
  ER_TABLEACCESS_DENIED_ERROR: 'not-allowed',
  ER_COLUMNACCESS_DENIED_ERROR: 'not-allowed',
  ER_OPTION_PREVENTS_STATEMENT: 'read-only',
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: 'read-only',
  ER_OPEN_AS_READONLY: 'read-only',
  ER_LOCK_WAIT_TIMEOUT: 'locked',
  ER_LOCK_DEADLOCK: 'locked',
  ER_CON_COUNT_ERROR: 'busy',
  ER_TOO_MANY_USER_CONNECTIONS: 'busy',
  ER_RECORD_FILE_FULL: 'full',
  ER_DISK_FULL: 'full',
  ER_DUP_ENTRY: 'exists',
  ER_DATA_TOO_LONG: 'too-large',
  ER_TRUNCATED_WRONG_VALUE: 'bad-time',
  ER_NET_PACKET_TOO_LARGE: 'too-large',
  ER_SERVER_SHUTDOWN: 'lost',
  ER_CONNECTION_KILLED: 'lost',
  PROTOCOL_CONNECTION_LOST: 'lost',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls',
};

const NETWORK: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ENOENT: 'unreachable',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
  CERT_HAS_EXPIRED: 'tls',
};

const SQLITE: readonly (readonly [prefix: string, meaning: Meaning])[] = [
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_CANTOPEN', 'cannot-open'],
  ['SQLITE_NOTADB', 'not-a-database'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_IOERR', 'damaged'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_PERM', 'not-allowed'],
  ['SQLITE_AUTH', 'not-allowed'],
  ['SQLITE_CONSTRAINT_UNIQUE', 'exists'],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', 'exists'],
  ['SQLITE_TOOBIG', 'too-large'],
];

/** The connection was there and is gone (or the server is coming up): trying again on a new one makes sense. */
export function isConnectionLoss(error: unknown, dialect: SqlDialectName): boolean {
  const meaning = meaningOf(error, dialect);
  return meaning === 'lost' || meaning === 'starting';
}

/** No connection could be made at all. */
export function isUnreachable(error: unknown, dialect: SqlDialectName): boolean {
  return meaningOf(error, dialect) === 'unreachable';
}

/** SQLite: somebody else holds a lock just now. */
export function isLocked(error: unknown): boolean {
  return meaningOf(error, 'sqlite') === 'locked';
}

/** A driver's error in words, with what to do. What is not recognised stays an answer too, under `sql-error`. */
export function sqlProblem(error: unknown, dialect: SqlDialectName, where: string): unknown {
  if (error instanceof ProblemError || !(error instanceof Error)) return error;
  // Of the file itself, before SQLite was asked.
  if (dialect === 'sqlite' && /^(EACCES|EPERM)$/.test(String(codeOf(error)))) {
    return problem('store-refused', `${where} may not be read by this user`, {
      remedy: 'Run as the user that runs the application, or give read permission',
      where,
      cause: error,
    });
  }
  const meaning = meaningOf(error, dialect);
  if (meaning === undefined && codeOf(error) === undefined) return error;
  const told = meaning === undefined ? undefined : WORDS[meaning](where, error.message, dialect);
  const [kind, message, remedy] = told ?? ['sql-error', `${where}: ${error.message}`, undefined];
  return problem(kind, message, { where, cause: error, ...(remedy === undefined ? {} : { remedy }) });
}

const WORDS: Readonly<
  Record<
    Meaning,
    (where: string, said: string, dialect: SqlDialectName) => [kind: ProblemKind, message: string, remedy: string]
  >
> = {
  unreachable: (where) => [
    'store-unreachable',
    `No database server answers at ${where}`,
    'Start it, and check host and port; behind a firewall use an SSH tunnel',
  ],
  lost: (where) => [
    'store-gone',
    `The database server at ${where} has ended the connection`,
    'It may be restarting: try again in a moment. A new connection is made by itself',
  ],
  starting: (where) => [
    'store-gone',
    `The database server at ${where} is starting up or shutting down`,
    'Try again in a moment',
  ],
  refused: (where, said) => [
    'store-refused',
    `The database server at ${where} refuses this login: ${said}`,
    "Check user and password (in the URL: user:password@host) and the server's rules for logins from this host",
  ],
  'no-database': (where, said) => [
    'store-not-found',
    `${where}: ${said}`,
    'Check the name of the database, after the host in the URL',
  ],
  'no-table': (where, said) => ['table-missing', `${where}: ${said}`, 'Name the table in the URL with ?table=NAME'],
  'no-column': (where, said) => [
    'table-shape',
    `${where}: ${said}`,
    'Attach it again: its columns were changed. Columns of your own are named in the URL: &id=COLUMN&data=COLUMN',
  ],
  'read-only': (where, said) => [
    'store-read-only',
    `${where} can only be read: ${said}`,
    'Write to the primary server, or make the file and its directory writable for this user',
  ],
  'not-allowed': (where, said) => [
    'store-read-only',
    `${where} does not allow this: ${said}`,
    'GRANT SELECT, INSERT, UPDATE, DELETE on the table to this user',
  ],
  locked: (where) => [
    'store-locked',
    `${where} is locked by another program`,
    'Try again; if it stays so, another program holds a transaction open',
  ],
  busy: (where, said) => [
    'store-busy',
    `${where}: ${said}`,
    'Close other connections, or raise the limit of the server',
  ],
  full: (where) => ['store-full', `No space is left for ${where}; nothing was changed`, 'Free space and try again'],
  exists: (where) => ['exists', `${where} already has a session with this id`, 'Edit it, or choose another id'],
  'too-large': (where, said) => [
    'too-large',
    `${where}: ${said}`,
    "MySQL's text holds 65,535 bytes: use mediumtext for larger sessions. An id has at most 128 characters",
  ],
  'bad-time': (where, said) => [
    'bad-time',
    `${where}: ${said}`,
    "Choose another time: MySQL's timestamp begins in 1970 and ends in 2038",
  ],
  'not-a-database': (where) => [
    'store-not-found',
    `${where} is not an SQLite database`,
    'Choose the database file. An encrypted database cannot be read',
  ],
  'cannot-open': (where) => [
    'store-not-found',
    `${where} cannot be opened`,
    'Check the path and the permissions of the file and its folder',
  ],
  damaged: (where, said) => [
    'store-damaged',
    `${where}: ${said}`,
    'Restore the database from a backup, or run a check',
  ],
  timeout: (where) => ['store-slow', `${where} took too long to answer`, 'Try again; the server may be overloaded'],
  tls: (where, said) => [
    'store-refused',
    `No encrypted connection to ${where}: ${said}`,
    'Use ?ssl=require to accept any certificate, or leave ssl out',
  ],
};

function meaningOf(error: unknown, dialect: SqlDialectName): Meaning | undefined {
  const code = codeOf(error);
  const said = error instanceof Error ? error.message : '';
  if (dialect === 'sqlite') {
    if (/^no such table/.test(said)) return 'no-table';
    if (/no such column|has no column/.test(said)) return 'no-column';
    return SQLITE.find(([prefix]) => code?.startsWith(prefix))?.[1];
  }
  const meaning = code === undefined ? undefined : ((dialect === 'postgres' ? POSTGRES : MYSQL)[code] ?? NETWORK[code]);
  if (meaning !== undefined) return meaning;
  if (/connection terminated|client has encountered a connection error|connection is in closed state/i.test(said)) {
    return /timeout/i.test(said) ? 'unreachable' : 'lost';
  }
  if (/timeout exceeded when trying to connect|connect ETIMEDOUT/i.test(said)) return 'unreachable';
  if (/does not support SSL/i.test(said)) return 'tls';
  if (/password must be a string|SASL/i.test(said)) return 'refused';
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Node gathers the failures of all addresses of a host (::1 and 127.0.0.1) into one AggregateError.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  const code = 'code' in error ? error.code : inner instanceof Error && 'code' in inner ? inner.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
