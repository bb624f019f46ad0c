import { guarded } from '../model/failures.ts';
import type { SessionSummary } from '../model/session.ts';

export interface RegistryChange {
  /** Summaries of sessions that are new or changed and count as sessions. */
  readonly updated: readonly SessionSummary[];
  /** Which of them are new. */
  readonly added: readonly string[];
  /** No longer sessions (overruled, forgotten). */
  readonly removed: readonly string[];
  /** Sessions whose details (timeline, cookie, record) changed. */
  readonly touched: readonly string[];
}

/** Gathers what changed and tells it in one go: a list that is told of each request could not keep still. */
export class Announcer {
  readonly #summary: (key: string) => SessionSummary | undefined;
  readonly #delayMs: number;
  readonly #listeners = new Set<(change: RegistryChange) => void>();
  #updated = new Set<string>();
  #added = new Set<string>();
  #removed = new Set<string>();
  #touched = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** `summary` is asked when the change is told; undefined means that it no longer counts as a session. */
  constructor(summary: (key: string) => SessionSummary | undefined, delayMs: number) {
    this.#summary = summary;
    this.#delayMs = delayMs;
  }

  listen(listener: (change: RegistryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  added(key: string): void {
    this.#added.add(key);
    this.updated(key);
  }

  updated(key: string): void {
    this.#updated.add(key);
    this.#removed.delete(key);
    this.touched(key);
  }

  removed(key: string): void {
    this.#removed.add(key);
    this.#updated.delete(key);
    this.#added.delete(key);
    this.touched(key);
  }

  touched(key: string): void {
    this.#touched.add(key);
    this.#timer ??= setTimeout(() => this.flush(), this.#delayMs);
  }

  /** Tells at once what has gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#touched.size === 0) return;
    const updated: SessionSummary[] = [];
    const removed = [...this.#removed];
    for (const key of this.#updated) {
      const summary = this.#summary(key);
      if (summary !== undefined) updated.push(summary);
    }
    const change: RegistryChange = {
      updated,
      added: updated.map(({ key }) => key).filter((key) => this.#added.has(key)),
      removed,
      touched: [...this.#touched],
    };
    this.#updated = new Set();
    this.#added = new Set();
    this.#removed = new Set();
    this.#touched = new Set();
    for (const listener of this.#listeners) guarded('listener of the registry', () => listener(change));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }
}
