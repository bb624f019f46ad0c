import { expect, it } from 'vitest';
import { FILTER_FIELDS, type FilterField } from '../../../core/filter/fields.ts';
import { flowCount, flowPage } from '../../../core/workspace/flow-query.ts';
import { migrate } from '../../../core/workspace/schema.ts';
import { sessionCount, sessionPage } from '../../../core/workspace/session-query.ts';
import { type Database, loadSqlite } from '../../../core/workspace/sqlite.ts';
import { toEnd } from '../../../core/workspace/to-end.ts';

/**
 * Tables that have few rows beside the flows (one for each name or host, or one for each session), and may be walked as a
 * whole; docs/filter.md names what walks them.
 */
const SMALL = new Set(['host', 'cookie_set', 's', 'k', 'x', 'page', 'CONSTANT']);

const open = await loadSqlite(undefined);
const memory = (): Database => {
  const db = open(':memory:', {});
  migrate(db);
  db.exec(`
    INSERT INTO host VALUES (1, 'shop.test');
    INSERT INTO url VALUES (1, 'http://shop.test/app1');
    INSERT INTO cookie_set VALUES (1, '|sid|');
    INSERT INTO flow (n, id, started_at, method, h, u, c, status, request_bytes, response_bytes, kind, sessions)
      VALUES (1, 'f1', 0, 'GET', 1, 1, 1, 200, 0, 0, 'http', '1');
    INSERT INTO session VALUES (1, 'shop.test', 'cookie', 'sid', 'abc', 'live', 90, 1, 5, 1, NULL, NULL, 'abc', '{"key":"s1"}', '{}');
    INSERT INTO session_data VALUES (1, 'user', '42');
    INSERT INTO sighting VALUES (1, 1, 1);`);
  return db;
};

/** The steps of the plan of every statement that is run through it. */
function watched(db: Database, plan: (sql: string, detail: string) => void): Database {
  return new Proxy(db, {
    get(target, name) {
      if (name !== 'prepare') return Reflect.get(target, name);
      const wrap = (statement: object, sql: string): object =>
        new Proxy(statement, {
          get(inner, member) {
            const value = Reflect.get(inner, member) as unknown;
            if (typeof value !== 'function') return value;
            return (...args: unknown[]) => {
              if (member === 'all' || member === 'get') {
                const steps = target.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...args) as { detail: string }[];
                for (const { detail } of steps) plan(sql, detail);
              }
              const result = (value as (...all: unknown[]) => unknown).apply(inner, args);
              return member === 'pluck' || member === 'raw' ? wrap(result as object, sql) : result;
            };
          },
        });
      return (sql: string) => wrap(target.prepare(sql), sql);
    },
  });
}

/** Every field with every way of comparing it, negated too, and joined with terms of the other side. */
function filters(): string[] {
  const values: Readonly<Record<string, readonly string[]>> = {
    text: [':app1', '=app1', '!=app1', ':ap'],
    number: ['=5', '>5', '<=5'],
    size: ['>10k', '<=1M'],
    duration: ['>2s', '<=1h'],
    status: [':5xx', ':400-404', '>=400', '!=200'],
    data: ['.user=42', '.user', ':alice', '.cart.0.n>3'],
  };
  const terms = Object.entries<FilterField>(FILTER_FIELDS).flatMap(([name, { type, words }]) => {
    const ways = type === 'word' ? (words ?? []).map((word) => `:${word}`) : (values[type] ?? []);
    return ways.map((way) => (name === 'key' ? 'key=s1' : name + way));
  });
  const bare = ['app1', 'a', '"two words"', 'cookie:sid/app/', 'store:missing', 'lost:any', 'finding:any'];
  const all = [...new Set([...bare, ...terms])];
  return [
    '',
    ...all,
    ...all.map((term) => `-${term}`),
    ...all.map((term) => `host:shop (${term} or status:5xx) state:live`),
  ];
}

