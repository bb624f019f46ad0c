import { carrierKey } from '../model/carrier.ts';
import type { Carrier, CookieView, SessionState } from '../model/session.ts';
import type { Database } from './sqlite.ts';

/*
 * Version 4: cookies are told apart by path, domain and issuer, and states are events. Until version 3 a cookie was its
 * name, and a session of another port's cookie was joined with whatever record its id led to.
 */

interface Row {
  readonly s: number;
  readonly host: string;
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly summary: string;
  readonly memo: string;
}

interface Memo {
  host: string;
  carrier: Carrier;
  id: string;
  cookie?: CookieView;
  issuer?: string;
  foreign?: { issuer: string; sure: boolean };
  lastActivity: number;
  rotatedTo?: string;
  rotatedBy?: { login: boolean; flowId: string };
  killedAt?: number;
  expiredAt?: number;
  [more: string]: unknown;
}

export function migrateCookieIdentity(db: Database): void {
  db.exec('DROP INDEX session_id; CREATE INDEX session_id ON session (id, name, host)');
  const update = db.prepare(
    'UPDATE session SET name = ?, state = ?, store_id = ?, record_id = ?, summary = ?, memo = ? WHERE s = ?',
  );
  const rows = db.prepare('SELECT s, host, name, id, state, summary, memo FROM session ORDER BY s').all() as Row[];
  const issuers = issuersOf(rows);
  for (const row of rows) {
    const summary = parse(row.summary) as
      | (Record<string, unknown> & Pick<Memo, 'carrier' | 'host' | 'id' | 'lastActivity'>)
      | undefined;
    if (summary === undefined) continue;
    const memo = memoOf(row) ?? summary;
    const carrier = placed(memo);
    const next: Memo = { ...memo, carrier, ...(memo.cookie === undefined ? {} : { issuer: memo.host }) };
    const issuer = memo.cookie === undefined ? issuers.get(cookieOf(row)) : undefined;
    const isForeign = issuer !== undefined && issuer !== row.host && hostname(issuer) === hostname(row.host);
    if (isForeign) {
      for (const field of FOREIGN_HAS_NOT) delete next[field];
      Object.assign(next, { issuer, foreign: { issuer, sure: true } });
      for (const field of ['record', 'label']) delete summary[field];
    }
    const event = isForeign
      ? { state: 'unknown' as const, because: 'other-application', at: memo.lastActivity }
      : eventOf(memo, row.state);
    const shown = { ...summary, carrier, state: event.state, event, ...(isForeign ? { foreign: next.foreign } : {}) };
    const record = (shown as { record?: { storeId: string; id: string } }).record;
    update.run(
      carrierKey(carrier),
      event.state,
      record?.storeId ?? null,
      record?.id ?? null,
      JSON.stringify(shown),
      JSON.stringify(next),
      row.s,
    );
    copyCarrier(db, row, carrier);
  }
  migrateTimeline(db);
}

const FOREIGN_HAS_NOT = ['record', 'label', 'payload', 'inside', 'killedAt', 'expiredAt', 'rotatedTo', 'rotatedBy'];

/** The hosts whose answers set each cookie, by name and value. */
function issuersOf(rows: readonly Row[]): ReadonlyMap<string, string> {
  const issuers = new Map<string, string>();
  for (const row of rows) {
    const memo = memoOf(row);
    if (memo?.carrier.kind === 'cookie' && memo.cookie !== undefined) issuers.set(cookieOf(row), row.host);
  }
  return issuers;
}

const cookieOf = ({ name, id }: Row): string => `${name}\n${id}`;
const hostname = (host: string): string => host.replace(/:\d+$/, '');

/** The carrier with the path and domain that its last Set-Cookie gave it. */
function placed({ carrier, cookie, host }: Memo): Carrier {
  if (carrier.kind !== 'cookie' || cookie === undefined) return carrier;
  const domain = cookie.hostOnly ? '' : (cookie.domain ?? '').replace(/^\./, '').toLowerCase();
  const isHostAlone = domain === '' || (domain === hostname(host) && !/\.[a-z]/i.test(domain));
  return {
    kind: 'cookie',
    name: carrier.name,
    ...(cookie.path === '/' ? {} : { path: cookie.path }),
    ...(isHostAlone ? {} : { domain }),
    ...(cookie.partitioned ? { partition: '' } : {}),
  };
}

/** What was learned of a name is known of its cookies at other paths too, and the user's word on it holds for them. */
function copyCarrier(db: Database, { host, name }: Row, carrier: Carrier): void {
  const key = carrierKey(carrier);
  if (key === name || carrier.kind !== 'cookie') return;
  db.prepare(
    `INSERT OR IGNORE INTO carrier SELECT host, carrier, ?, at, json_set(memo, '$.carrier', json(?)) FROM carrier
     WHERE host = ? AND carrier = 'cookie' AND name = ?`,
  ).run(key, JSON.stringify(carrier), host, name);
  db.prepare(
    `INSERT OR IGNORE INTO overrule SELECT host, carrier, ?, verdict FROM overrule
     WHERE host = ? AND carrier = 'cookie' AND name = ?`,
  ).run(key, host, name);
}

interface EarlierEvent {
  readonly state: SessionState;
  readonly because: string;
  readonly at: number;
  readonly as?: string;
  readonly id?: string;
}

/** The registry takes the rest of the earlier form over when it wakes a session (`core/registry/earlier-sessions.ts`). */
function eventOf(memo: Memo, state: string): EarlierEvent {
  const { lastActivity: at, rotatedTo = '', rotatedBy } = memo;
  switch (state) {
    case 'rotated':
      return rotatedBy?.login === true
        ? { state: 'continued', because: 'login', at, as: rotatedTo, id: '' }
        : { state: 'replaced', because: 'another-id', at, as: rotatedTo, id: '' };
    case 'killed':
      return { state: 'ended', because: 'application', at: memo.killedAt ?? at };
    case 'expired':
      return { state: 'expired', because: 'cookie', at: memo.expiredAt ?? at };
    case 'anonymous':
      return { state: 'anonymous', because: 'not-sent-back', at };
    default:
      return { state: 'live', because: memo['record'] === undefined ? 'used' : 'record', at };
  }
}

/** Old lines in the present words. */
function migrateTimeline(db: Database): void {
  db.exec(`
    UPDATE timeline SET kind = 'state', more = json_object('event',
      json_object('state', 'ended', 'because', 'application', 'at', at)) WHERE kind = 'killed';
    UPDATE timeline SET kind = 'state', more = json_object('event',
      json_object('state', 'expired', 'because', 'record', 'at', at)) WHERE kind = 'expired';
    UPDATE timeline SET kind = 'state', more = json_object('event',
      json_object('state', 'replaced', 'because', 'another-id', 'at', at, 'as', '', 'id', more ->> 'to'))
      WHERE kind = 'rotated' AND more ->> 'from' = (SELECT id FROM session WHERE session.s = timeline.s);
    UPDATE timeline SET kind = 'follows', more = json_object('from', more ->> 'from', 'key', '', 'how', 'replaced')
      WHERE kind = 'rotated';
  `);
}

function memoOf(row: Row): Memo | undefined {
  const memo = parse(row.memo) as Partial<Memo> | undefined;
  return typeof memo?.carrier?.kind === 'string' && typeof memo.host === 'string' ? (memo as Memo) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
