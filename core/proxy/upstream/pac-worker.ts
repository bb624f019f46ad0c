import { parentPort, workerData } from 'node:worker_threads';
import { createPacResolver } from 'pac-resolver';
import { QuickJS } from 'quickjs-wasi';
import type { PacAnswer, PacQuestion, PacWorkerData } from './pac-messages.ts';

/* Entry of the thread of one PAC script: one answer for each question; what the script throws is an answer too. */

const MEMORY_LIMIT = 32 << 20;
const LONGEST_ANSWER = 4_096;
const { script, wasm, timeLimit } = workerData as PacWorkerData;

const say = (message: PacAnswer): void => parentPort?.postMessage(message);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);
type Find = (url: string, host: string) => Promise<string>;

let deadline = 0;
/** Made again after a failure: an engine that ran out of memory or time may be left half done. */
let find: Promise<Find> | undefined;

async function make(): Promise<Find> {
  deadline = performance.now() + timeLimit;
  const engine = await QuickJS.create({
    memoryLimit: MEMORY_LIMIT,
    interruptHandler: () => performance.now() > deadline,
    ...(wasm === undefined ? {} : { wasm }),
  });
  deadline = performance.now() + timeLimit;
  return createPacResolver(engine, script, { sandbox: { alert: () => undefined } });
}

async function answer({ id, url, host }: PacQuestion): Promise<void> {
  say({ kind: 'begun', id });
  if (id === 0) return;
  try {
    const ask = await (find ??= make());
    deadline = performance.now() + timeLimit;
    say({ kind: 'answer', id, answer: String(await ask(url, host)).slice(0, LONGEST_ANSWER) });
  } catch (error) {
    find = undefined;
    say({ kind: 'failed', id, why: textOf(error) });
  }
}

parentPort?.on('message', (question: PacQuestion) => void answer(question));
find = make();
find.then(
  () => say({ kind: 'ready' }),
  (error: unknown) => say({ kind: 'unusable', why: textOf(error) }),
);
