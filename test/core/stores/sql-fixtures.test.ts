import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../../core/codec/codec.ts';
import { abbreviate } from '../../../core/codec/typed.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { openSessionStore } from '../../../core/frameworks/webpy/stores/open-session-store.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import { PythonError } from '../../../core/python/python-error.ts';
import { driverFor } from '../../../core/stores/sql/dialects/driver-for.ts';
import { parseStoreUrl } from '../../../core/stores/url.ts';
import { comparable } from '../../contract/comparable.ts';
import { tempFolder } from '../../contract/places.ts';
import { all } from '../../contract/record-store.ts';
import { needs } from '../../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../../support/servers.ts';

/** The rows that a real web.py put into real databases, and what its cleanup leaves of them. */

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/webpy');

interface Row {
  readonly name: string;
  readonly session_id: string;
  readonly age_seconds: number;
  readonly atime_text: string;
  readonly data: unknown;
}
interface Table {
  readonly table: string;
  readonly now_local: string;
  readonly cleanup_leaves: Readonly<Record<string, readonly string[]>>;
  readonly rows: readonly Row[];
}
interface OddRow {
  readonly session_id: string;
  readonly note: string;
  readonly row_error?: string;
  readonly data?: unknown;
  readonly data_error?: string;
}

function expected<T>(database: string): { tables: readonly T[] } {
  return JSON.parse(fs.readFileSync(path.join(FIXTURES, database, 'expected.json'), 'utf8')) as { tables: T[] };
}

/** The fixture's wall-clock "now" in this process's zone, as `datetime.now()` of a web.py here would give it. */
function localNow(text: string): number {
  const [day = '', time = ''] = text.split(' ');
  return new Date(`${day}T${time.slice(0, 12)}`).getTime();
}

let rowsChecked = 0;
let cleanupsChecked = 0;
afterAll(() => {
  console.log(`SQL fixtures: ${rowsChecked} rows read, ${cleanupsChecked} cleanups as web.py's`);
});

async function checkRows(url: string, table: Table): Promise<void> {
  const store = await openRecordStore(url);
  try {
    const scanned = await all((store as Required<RecordStore>).scan());
    expect(scanned.map(({ record }) => record?.id).sort()).toEqual(table.rows.map((row) => row.session_id).sort());
    const now = localNow(table.now_local);
    for (const row of table.rows) {
      const record = await store.read(row.session_id);
      expect(record, row.name).toBeDefined();
      if (record === undefined) continue;
      expect(record.lastUsedText?.replace(/[+-]\d\d$/, ''), row.name).toBe(row.atime_text.replace(/[+-]\d\d$/, ''));
      // MariaDB's timestamp has no fraction: it looks up to a second older.
      const age = (now - (record.lastUsed ?? 0)) / 1000;
      expect(age - row.age_seconds).toBeGreaterThanOrEqual(-1e-5);
      expect(age - row.age_seconds).toBeLessThan(url.startsWith('mysql') ? 1 : 1e-5);
      const decoded = decode(record.bytes, { as: ['base64', 'pickle'] });
      expect(comparable(abbreviate(decoded.value as never)), row.name).toEqual(comparable(row.data));
      rowsChecked++;
    }
  } finally {
    await store.close();
  }
}

/** Runs our cleanup on a copy of the table, as the fixture was made. */
async function checkCleanups(url: string, table: Table): Promise<void> {
  const address = parseStoreUrl(url);
  if (!('table' in address)) throw new Error('no table');
  const driver = driverFor(address, 'use');
  for (const [timeout, leaves] of Object.entries(table.cleanup_leaves)) {
    await driver.run(`create table cleanup_copy as select * from ${table.table}`, [], { write: true });
    const store = await openSessionStore(url.replace(`table=${table.table}`, 'table=cleanup_copy'), {
      clock: () => localNow(table.now_local),
    });
    await store.cleanup(Number(timeout));
    await store.close?.();
    const { rows } = await driver.run('select session_id from cleanup_copy');
    expect(rows.map(([id]) => String(id).trim()).sort(), `timeout ${timeout}`).toEqual(leaves);
    await driver.run('drop table cleanup_copy', [], { write: true });
    cleanupsChecked++;
  }
  await driver.close();
}

