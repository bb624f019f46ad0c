import { guarded, inBackground } from '../model/failures.ts';
export interface ReadQueueOptions {
  /** Reads one session's record; `after` is the flow after which it was asked for. */
  readonly read: (key: string, after: string | undefined) => Promise<void>;
  /** A read failed in a way that nobody expected. */
  readonly onError: (error: unknown) => void;
  /** A session is read at most so often (ms). */
  readonly spacingMs: number;
}

interface Due {
  /** When, in the process's own milliseconds. */
  readonly at: number;
  readonly after?: string;
}

const AT_ONCE = 4;
/** When so many sessions wait to be read, reads keep this distance: a flood of requests must not become one of reads. */
const CROWD = 40;
const CROWD_GAP_MS = 4;
const MOST_TIMES = 5_000;

/**
 * Which sessions are to be read, and when: each waits once however often it is asked for, a few are read at the same
 * time, none too often. Only a schedule: it knows neither stores nor sessions.
 */
export class ReadQueue {
  readonly #options: ReadQueueOptions;
  readonly #due = new Map<string, Due>();
  readonly #lastRead = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #idle = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #notBefore = 0;
  #closed = false;

  constructor(options: ReadQueueOptions) {
    this.#options = options;
  }

  /** Asks for a read after `delayMs`; an earlier one that is due already stays. */
  ask(key: string, delayMs = 0, after?: string): void {
    if (this.#closed) return;
    const spaced = (this.#lastRead.get(key) ?? -Infinity) + this.#options.spacingMs;
    const due = this.#due.get(key);
    const at = Math.min(Math.max(spaced, performance.now() + delayMs), due?.at ?? Infinity);
    const flow = after ?? due?.after;
    if (due?.at === at && due.after === flow) return;
    this.#due.set(key, flow === undefined ? { at } : { at, after: flow });
    this.#pump();
  }

  /** Reads now, after a read of the same session that is under way. */
  async now(key: string): Promise<void> {
    const after = this.#due.get(key)?.after;
    this.#due.delete(key);
    // Two reads at once could end in the other order, and leave the older state behind.
    for (let other = this.#running.get(key); other !== undefined; other = this.#running.get(key)) await other;
    await this.#start(key, after);
  }

  /** Resolves when nothing is left to be read. */
  async idle(): Promise<void> {
    if (this.#due.size === 0 && this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#due.clear();
    this.#notifyIdle();
  }

  /** Starts what is due, as many at once as are allowed, and sets the clock for the rest. */
  #pump(): void {
    const now = performance.now();
    if (now < this.#notBefore) {
      this.#timer ??= setTimeout(() => this.#tick(), this.#notBefore - now);
      return;
    }
    let next = Infinity;
    for (const [key, { at, after }] of this.#due) {
      if (this.#running.size >= AT_ONCE) return;
      if (this.#running.has(key)) continue;
      if (at > now) {
        next = Math.min(next, at);
        continue;
      }
      this.#due.delete(key);
      inBackground('reading of records', this.#start(key, after));
      if (this.#due.size > CROWD) {
        this.#notBefore = now + CROWD_GAP_MS;
        this.#timer ??= setTimeout(() => this.#tick(), CROWD_GAP_MS);
        return;
      }
    }
    clearTimeout(this.#timer);
    this.#timer = next === Infinity ? undefined : setTimeout(() => this.#tick(), Math.max(1, next - now));
  }

  #tick(): void {
    this.#timer = undefined;
    guarded('queue of records to read', () => this.#pump());
  }

  #start(key: string, after: string | undefined): Promise<void> {
    this.#lastRead.delete(key);
    this.#lastRead.set(key, performance.now());
    if (this.#lastRead.size > MOST_TIMES) this.#lastRead.delete(this.#lastRead.keys().next().value as string);
    // It counts as running before it begins: what is asked for meanwhile waits for its end.
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.#running.set(key, promise);
    void this.#options
      .read(key, after)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#running.delete(key);
        resolve();
        if (!this.#closed) this.#pump();
        this.#notifyIdle();
      });
    return promise;
  }

  #notifyIdle(): void {
    if (this.#due.size > 0 || this.#running.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }
}
