import { carrierKey } from '../model/carrier.ts';
import type { Carrier, Score } from '../model/session.ts';
import type { Batch } from './batch.ts';
import { Pending } from './pending.ts';
import type { Database, Statement } from './sqlite.ts';

/** Small things that are read once and written seldom: settings, overrules for each site, rules, carriers. */
export class SettingsTable {
  readonly #db: Database;
  readonly #batch: Batch;
  readonly #read: () => void;
  /** The registry asks for these with each request, so they are answered from memory as far as possible. */
  readonly #statements = new Map<string, Statement>();
  readonly #overrules = new Map<string, NonNullable<Score['verdict']>>();
  readonly #carriers = new Pending<string, unknown>();

  constructor(db: Database, batch: Batch, read: () => void) {
    this.#db = db;
    this.#batch = batch;
    this.#read = read;
    for (const row of db.prepare('SELECT * FROM overrule').all() as OverruleRow[]) {
      this.#overrules.set(`${row.host} ${row.carrier} ${row.name}`, row.verdict);
    }
  }

  sent(): void {
    this.#carriers.sent();
  }

  saved(): void {
    this.#carriers.saved();
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  /** All settings. A value that cannot be read any more is left out. */
  all(): Record<string, unknown> {
    this.#read();
    const rows = this.#prepare('SELECT key, value FROM setting').all() as { key: string; value: string }[];
    return Object.fromEntries(
      rows.flatMap(({ key, value }) => {
        const parsed = parse(value);
        return parsed === undefined ? [] : [[key, parsed]];
      }),
    );
  }

  get(key: string): unknown {
    this.#read();
    const row = this.#prepare('SELECT value FROM setting WHERE key = ?').get(key) as { value: string } | undefined;
    return row === undefined ? undefined : parse(row.value);
  }

  /** `undefined` or null takes the setting away. */
  set(key: string, value: unknown): void {
    const text = value === undefined || value === null ? null : JSON.stringify(value);
    this.#batch.add(['setting', key, text], `setting:${key}`);
  }

  /** The user's word on a carrier of one site; undefined where they said nothing. */
  overrule(host: string, carrier: Carrier): Score['verdict'] {
    return this.#overrules.size === 0 ? undefined : this.#overrules.get(placeOf(host, carrier));
  }

  /** Whether the user called a cookie of this name the session, on any site: capture must not leave it out then. */
  isCalledSession(name: string): boolean {
    for (const [place, verdict] of this.#overrules) {
      if (verdict === 'session' && place.split('\n', 1)[0]?.endsWith(` cookie ${name}`) === true) return true;
    }
    return false;
  }

  setOverrule(host: string, carrier: Carrier, verdict: Score['verdict'] | null): void {
    const place = placeOf(host, carrier);
    if (verdict === undefined || verdict === null) this.#overrules.delete(place);
    else this.#overrules.set(place, verdict);
    this.#batch.add(['overrule', host, carrier.kind, carrierKey(carrier), verdict ?? null], `overrule:${place}`);
  }

  /** What the registry has learned of a carrier of one site; opaque JSON. */
  carrier(host: string, carrier: Carrier): unknown {
    const pending = this.#carriers.get(placeOf(host, carrier));
    if (pending !== undefined) return pending;
    const row = this.#prepare('SELECT memo FROM carrier WHERE host = ? AND carrier = ? AND name = ?').get(
      host,
      carrier.kind,
      carrierKey(carrier),
    ) as { memo: string } | undefined;
    return row === undefined ? undefined : parse(row.memo);
  }

  /** The same of every cookie of one name on a host, whatever its path and domain. */
  cookieCarriers(host: string, name: string): unknown[] {
    const rows = this.#prepare(
      "SELECT name, memo FROM carrier WHERE host = ? AND carrier = 'cookie' AND name >= ? AND name < ?",
    ).all(host, name, `${name}\v`) as { name: string; memo: string }[];
    const prefix = `${host} cookie ${name}`;
    const found = new Map<string, unknown>();
    for (const row of rows) {
      if (row.name.split('\n', 1)[0] === name) found.set(`${host} cookie ${row.name}`, parse(row.memo));
    }
    for (const [place, memo] of this.#carriers.entries()) {
      if (place === prefix || place.startsWith(`${prefix}\n`)) found.set(place, memo);
    }
    return [...found.values()].filter((memo) => memo !== undefined);
  }

  putCarrier(host: string, carrier: Carrier, at: number, memo: unknown): void {
    const place = placeOf(host, carrier);
    this.#carriers.set(place, memo);
    this.#batch.add(
      () => ['carrier', host, carrier.kind, carrierKey(carrier), at, JSON.stringify(memo)],
      `carrier:${place}`,
    );
  }

  /** Carriers seen recently, whatever their score: for "why is the list empty?". */
  carriers(limit: number): { host: string; kind: Carrier['kind']; name: string; memo: unknown }[] {
    this.#read();
    const rows = this.#prepare('SELECT * FROM carrier ORDER BY at DESC LIMIT ?').all(limit);
    return (rows as { host: string; carrier: Carrier['kind']; name: string; memo: string }[]).map((row) => ({
      host: row.host,
      kind: row.carrier,
      name: row.name.split('\n', 1)[0] ?? '',
      memo: parse(row.memo),
    }));
  }

  /** Rules on the wire in their order, as their owner wrote them. */
  rules(): { id: string; rule: unknown }[] {
    this.#read();
    const rows = this.#prepare('SELECT id, rule FROM rule ORDER BY seq').all() as { id: string; rule: string }[];
    return rows.map(({ id, rule }) => ({ id, rule: parse(rule) }));
  }

  putRule(id: string, rule: unknown): void {
    this.#batch.add(['rule', id, JSON.stringify(rule)], `rule:${id}`);
  }

  removeRule(id: string): void {
    this.#batch.add(['rule', id, null], `rule:${id}`);
  }
}

interface OverruleRow {
  readonly host: string;
  readonly carrier: string;
  readonly name: string;
  readonly verdict: NonNullable<Score['verdict']>;
}

function placeOf(host: string, carrier: Carrier): string {
  return `${host} ${carrier.kind} ${carrierKey(carrier)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
