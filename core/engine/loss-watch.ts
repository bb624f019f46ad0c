import { hostOf } from '../capture/capture.ts';
import { headersOf } from '../diagnosis/read-exchanges.ts';
import type { Diagnosis, LossNote } from '../model/diagnosis.ts';
import type { Flow } from '../model/flow.ts';
import type { Registry } from '../registry/registry.ts';
import { LookQueue } from './look-queue.ts';

/** From the end of a request to the look at what it did; a page and its pictures are looked at together. */
const WAIT_MS = 250;
/** Looking takes at most this share of the time: so many times as long as the last look is the pause after it. */
const PAUSE = 5;
const MOST_PAUSE_MS = 5_000;
/** Sessions of a host that a page without them may be about. */
const MOST_OF_HOST = 10;
const MOST_WAITING = 500;

export interface LossWatchPorts {
  readonly registry: Registry;
  readonly explain: (key: string) => Promise<Diagnosis | undefined>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A session was lost that went on until now. */
  readonly onLost: (key: string, loss: LossNote) => void;
}

/**
 * Notices that sessions are lost: each one that a page, a refusal or its store may say something about is explained, and
 * what was found stands on the session and in its timeline.
 */
export class LossWatch {
  readonly #ports: LossWatchPorts;
  readonly #queue: LookQueue;
  /** Hosts of pages that may say something about sessions which they did not carry. */
  readonly #hosts = new Set<string>();

  constructor(ports: LossWatchPorts) {
    this.#ports = ports;
    this.#queue = new LookQueue({
      what: 'noticing that sessions are lost',
      waitMs: WAIT_MS,
      most: MOST_WAITING,
      lookAt: (key) => this.#lookAt(key),
      more: () => this.#ofHosts(),
      pauseAfter: (tookMs) => Math.min(MOST_PAUSE_MS, Math.max(WAIT_MS, tookMs * PAUSE)),
    });
  }

  /** A flow is over. `keys`: the sessions that were sighted in it. */
  flowEnded(flow: Flow, keys: readonly string[]): void {
    if (flow.origin?.experiment !== undefined || flow.origin?.replayOf !== undefined) return;
    if (!mayTell(flow)) return;
    if (this.#hosts.size < MOST_WAITING) this.#hosts.add(hostOf(flow.request.url));
    this.#queue.add(keys);
    this.#queue.wake();
  }

  /** Something happened to these sessions. */
  look(keys: readonly string[]): void {
    this.#queue.add(keys);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** The sessions in use of the hosts whose pages came: the registry is walked once for many pages. */
  #ofHosts(): string[] {
    const found = new Map<string, string[]>();
    for (const { key, host, shown } of this.#ports.registry.hot()) {
      if (!shown || !this.#hosts.has(host)) continue;
      const keys = found.get(host) ?? [];
      keys.push(key);
      found.set(host, keys);
    }
    this.#hosts.clear();
    return [...found.values()].flatMap((keys) => keys.slice(-MOST_OF_HOST));
  }

  async #lookAt(key: string): Promise<void> {
    const session = this.#ports.registry.get(key);
    if (session?.shown !== true || session.foreign !== undefined) return;
    const diagnosis = await this.#ports.explain(key);
    if (diagnosis === undefined || this.#queue.closed) return;
    // Its visitor goes on under another id, given at a login: nothing is lost.
    const goesOn = this.#ports.registry.summary(key)?.state === 'continued';
    const loss = goesOn ? undefined : noteOf(diagnosis);
    const isNew = this.#ports.registry.noteLoss(key, loss, diagnosis.alarms);
    if (isNew && loss !== undefined) this.#ports.onLost(key, loss);
  }
}

/** A page, a refusal, a redirect or an answer with cookies: what a loss can show in. Pictures and scripts cannot. */
function mayTell({ request, response, error }: Flow): boolean {
  if (response === undefined) return error !== undefined;
  const { status, rawHeaders } = response;
  if (status === 401 || status === 403 || (status >= 300 && status < 400 && status !== 304) || status >= 500)
    return true;
  const headers = headersOf(rawHeaders);
  if (headers.get('set-cookie') !== undefined || request.method !== 'GET') return true;
  return /html|json/.test(headers.get('content-type') ?? '');
}

/** What is to stand on the session; undefined while it goes on, and where it ended as it should. */
function noteOf({ loss, answer, causes }: Diagnosis): LossNote | undefined {
  const [first] = causes;
  if (loss === null || first?.nothingLost === true) return undefined;
  return {
    ...loss,
    answer,
    ...(first === undefined ? {} : { cause: first.id, certainty: first.certainty }),
  };
}
