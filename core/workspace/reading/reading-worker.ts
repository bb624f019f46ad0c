import { parentPort, workerData } from 'node:worker_threads';
import { toProblem } from '../../model/problem.ts';
import { loadSqlite } from '../sqlite.ts';
import { KeptCounts } from './kept-counts.ts';
import { readSteps } from './read-steps.ts';
import type { FromReader, Read, ReaderData, ToReader } from './reader-messages.ts';

/**
 * Entry of the reading thread: a read-only connection of its own to the workspace. One read at a time, in slices; between
 * two of them messages are taken, so that a read that nobody wants any more ends soon.
 */
const { file, nativeBinding } = workerData as ReaderData;
const waiting: Read[] = [];
const cancelled = new Set<number>();
let counts: KeptCounts | undefined;
let busy = false;

const turn = () => new Promise<void>((done) => setImmediate(done));
const answer = (message: FromReader) => parentPort?.postMessage(message);

const opened = loadSqlite(nativeBinding).then((open) => {
  const db = open(file, { readonly: true, timeout: 2_000 });
  db.pragma('cache_size = -16000');
  db.pragma('temp_store = MEMORY');
  counts = new KeptCounts(db);
  return { db, counts };
});

async function carryOut(read: Read): Promise<void> {
  try {
    const { db, counts: kept } = await opened;
    const steps = readSteps(db, kept, read);
    for (;;) {
      if (cancelled.has(read.id)) return;
      const step = steps.next();
      if (step.done === true) {
        answer({ id: read.id, answer: step.value });
        if ('about' in step.value) await countOn(kept, read as Read<'flows'>);
        return;
      }
      await turn();
    }
  } catch (error) {
    answer({ id: read.id, problem: toProblem(error) });
  } finally {
    cancelled.delete(read.id);
  }
}

/** Counts to the end what is kept, as long as nobody asks for anything. */
async function countOn(kept: KeptCounts, { query, now }: Read<'flows'>): Promise<void> {
  if (!kept.keeps(query)) return;
  const counting = kept.count(query, now);
  while (waiting.length === 0 && counting.next().done !== true) await turn();
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) await carryOut(read);
  busy = false;
}

parentPort?.on('message', (message: ToReader) => {
  switch (message.what) {
    case 'read':
      waiting.push(message);
      void work();
      break;
    case 'cancel': {
      const at = waiting.findIndex(({ id }) => id === message.id);
      if (at >= 0) waiting.splice(at, 1);
      else if (busy) cancelled.add(message.id);
      break;
    }
    case 'removed':
      counts?.forget();
      break;
  }
});
