import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BodyStore } from '../capture/body-store.ts';
import type { FlowToWrite, FromHarWriter, HarWriterData, ToHarWriter } from '../interop/har-messages.ts';
import type { Flow } from '../model/flow.ts';
import { type ProblemError, problem } from '../model/problem.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { RecordedTraffic } from './recorded-traffic.ts';
import { WorkerCalls } from './worker-calls.ts';

export interface HarExportPorts {
  readonly workspace: Pick<Workspace, 'flows' | 'lists'>;
  readonly bodies: Pick<BodyStore, 'read'>;
  readonly traffic: Pick<RecordedTraffic, 'frames'>;
  /** Of this program: a HAR names its creator. */
  readonly version: string;
  /** Entry of the thread; the bundled application passes its own file. */
  readonly workerUrl: URL | string | undefined;
}

export interface HarQuery {
  readonly ids?: readonly string[];
  readonly filter?: string;
  readonly secrets?: boolean;
}

export interface HarWatch {
  readonly signal: AbortSignal;
  /** Flows that are written, and that there are. */
  readonly report: (done: number, total: number) => void;
}

/** Flows whose ids are read at once; what goes to the thread at once; how long (ms) is read in one go. */
const PAGE = 5_000;
const FLOWS_AT_ONCE = 200;
const BYTES_AT_ONCE = 4_000_000;
const TURN_MS = 5;

/**
 * The chosen flows as HAR 1.2, oldest first, in pieces of some megabytes. They are chosen by the reading thread and written by
 * one of their own; here their bytes are only fetched, some milliseconds at a time.
 * @returns how many flows there were, and what was masked or left out
 * @throws ProblemError `filter`, `cancelled`
 */
export async function* harPieces(
  ports: HarExportPorts,
  { ids, filter, secrets = false }: HarQuery,
  { signal, report }: HarWatch,
): AsyncGenerator<string, { readonly count: number; readonly notes: readonly string[] }> {
  const chosen = ids ?? (await everyId(ports, filter, signal));
  const data: HarWriterData = { version: ports.version, withSecrets: secrets };
  const url = ports.workerUrl ?? new URL('../interop/har-writer-worker.ts', import.meta.url);
  const writer = new WorkerCalls<ToHarWriter, FromHarWriter>(url, { data, signal, cancelled });
  try {
    let count = 0;
    let [batch, bytes, seen] = [[] as FlowToWrite[], 0, 0];
    let until = performance.now() + TURN_MS;
    for (const id of chosen) {
      if (signal.aborted) throw cancelled();
      const flow = ports.workspace.flows.get(id);
      seen += 1;
      if (flow !== undefined) {
        const one = await toWrite(ports, flow);
        batch.push(one);
        bytes += one.bodies.reduce((sum, [, { length }]) => sum + length, 0);
        count += 1;
      }
      if (batch.length >= FLOWS_AT_ONCE || bytes >= BYTES_AT_ONCE) {
        yield (await writer.call({ what: 'flows', flows: batch })).text;
        report(seen, chosen.length);
        [batch, bytes] = [[], 0];
        until = performance.now() + TURN_MS;
      } else if (performance.now() > until) {
        await nextTurn();
        until = performance.now() + TURN_MS;
      }
    }
    if (batch.length > 0) yield (await writer.call({ what: 'flows', flows: batch })).text;
    const { text, notes = [] } = await writer.call({ what: 'end' });
    yield text;
    return { count, notes };
  } finally {
    await writer.close();
  }
}

/** All that the filter lets through, page by page: none is left out without a word. */
async function everyId(
  { workspace }: HarExportPorts,
  filter: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = [];
  for (let before: string | undefined; ; ) {
    if (signal.aborted) throw cancelled();
    const { flows } = await workspace.lists.read('flows', {
      limit: PAGE,
      ...(filter === undefined ? {} : { filter }),
      ...(before === undefined ? {} : { before }),
    });
    for (const { id } of flows) found.push(id);
    before = flows.at(-1)?.id;
    if (flows.length < PAGE || before === undefined) return found.reverse();
  }
}

async function toWrite({ bodies, traffic }: HarExportPorts, flow: Flow): Promise<FlowToWrite> {
  const kept: [ref: string, bytes: Uint8Array][] = [];
  for (const ref of [flow.request.body.ref, flow.response?.body.ref]) {
    const bytes = ref === undefined ? undefined : await bodies.read(ref).catch(() => undefined);
    if (ref !== undefined && bytes !== undefined) kept.push([ref, bytes]);
  }
  if (flow.kind !== 'websocket') return { flow, bodies: kept };
  const frames = await traffic.frames.read(flow, { whole: true }).catch(() => undefined);
  return { flow, bodies: kept, ...(frames === undefined ? {} : { frames }) };
}

function cancelled(): ProblemError {
  return problem('cancelled', 'Saving as HAR was cancelled; nothing was saved');
}
