import { hostOf } from '../capture/capture.ts';
import { headersOf } from '../diagnosis/read-exchanges.ts';
import type { Diagnosis, LossNote } from '../model/diagnosis.ts';
import { inBackground } from '../model/failures.ts';
import type { Flow } from '../model/flow.ts';
import type { Registry } from '../registry/registry.ts';

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
  readonly #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(ports: LossWatchPorts) {
    this.#ports = ports;
  }

  /** A flow is over. `keys`: the sessions that were sighted in it. */
  flowEnded(flow: Flow, keys: readonly string[]): void {
    if (flow.origin?.experiment !== undefined || flow.origin?.replayOf !== undefined) return;
    if (!mayTell(flow)) return;
    const host = hostOf(flow.request.url);
    const ofHost = this.#ports.registry
      .hot()
      .filter((session) => session.shown && session.host === host)
      .slice(-MOST_OF_HOST)
      .map(({ key }) => key);
    this.look([...keys, ...ofHost]);
  }

  /** Something happened to these sessions. */
  look(keys: readonly string[]): void {
    for (const key of keys) if (this.#waiting.size < MOST_WAITING) this.#waiting.add(key);
    if (this.#waiting.size > 0) this.#later(WAIT_MS);
  }

  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    return this.#running ?? Promise.resolve();
  }

  #later(ms: number): void {
    if (this.#closed || this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const began = performance.now();
      this.#running = this.#lookAtAll().finally(() => {
        this.#running = undefined;
        if (this.#waiting.size > 0)
          this.#later(Math.min(MOST_PAUSE_MS, Math.max(WAIT_MS, (performance.now() - began) * PAUSE)));
      });
      inBackground('noticing that sessions are lost', this.#running);
    }, ms);
    this.#timer.unref?.();
  }

  async #lookAtAll(): Promise<void> {
    const keys = [...this.#waiting];
    this.#waiting.clear();
    for (const key of keys) {
      if (this.#closed) return;
      await this.#lookAt(key);
    }
  }

  async #lookAt(key: string): Promise<void> {
    const session = this.#ports.registry.get(key);
    if (session?.shown !== true || session.foreign !== undefined) return;
    const diagnosis = await this.#ports.explain(key);
    if (diagnosis === undefined || this.#closed) return;
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
