/**
 * Measures the debugger on a table of SQLite with 1,000,000 sessions: `node scripts/large-tables.ts [ROWS]`. Prints the
 * time of the first page, of a filter and of counting, and the longest time for which this thread did nothing else.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { openRecordStore } from '../core/frameworks/stores.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'large-'));
const file = path.join(folder, 'app.db');
const db = new Database(file);
db.exec('create table sessions (session_id char(128) unique not null, atime timestamp not null, data text)');
const insert = db.prepare('insert into sessions values (?, ?, ?)');
db.transaction(() => {
  for (let n = 0; n < rows; n++) {
    const at = new Date(1_700_000_000_000 + ((n * 7919) % rows) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    insert.run(n.toString(16).padStart(40, '0'), at, 'gAN9cQAu'.repeat(30));
  }
})();
db.close();

/** Runs the work while a timer measures how long other work had to wait. */
async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 5);
    last = now;
  }, 5);
  const began = performance.now();
  await work();
  const took = performance.now() - began;
  longest = Math.max(longest, performance.now() - last - 5);
  clearInterval(timer);
  console.log(
    `${what.padEnd(28)} ${took.toFixed(0).padStart(6)} ms, longest stall ${Math.max(0, longest).toFixed(0)} ms`,
  );
}

const store = await openRecordStore(`sqlite:${file}?table=sessions`);
await measured('first page', async () => store.page?.({ offset: 0, limit: 100 }));
await measured('first page again', async () => store.page?.({ offset: 0, limit: 100 }));
await measured('filter "fff"', async () => store.page?.({ filter: 'fff', offset: 0, limit: 100 }));
await measured('count', async () => store.count?.());
await measured('one record', async () => store.read('f4240'.padStart(40, '0')));
const cpu = process.cpuUsage();
const stop = store.watch(() => {});
await new Promise((resolve) => setTimeout(resolve, 10_000));
const used = process.cpuUsage(cpu);
stop();
console.log(
  `watching, 10 s                ${((used.user + used.system) / 1000).toFixed(0).padStart(6)} ms of processor time`,
);
await store.close();
fs.rmSync(folder, { recursive: true, force: true });
