import { guarded } from '../model/failures.ts';

type OnChange = (ids: readonly string[] | undefined) => void;

/**
 * Tells any number of listeners about changed ids, gathered over `delayMs` so that a burst is one call. The source of
 * changes (a system watch, polling) is started with the first listener and ended with the last.
 */
export class Watchers {
  readonly #start: (changed: OnChange) => () => void;
  readonly #delayMs: number;
  readonly #listeners = new Set<OnChange>();
  #end: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ids = new Set<string>();
  #everything = false;

  constructor(start: (changed: OnChange) => () => void, delayMs = 40) {
    this.#start = start;
    this.#delayMs = delayMs;
  }

  /** Adds a listener; the result removes it. */
  add(onChange: OnChange): () => void {
    // A listener of its own even when one function is added twice.
    const listener: OnChange = (ids) => onChange(ids);
    this.#listeners.add(listener);
    this.#end ??= this.#start((ids) => this.changed(ids));
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.stop();
    };
  }

  /** Something changed: these ids, or (undefined) anything. */
  changed(ids: readonly string[] | undefined): void {
    if (this.#listeners.size === 0) return;
    if (ids === undefined || this.#ids.size + ids.length > MANY) this.#everything = true;
    else for (const id of ids) this.#ids.add(id);
    this.#timer ??= setTimeout(() => this.#notify(), this.#delayMs);
  }

  /** Ends the source and forgets all listeners. */
  stop(): void {
    this.#listeners.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ids = new Set();
    this.#everything = false;
    this.#end?.();
    this.#end = undefined;
  }

  #notify(): void {
    const ids = this.#everything ? undefined : [...this.#ids];
    this.#timer = undefined;
    this.#ids = new Set();
    this.#everything = false;
    if (ids?.length === 0) return;
    for (const listener of [...this.#listeners]) guarded('watch of a store', () => listener(ids));
  }
}

/** More changed ids than this at once are told as "look at everything". */
const MANY = 5000;

/**
 * Calls `look` every `intervalMs` (never two at once; a slow look makes the pauses longer) until ended. Failures are
 * taken as "nothing new": a store that is away is looked at again when it is back.
 */
export function poll(intervalMs: number, look: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const again = (pause: number) => {
    if (ended) return;
    timer = setTimeout(async () => {
      const began = performance.now();
      const looked = await look().then(
        () => true,
        () => false,
      );
      again(looked ? Math.max(intervalMs, Math.min((performance.now() - began) * 5, LONGEST_PAUSE_MS)) : intervalMs);
    }, pause);
    timer.unref();
  };
  again(0);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** A look that takes long (a large table) is repeated at least this often. */
const LONGEST_PAUSE_MS = 10_000;

/** Keys whose digest differs between two looks, including those that came or went. */
export function changedKeys(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const changed: string[] = [];
  for (const [key, digest] of now) if (before.get(key) !== digest) changed.push(key);
  for (const key of before.keys()) if (!now.has(key)) changed.push(key);
  return changed;
}
