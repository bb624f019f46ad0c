import fs from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { type FileFacts, MAX_RECORD_BYTES } from './disk-files.ts';

/** Files read by another thread, in the order of the names. */
export interface ReadBatch {
  /** Index of the first name. */
  readonly from: number;
  readonly count: number;
  /** Bytes and facts of the n-th file of the batch; undefined where the caller has to look for itself. */
  file(n: number): { readonly bytes: Uint8Array; readonly facts: FileFacts } | undefined;
}

interface Orders {
  readonly root: string;
  readonly names: readonly string[];
  readonly flags: number;
  readonly limit: number;
  readonly batch: number;
  readonly ahead: number;
  /** Counts the batches that were taken. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

interface Sent {
  readonly from: number;
  /** For each file: size (-1: not read), atime, mtime, mode, uid, gid. */
  readonly facts: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const FACTS = 6;
/** Files of one batch, and batches that may wait for being taken. */
const BATCH = 400;
const AHEAD = 12;

/**
 * Reads many small files in a thread of its own, so that this one can decode at the same time and never waits for the
 * disk. Access times stay as they are; what cannot be read so (another's files, links, large files) is left to the caller.
 */
export async function* readAhead(root: string, names: readonly string[]): AsyncGenerator<ReadBatch> {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOATIME = 0, O_NOFOLLOW = 0 } = fs.constants;
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const orders: Orders = {
    root,
    names,
    flags: O_RDONLY | O_NONBLOCK | O_NOATIME | O_NOFOLLOW,
    limit: MAX_RECORD_BYTES,
    batch: BATCH,
    ahead: AHEAD,
    taken,
  };
  // The thread's program is the text of a function, so that it needs no file of its own beside a bundled application.
  const program = `const { parentPort, workerData } = require('node:worker_threads');
    (${readFiles.toString()})(parentPort, workerData, require('node:fs'));`;
  const worker = new Worker(program, { eval: true, workerData: orders, execArgv: [] });
  const ready: Sent[] = [];
  let failure: unknown;
  let wake: () => void = () => {};
  worker.on('message', (sent: Sent) => {
    ready.push(sent);
    wake();
  });
  worker.on('error', (error) => {
    failure = error;
    wake();
  });
  try {
    for (let from = 0; from < names.length; ) {
      const sent = ready.shift();
      if (sent === undefined) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((done) => (wake = done));
        continue;
      }
      Atomics.add(taken, 0, 1);
      Atomics.notify(taken, 0);
      const batch = batchOf(sent);
      from += batch.count;
      yield batch;
    }
  } finally {
    // Also when the caller stops early: the thread may be waiting for a batch to be taken.
    await worker.terminate();
  }
}

function batchOf({ from, facts, bytes: sent }: Sent): ReadBatch {
  const bytes = Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
  let at = 0;
  let next = 0;
  return {
    from,
    count: facts.length / FACTS,
    file(n) {
      if (n !== next++) throw new Error('the files of a batch are taken in order');
      const size = facts[n * FACTS] ?? -1;
      if (size < 0) return undefined;
      const start = at;
      at += size;
      const fact = (k: number) => facts[n * FACTS + k] ?? 0;
      return {
        bytes: bytes.subarray(start, at),
        facts: { size, atimeMs: fact(1), mtimeMs: fact(2), mode: fact(3), uid: fact(4), gid: fact(5) },
      };
    },
  };
}

/** Runs in the thread. Must stand for itself: its text is all that gets there. */
function readFiles(port: MessagePort, orders: Orders, files: typeof fs): void {
  const { root, names, flags, limit, batch, ahead, taken } = orders;
  let bytes = Buffer.from(new ArrayBuffer(1 << 20));
  for (let from = 0, sent = 0; from < names.length; from += batch, sent++) {
    for (let done = Atomics.load(taken, 0); sent - done >= ahead; done = Atomics.load(taken, 0)) {
      Atomics.wait(taken, 0, done);
    }
    const count = Math.min(batch, names.length - from);
    const facts = new Float64Array(count * 6);
    let length = 0;
    for (let n = 0; n < count; n++) {
      let fd = -1;
      let size = -1;
      try {
        fd = files.openSync(`${root}/${names[from + n]}`, flags);
        const stat = files.fstatSync(fd);
        if (stat.isFile() && stat.size <= limit) {
          if (length + stat.size + 1 > bytes.length) {
            const larger = Buffer.from(new ArrayBuffer(Math.max(bytes.length * 2, length + stat.size + 1)));
            bytes.copy(larger, 0, 0, length);
            bytes = larger;
          }
          let got = 0;
          let part = -1;
          while (got < stat.size && part !== 0) {
            part = files.readSync(fd, bytes, length + got, stat.size - got, null);
            got += part;
          }
          // One that changes while it is read is left to the caller.
          if (got === stat.size) {
            size = got;
            facts.set([size, stat.atimeMs, stat.mtimeMs, stat.mode, stat.uid, stat.gid], n * 6);
            length += size;
          }
        }
      } catch {
        size = -1;
      }
      if (fd >= 0) files.closeSync(fd);
      if (size < 0) facts[n * 6] = -1;
    }
    const exact = new Uint8Array(length);
    exact.set(bytes.subarray(0, length));
    port.postMessage({ from, facts, bytes: exact }, [facts.buffer, exact.buffer]);
  }
}