describe('fixtures in SQLite', () => {
  const folder = tempFolder();
  const file = path.join(folder, 'sessions.db');
  fs.copyFileSync(path.join(FIXTURES, 'sqlite/sessions.db'), file);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const { tables } = expected<Table>('sqlite');

  for (const table of tables.filter((one) => one.cleanup_leaves !== undefined)) {
    const url = `sqlite:${file}?table=${table.table}`;
    it(`reads every row of ${table.table}`, () => checkRows(url, table));
    it(`cleans up ${table.table} as web.py`, () => checkCleanups(url, table));
  }

  const odd = tables.find((one) => one.table === 'sessions_odd') as unknown as { rows: readonly OddRow[] };
  for (const row of odd.rows) {
    it(`odd row: ${row.note}`, async () => {
      const url = `sqlite:${file}?table=sessions_odd`;
      const records = await openRecordStore(url);
      const record = await records.read(row.session_id);
      const line = (await all(records.list())).find(({ id }) => id === row.session_id);
      await records.close();
      expect(record?.id).toBe(row.session_id);
      expect(line?.problem?.kind).toBe(
        row.row_error !== undefined ? 'bad-atime' : row.note === 'NULL data' ? 'no-data' : undefined,
      );
      const store = await openSessionStore(url, { clock: () => 0 });
      const outcome = await store.load(row.session_id).then(
        () => undefined,
        (error: unknown) => error,
      );
      await store.close?.();
      if (row.row_error !== undefined) expect(String(outcome)).toBe(row.row_error);
      else if (row.data_error === undefined) {
        expect(outcome).toBeUndefined();
        expect(decode((record as { bytes: Uint8Array }).bytes, { as: ['base64', 'pickle'] }).value).toEqual(row.data);
      } else {
        expect(outcome).toBeInstanceOf(PythonError);
        expect(String(outcome)).toContain(row.data_error.replace(/^Error: /, ''));
      }
      rowsChecked++;
    });
  }
});

needs('postgres')('fixtures in PostgreSQL', () => {
  let server: TestServer;
  const { tables } = expected<Table>('postgres');
  beforeAll(async () => {
    server = await startPostgres({ timezone: 'America/New_York' });
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    // As the fixture: written by a session in UTC, read in the database's own zone.
    await client.query("set timezone to 'UTC'");
    await client.query(fs.readFileSync(path.join(FIXTURES, 'postgres/sessions.sql'), 'utf8'));
    await client.end();
  });
  afterAll(() => server?.stop());
  for (const table of tables) {
    it(`reads every row of ${table.table}`, () => checkRows(`${server.url}?table=${table.table}`, table));
    it(`cleans up ${table.table} as web.py`, () => checkCleanups(`${server.url}?table=${table.table}`, table));
  }
});

needs('mariadb')('fixtures in MariaDB', () => {
  let server: TestServer;
  const { tables } = expected<Table>('mysql');
  beforeAll(async () => {
    server = await startMariadb({ timezone: '+08:00' });
    const connection = await mysql.createConnection({ uri: server.url, multipleStatements: true });
    await connection.query(fs.readFileSync(path.join(FIXTURES, 'mysql/sessions.sql'), 'utf8'));
    await connection.end();
  });
  afterAll(() => server?.stop());
  for (const table of tables) {
    it(`reads every row of ${table.table}`, () => checkRows(`${server.url}?table=${table.table}`, table));
    it(`cleans up ${table.table} as web.py`, () => checkCleanups(`${server.url}?table=${table.table}`, table));
  }
});

describe('the fixture of SQLite in other zones', () => {
  // The zone is fixed when a process starts. None of these changes its clocks in the days of the fixture.
  for (const zone of ['Asia/Shanghai', 'Asia/Kathmandu', 'Pacific/Chatham']) {
    it(`TZ=${zone}: rows and cleanups are the same`, () => {
      const script = `
        import fs from 'node:fs';
        const { openSessionStore } = await import(process.argv[1] + '/core/frameworks/webpy/stores/open-session-store.ts');
        const { openRecordStore } = await import(process.argv[1] + '/core/frameworks/stores.ts');
        const fixture = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')).tables[0];
        const now = new Date('2024-03-10T15:04:05.250').getTime();
        fs.copyFileSync(process.argv[3], process.argv[4]);
        const store = await openSessionStore('sqlite:' + process.argv[4], { clock: () => now });
        await store.cleanup(86400);
        await store.close();
        const records = await openRecordStore('sqlite:' + process.argv[4]);
        const left = [];
        for await (const line of records.list()) left.push(line.id + ' ' + (now - line.lastUsed) / 1000);
        console.log(JSON.stringify(left.sort()));
        process.exit(0);`;
      const root = path.resolve(import.meta.dirname, '../../..');
      const folder = tempFolder();
      const output = execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          script,
          root,
          path.join(FIXTURES, 'sqlite/expected.json'),
          path.join(FIXTURES, 'sqlite/sessions.db'),
          path.join(folder, 'copy.db'),
        ],
        { env: { ...process.env, TZ: zone }, encoding: 'utf8' },
      );
      fs.rmSync(folder, { recursive: true, force: true });
      const table = expected<Table>('sqlite').tables[0] as Table;
      const leaves = table.cleanup_leaves['86400'] ?? [];
      const ages = new Map(table.rows.map((row) => [row.session_id, row.age_seconds]));
      const left = (JSON.parse(output) as string[]).map((line) => line.split(' '));
      expect(left.map(([id]) => id)).toEqual(leaves);
      for (const [id, age] of left) expect(Number(age)).toBeCloseTo(ages.get(id ?? '') ?? Number.NaN, 4);
    });
  }
});