it('no filter walks a table that grows with the traffic: flows by row numbers, sessions by pages of their index', () => {
  const bad = new Set<string>();
  let plans = 0;
  let filter = '';
  const db = watched(memory(), (sql, detail) => {
    plans += 1;
    // A subquery in brackets has steps of its own.
    const scanned = /^SCAN (\w\S*)/.exec(detail)?.[1];
    // The first and the last row are not walked to.
    if (scanned === undefined || /AS first.*LIMIT 1\) AS last$/.test(sql)) return;
    // `s` alone, not under an index or a page, may be walked from flows only: those are few beside them.
    const isSessionsList = /FROM session s(?! CROSS)/.test(sql) && scanned === 's';
    if (!SMALL.has(scanned) || isSessionsList) bad.add(`${filter}: ${detail}\n  ${sql}`);
  });
  const now = 1_000;
  for (filter of filters()) {
    const query = filter === '' ? {} : { filter };
    toEnd(flowPage(db, { ...query, limit: 50 }, { now, before: undefined }));
    toEnd(flowPage(db, { ...query, limit: 50, hideOwn: true, sessionKey: 's1' }, { now, before: 9 }));
    toEnd(flowCount(db, query, now));
    for (const which of ['sessions', 'candidates', 'all'] as const) {
      toEnd(sessionPage(db, { ...query, which, limit: 50 }, now));
      toEnd(sessionPage(db, { ...query, which, limit: 50, after: { at: 9, key: 's9' } }, now));
      if (filter !== '') toEnd(sessionCount(db, { ...query, which }, now));
    }
  }
  expect([...bad].slice(0, 5)).toEqual([]);
  expect(plans).toBeGreaterThan(5_000);
});

it('sessions come in the same order and number, by pages and with filters about their flows', () => {
  const db = memory();
  const put = db.prepare(
    "INSERT INTO session VALUES (?, 'shop.test', 'cookie', 'sid', ?, 'live', 90, ?, ?, 1, NULL, NULL, ?, ?, '{}')",
  );
  const flow = db.prepare(
    "INSERT INTO flow (n, id, started_at, method, h, u, c, status, request_bytes, response_bytes, kind, sessions) VALUES (?, ?, 0, 'GET', 1, 1, 1, ?, 0, 0, 'http', ?)",
  );
  const sighting = db.prepare('INSERT INTO sighting VALUES (?, ?, 1)');
  const many = 1_000;
  db.exec('BEGIN');
  for (let s = 2; s <= many; s += 1) {
    // Several with the same time, candidates between them.
    put.run(
      s,
      `id${s}`,
      s % 3 === 0 ? 0 : 1,
      100 + Math.floor((s * 7_919) % 500),
      `id${s}`,
      JSON.stringify({ key: `s${s}` }),
    );
    flow.run(s, `f${s}`, s % 10 === 0 ? 500 : 200, String(s));
    sighting.run(s, s);
  }
  db.exec('COMMIT');
  const order = 'ORDER BY last_activity DESC, s DESC';
  const plain = (where: string) =>
    db.prepare(`SELECT s FROM session WHERE ${where} ${order}`).pluck().all() as number[];
  const cases = [
    [{}, 'shown = 1'],
    [{ which: 'candidates' }, 'shown = 0'],
    [{ which: 'all' }, '1'],
    [{ filter: 'status:500' }, 'shown = 1 AND s % 10 = 0'],
    [{ filter: '-status:500' }, 'shown = 1 AND s % 10 <> 0'],
    [{ filter: 'is:candidate status:500' }, 'shown = 0 AND s % 10 = 0'],
    [{ filter: 'id:id77' }, "shown = 1 AND id LIKE 'id77%'"],
  ] as const;
  for (const [query, where] of cases) {
    const expected = plain(where);
    const got: number[] = [];
    for (let after: { at: number; key: string } | undefined; ; ) {
      const page = toEnd(sessionPage(db, { ...query, limit: 170, ...(after === undefined ? {} : { after }) }, 0));
      got.push(...page.map(({ key }) => Number(key.slice(1))));
      const last = page.at(-1)?.key;
      if (last === undefined || page.length < 170) break;
      const at = db
        .prepare('SELECT last_activity FROM session WHERE s = ?')
        .pluck()
        .get(Number(last.slice(1))) as number;
      after = { at, key: last };
    }
    expect(got, where).toEqual(expected);
    expect(toEnd(sessionCount(db, query, 0)), where).toBe(expected.length);
  }
});
