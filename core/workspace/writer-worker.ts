import { workerData } from 'node:worker_threads';
import { toProblem } from '../model/problem.ts';
import { loadSqlite } from './sqlite.ts';
import { Writer } from './writer.ts';
import type { Answer, Ask, WriterData } from './writer-messages.ts';

/** Entry of the writing thread: a connection of its own to the workspace, one answer for each message, in order. */
const { file, nativeBinding, limits, port, answered } = workerData as WriterData;

function answer(message: Answer): void {
  port.postMessage(message);
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
}

async function start(): Promise<void> {
  const open = await loadSqlite(nativeBinding);
  const db = open(file, { timeout: 2_000 });
  db.pragma('synchronous = NORMAL');
  db.pragma('secure_delete = FAST');
  db.pragma('cache_size = -8000');
  db.pragma('temp_store = MEMORY');
  db.pragma('journal_size_limit = 67108864');
  // Nobody waits for this thread, so the log may grow to the usual 4 MB before it is moved to the file.
  db.pragma('wal_autocheckpoint = 1000');
  const writer = new Writer(db, limits);
  port.on('message', (ask: Ask) => {
    try {
      switch (ask.kind) {
        case 'write':
          answer({ kind: 'written', outcome: writer.carryOut(ask.writes, ask.durable) });
          break;
        case 'tidy':
          answer({ kind: 'tidied', removed: writer.tidy(ask.now) });
          break;
        case 'close':
          db.close();
          answer({ kind: 'closed' });
          port.close();
          break;
        default:
          ask satisfies never;
      }
    } catch (error) {
      answer({ kind: 'broken', problem: toProblem(error) });
    }
  });
}

start().catch((error: unknown) => answer({ kind: 'broken', problem: toProblem(error) }));
