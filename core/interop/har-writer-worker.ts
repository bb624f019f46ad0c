import { parentPort, workerData } from 'node:worker_threads';
import type { Flow } from '../model/flow.ts';
import { problem, toProblem } from '../model/problem.ts';
import type { FlowToWrite, FromHarWriter, HarWriterData, ToHarWriter } from './har-messages.ts';
import { harText } from './write-har.ts';

/** Entry of the thread that writes HARs: it masks and encodes, which takes long for large bodies. */
const { version, withSecrets } = workerData as HarWriterData;

const waiting: ToHarWriter[] = [];
let wake: (() => void) | undefined;
let current: FlowToWrite | undefined;
let text = '';
let notes: readonly string[] = [];

const answer = (message: FromHarWriter) => parentPort?.postMessage(message);

async function next(): Promise<ToHarWriter> {
  for (;;) {
    const message = waiting.shift();
    if (message !== undefined) return message;
    await new Promise<void>((done) => {
      wake = done;
    });
  }
}

/** The flows as they come; what was written of those of one message is the answer to it. */
async function* flows(): AsyncGenerator<Flow> {
  for (let message = await next(); message.what === 'flows'; message = await next()) {
    for (const one of message.flows) {
      current = one;
      yield one.flow;
    }
    answer({ text });
    text = '';
  }
}

async function write(): Promise<void> {
  const pieces = harText(flows(), {
    version,
    withSecrets,
    readBody: async (ref) => {
      const found = current?.bodies.find(([name]) => name === ref);
      if (found === undefined) throw problem('body-gone', 'The body is not kept');
      return found[1];
    },
    readFrames: async () => {
      if (current?.frames === undefined) throw problem('body-gone', 'The frames are not kept');
      return current.frames;
    },
    onNotes: (all) => {
      notes = all;
    },
  });
  for await (const piece of pieces) text += piece;
  answer({ text, notes });
}

parentPort?.on('message', (message: ToHarWriter) => {
  waiting.push(message);
  wake?.();
});
write().catch((error: unknown) => answer({ problem: toProblem(error) }));
