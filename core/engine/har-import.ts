import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BodyStore } from '../capture/body-store.ts';
import { sightingsOf } from '../capture/flow-sightings.ts';
import type { FromHarWorker, HarWorkerData, ToHarWorker } from '../interop/har-messages.ts';
import type { BodyInfo, Flow } from '../model/flow.ts';
import { type ProblemError, problem } from '../model/problem.ts';
import { MASK } from '../secrets/mask.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { RecordedTraffic } from './recorded-traffic.ts';
import { WorkerCalls } from './worker-calls.ts';

export interface HarImportOptions extends HarWorkerData {
  readonly workspace: Pick<Workspace, 'whenSaved'>;
  readonly bodies: BodyStore;
  readonly traffic: Pick<RecordedTraffic, 'add'>;
  /** Entry of the thread; the bundled application passes its own file. */
  readonly workerUrl: URL | string | undefined;
  /** Ends the import; flows that were added up to then stay. */
  readonly signal: AbortSignal;
}

type Parsed = Exclude<FromHarWorker, { readonly problem: unknown }>;

/** So long (ms) flows are added in one go beside the traffic, and so many before they are saved. */
const TURN_MS = 5;
const FLOWS_AT_ONCE = 1_000;
const BODY_BYTES_AT_ONCE = 16_000_000;

/**
 * Reads one HAR that comes in pieces. A thread of its own parses it; here its flows are added a few at a time, no faster
 * than the workspace saves them, so that traffic goes on beside it and memory stays bounded.
 */
export class HarImport {
  readonly flowIds: string[] = [];
  readonly #options: HarImportOptions;
  readonly #worker: WorkerCalls<ToHarWorker, FromHarWorker>;
  #masked = 0;

  constructor(options: HarImportOptions) {
    this.#options = options;
    const { prefix, name, now, signal } = options;
    const data: HarWorkerData = { prefix, name, now };
    const url = options.workerUrl ?? new URL('../interop/har-worker.ts', import.meta.url);
    this.#worker = new WorkerCalls(url, { data, signal, cancelled });
  }

  /**
   * Takes the next piece of the text; resolves when its flows are in the workspace. One at a time.
   * @throws ProblemError `bad-har`, `cancelled`
   */
  async take(text: string): Promise<void> {
    await this.#add(await this.#worker.call({ what: 'text', text }));
  }

  /**
   * The text is over.
   * @returns what was left out or is not as it was on the wire
   * @throws ProblemError `bad-har`, `cancelled`
   */
  async end(): Promise<string[]> {
    const notes = await this.#add(await this.#worker.call({ what: 'end' }));
    if (this.#masked > 0) notes.push(`Cookies of ${this.#masked} flows are masked: no session is told by them`);
    return notes;
  }

  /** To be called in the end, whatever came of it. */
  close(): Promise<void> {
    return this.#worker.close();
  }

  async #add({ bodies, flows, notes }: Parsed): Promise<string[]> {
    const { signal, traffic, workspace } = this.#options;
    let until = performance.now() + TURN_MS;
    let [count, bytes] = [0, 0];
    for (const flow of flows) {
      if (signal.aborted) throw cancelled();
      const { request, response, frames } = flow;
      const place = (info: BodyInfo): BodyInfo => {
        const body = info.ref === undefined ? undefined : bodies[Number(info.ref)];
        bytes += body?.length ?? 0;
        return body === undefined ? info : this.#kept(body);
      };
      const added: Flow = {
        ...flow,
        request: { ...request, body: place(request.body) },
        ...(response === undefined ? {} : { response: { ...response, body: place(response.body) } }),
        ...(frames === undefined ? {} : { frames: this.#frames(frames, bodies) }),
      };
      const isMasked = masked(added);
      if (isMasked) this.#masked += 1;
      traffic.add(added, isMasked ? [] : sightingsOf(added));
      this.flowIds.push(added.id);
      count += 1;
      if (count >= FLOWS_AT_ONCE || bytes >= BODY_BYTES_AT_ONCE) {
        await workspace.whenSaved(signal);
        [count, bytes] = [0, 0];
        until = performance.now() + TURN_MS;
      } else if (performance.now() > until) {
        await nextTurn();
        until = performance.now() + TURN_MS;
      }
    }
    if (bytes > 0 || count > 0) await workspace.whenSaved(signal);
    return [...(notes ?? [])];
  }

  #kept(bytes: Uint8Array): BodyInfo {
    const writer = this.#options.bodies.open();
    writer.append(bytes);
    return writer.close();
  }

  /** Frames are kept whole or not at all: a part of them is not JSON. */
  #frames(frames: NonNullable<Flow['frames']>, bodies: readonly Uint8Array[]): NonNullable<Flow['frames']> {
    const bytes = frames.ref === undefined ? undefined : bodies[Number(frames.ref)];
    if (bytes === undefined) return frames;
    const { size, kept, ref } = this.#kept(bytes);
    return ref === undefined || kept < size ? { count: frames.count, kept: 0 } : { ...frames, ref };
  }
}

function cancelled(): ProblemError {
  return problem('cancelled', 'The import was cancelled; the flows that were read up to then stay');
}

function masked({ request, response }: Flow): boolean {
  return [...request.rawHeaders, ...(response?.rawHeaders ?? [])].some((text) => text.includes(`=${MASK}`));
}
