import { parentPort, workerData } from 'node:worker_threads';
import type { Flow } from '../model/flow.ts';
import { toProblem } from '../model/problem.ts';
import type { FromHarWorker, HarWorkerData, ToHarWorker } from './har-messages.ts';
import { HarReader } from './read-har.ts';

/** Entry of the thread that reads HARs: parses them, puts bodies into their coding, and brings flows into order. */
const { prefix, name, now } = workerData as HarWorkerData;

/**
 * So many flows are held back to be sorted by their time: programs write entries in the order in which they were answered,
 * sessions are understood in the order in which they were sent.
 */
const SORTED = 2_000;
/** Bytes of bodies that are held back with them. */
const HELD_BYTES = 32_000_000;

let number = 0;
/** Bodies by the numbers that the flows held here name. */
const bodies = new Map<string, Uint8Array>();
let bodyNumber = 0;
const held: Flow[] = [];

const reader = new HarReader({
  nextId: () => `${prefix}-${++number}`,
  name,
  now,
  bodies: {
    open: () => {
      const chunks: Uint8Array[] = [];
      return {
        append: (chunk) => void chunks.push(chunk),
        close: () => {
          const bytes = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
          if (bytes.length === 0) return { size: 0, kept: 0 };
          const ref = String(bodyNumber++);
          bodies.set(ref, bytes);
          return { size: bytes.length, kept: bytes.length, ref };
        },
      };
    },
  },
});

function carryOut(message: ToHarWorker): void {
  let notes: readonly string[] | undefined;
  if (message.what === 'text') held.push(...reader.take(message.text));
  else notes = reader.end();
  held.sort((a, b) => a.startedAt - b.startedAt);
  send(held.splice(0, notes === undefined ? due() : held.length), notes);
}

/** How many of the flows that are held are too many. */
function due(): number {
  let bytes = [...bodies.values()].reduce((sum, body) => sum + body.length, 0);
  let count = Math.max(0, held.length - SORTED);
  for (const flow of held.slice(0, count)) bytes -= bytesOf(flow);
  for (; bytes > HELD_BYTES && count < held.length; count += 1) bytes -= bytesOf(held[count] as Flow);
  return count;
}

function bytesOf({ request, response, frames }: Flow): number {
  return [request.body, response?.body, frames].reduce((sum, info) => {
    const body = info?.ref === undefined ? undefined : bodies.get(info.ref);
    return sum + (body?.length ?? 0);
  }, 0);
}

function send(flows: readonly Flow[], notes: readonly string[] | undefined): void {
  const sent: Uint8Array[] = [];
  const moved = (ref: string | undefined): string | undefined => {
    const bytes = ref === undefined ? undefined : bodies.get(ref);
    if (ref === undefined || bytes === undefined) return undefined;
    bodies.delete(ref);
    // Small ones share memory of Node's own, which must not be given away.
    sent.push(bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes));
    return String(sent.length - 1);
  };
  const named = flows.map((flow) => renamed(flow, moved));
  const message: FromHarWorker = { flows: named, bodies: sent, ...(notes === undefined ? {} : { notes }) };
  parentPort?.postMessage(
    message,
    sent.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

/** The flow with its bodies named anew. */
function renamed(flow: Flow, name: (ref: string | undefined) => string | undefined): Flow {
  const part = <P extends { readonly ref?: string }>(info: P): P => {
    const { ref, ...rest } = info;
    const given = name(ref);
    return (given === undefined ? rest : { ...rest, ref: given }) as P;
  };
  const { request, response, frames } = flow;
  return {
    ...flow,
    request: { ...request, body: part(request.body) },
    ...(response === undefined ? {} : { response: { ...response, body: part(response.body) } }),
    ...(frames === undefined ? {} : { frames: part(frames) }),
  };
}

parentPort?.on('message', (message: ToHarWorker) => {
  try {
    carryOut(message);
  } catch (error) {
    parentPort?.postMessage({ problem: toProblem(error) } satisfies FromHarWorker);
  }
});
