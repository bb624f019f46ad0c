import { type Problem, toProblem } from '../model/problem.ts';
import { BlobWriter } from './blob-writer.ts';
import { diskRefuses, refusalOf } from './disk-refuses.ts';
import { FlowWriter } from './flow-writer.ts';
import { type Removed, Retention, type RetentionLimits } from './retention.ts';
import type { Database, Statement } from './sqlite.ts';
import type { Write } from './writes.ts';

/** What became of a batch. */
export interface Outcome {
  /** The disk refused all of it: nothing was written, and it is worth trying again. */
  readonly refused?: Problem;
  /** Writes that can never be carried out; the others of the batch were. */
  readonly failed: readonly Problem[];
}

const DONE: Outcome = { failed: [] };

/** Carries writes out on one connection: each batch in one transaction. The only code that changes the workspace. */
export class Writer {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #blobs: BlobWriter;
  readonly #flows: FlowWriter;
  readonly #retention: Retention;
  readonly #transaction: (writes: readonly Write[]) => void;

  constructor(db: Database, limits: RetentionLimits) {
    this.#db = db;
    const prepare = (sql: string): Statement => this.#prepare(sql);
    this.#blobs = new BlobWriter(prepare);
    this.#flows = new FlowWriter(prepare, this.#blobs);
    this.#retention = new Retention(db, limits);
    const transaction = db.transaction((writes: readonly Write[]) => {
      for (const write of writes) this.#write(write);
      this.#blobs.settle();
    });
    this.#transaction = (writes) => transaction.immediate(writes);
  }

  /** @param durable the batch outlives the power, not only the process, when this returns */
  carryOut(writes: readonly Write[], durable = false): Outcome {
    if (durable) this.#db.pragma('synchronous = FULL');
    try {
      return this.#batch(writes);
    } finally {
      if (durable) this.#db.pragma('synchronous = NORMAL');
    }
  }

  #batch(writes: readonly Write[]): Outcome {
    try {
      this.#attempt(writes);
      const failed = this.#flows.takeFailures();
      return failed.length === 0 ? DONE : { failed };
    } catch (error) {
      if (diskRefuses(error)) return { refused: refusalOf(error), failed: [] };
    }
    // One write that cannot be carried out must not take the others of its batch with it.
    const failed: Problem[] = [];
    for (const write of writes) {
      try {
        this.#attempt([write]);
        failed.push(...this.#flows.takeFailures());
      } catch (error) {
        // The ones before are written; doing them again changes nothing.
        if (diskRefuses(error)) return { refused: refusalOf(error), failed };
        failed.push(toProblem(error));
      }
    }
    return { failed };
  }

  #attempt(writes: readonly Write[]): void {
    try {
      this.#transaction(writes);
    } catch (error) {
      // What was rolled back may have been remembered.
      this.forget();
      throw error;
    }
  }

  /** One slice of the retention's work; undefined when there is none to do. */
  tidy(now: number): Removed | undefined {
    const removed = this.#retention.step(now);
    if (removed !== undefined) this.forget();
    return removed;
  }

  /** Forgets numbers of rows that may be gone. */
  forget(): void {
    this.#flows.forget();
    this.#blobs.forget();
  }

  #write(write: Write): void {
    switch (write[0]) {
      case 'flows':
        this.#flows.put(write[1]);
        break;
      case 'bodies':
        this.#blobs.putBodies(write[1]);
        break;
      case 'no-body':
        this.#blobs.removeBody(write[1]);
        break;
      case 'snapshot':
        this.#blobs.putSnapshot(write[1]);
        break;
      case 'session':
        this.#prepare('INSERT OR REPLACE INTO session VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)').run(...write[1]);
        break;
      case 'data':
        this.#data(write[1], write[2]);
        break;
      case 'timeline':
        this.#prepare('INSERT OR REPLACE INTO timeline VALUES (?,?,?,?,?,?)').run(...write.slice(1));
        break;
      case 'edit':
        this.#prepare(
          `INSERT INTO edit (id, at, session_key, store_id, record_id, phase, entry) VALUES (?,?,?,?,?,?,?)
           ON CONFLICT (id) DO UPDATE SET phase = excluded.phase, entry = excluded.entry, session_key = excluded.session_key`,
        ).run(...write[1]);
        break;
      case 'setting':
        if (write[2] === null) this.#prepare('DELETE FROM setting WHERE key = ?').run(write[1]);
        else this.#prepare('INSERT OR REPLACE INTO setting VALUES (?, ?)').run(write[1], write[2]);
        break;
      case 'overrule':
        if (write[4] !== null) this.#prepare('INSERT OR REPLACE INTO overrule VALUES (?,?,?,?)').run(...write.slice(1));
        else {
          this.#prepare('DELETE FROM overrule WHERE host = ? AND carrier = ? AND name = ?').run(...write.slice(1, 4));
        }
        break;
      case 'carrier':
        this.#prepare('INSERT OR REPLACE INTO carrier VALUES (?, ?, ?, ?, ?)').run(...write.slice(1));
        break;
      case 'rule':
        if (write[2] === null) this.#prepare('DELETE FROM rule WHERE id = ?').run(write[1]);
        else {
          this.#prepare(
            `INSERT INTO rule VALUES (?, (SELECT ifnull(max(seq), 0) + 1 FROM rule), ?)
             ON CONFLICT (id) DO UPDATE SET rule = excluded.rule`,
          ).run(write[1], write[2]);
        }
        break;
      default:
        write satisfies never;
    }
  }

  #data(s: number, pathsAndValues: readonly string[]): void {
    this.#prepare('DELETE FROM session_data WHERE s = ?').run(s);
    const insert = this.#prepare('INSERT OR REPLACE INTO session_data VALUES (?,?,?)');
    for (let i = 0; i + 1 < pathsAndValues.length; i += 2) insert.run(s, pathsAndValues[i], pathsAndValues[i + 1]);
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
