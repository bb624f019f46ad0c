import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLog } from '../../../../core/stores/sql/dialects/sqlite/wal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Step = {
  readonly do: 'insert' | 'delete' | 'begin' | 'commit' | 'rollback' | 'checkpoint' | 'restart';
  n: number;
};

function carryOut(db: Database.Database, { do: what, n }: Step): void {
  if (what === 'insert') db.prepare('insert into t values (?, ?)').run(n, 'x'.repeat(n * 37));
  else if (what === 'delete') db.prepare('delete from t where a % 7 = ?').run(n % 7);
  else if (what === 'begin') db.inTransaction || db.exec('begin');
  else if (what === 'commit') db.inTransaction && db.exec('commit');
  else if (what === 'rollback') db.inTransaction && db.exec('rollback');
  else if (!db.inTransaction) db.pragma(`wal_checkpoint(${what === 'restart' ? 'RESTART' : 'PASSIVE'})`);
}

describe('an image with the log applied', () => {
  it('is what another connection to SQLite sees, whatever was written, and no file appears', () => {
    const step = fc.record({
      do: fc.constantFrom(
        'insert',
        'insert',
        'insert',
        'delete',
        'begin',
        'commit',
        'rollback',
        'checkpoint',
        'restart',
      ),
      n: fc.nat(150),
    }) as fc.Arbitrary<Step>;
    let count = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(512, 1024, 4096, 65_536), (steps, pageSize) => {
        const file = path.join(folder, `${count++}.db`);
        const db = new Database(file);
        db.pragma(`page_size = ${pageSize}`);
        db.pragma('journal_mode = wal');
        db.exec('create table t (a, b)');
        for (const one of steps) carryOut(db, one);
        const names = readdirSync(folder);
        const image = withLog(readFileSync(file), readFileSync(`${file}-wal`));
        const copy = new Database(image, { readonly: true });
        const other = new Database(file);
        const all = 'select a, length(b) from t order by rowid';
        expect(copy.prepare(all).raw().all()).toEqual(other.prepare(all).raw().all());
        expect(copy.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
        expect(readdirSync(folder)).toEqual(names);
        for (const one of [copy, other, db]) one.close();
      }),
      { numRuns: 60 },
    );
  });

  it('ends at the last whole commit of a damaged or cut log', () => {
    const file = path.join(folder, 'a.db');
    const db = new Database(file);
    db.pragma('journal_mode = wal');
    db.pragma('wal_autocheckpoint = 0');
    db.exec('create table t (a)');
    for (let n = 0; n < 20; n++) db.prepare('insert into t values (?)').run(n);
    const [database, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
    db.close();
    fc.assert(
      fc.property(fc.nat(log.length), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = Buffer.from(cut ? log.subarray(0, at) : log);
        if (!cut && at < damaged.length) damaged[at] = byte;
        const copy = new Database(withLog(database, damaged), { readonly: true });
        const tables = copy.prepare('select count(*) from sqlite_master').pluck().get();
        if (tables === 1) expect(copy.prepare('select count(*) from t').pluck().get()).toBeLessThanOrEqual(20);
        copy.close();
      }),
      { numRuns: 300 },
    );
  });
});
