import { toProblem } from '../../model/problem.ts';
import type { RecordStore } from '../../model/record.ts';
import { createMany, removeMany } from '../../stores/many.ts';
import { canaryId, canaryIndex } from './journal.ts';

/** The idle limit of a cleanup that ran: in [atLeast, below) seconds. */
export interface CleanupLimit {
  readonly atLeast: number;
  readonly below: number;
}

export interface CanaryPorts {
  readonly store: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** What a canary's record holds. */
  readonly bytesFor: (id: string) => Uint8Array;
}

/** Planted together. From the first of them the time for all is reckoned, with some to spare. */
const TOGETHER = 500;
const SLOWER = 1.5;
const AFTER_MS = 10;

/**
 * Records of our own of many ages, planted beside the real ones: which of them a cleanup takes tells that one ran and
 * where its limit lies, without waiting. Nobody else's record says that for certain.
 */
export class Canaries {
  readonly prefix: string;
  readonly #ports: CanaryPorts;
  /** Last use by number, milliseconds, as the store keeps it (MariaDB cuts fractions off). */
  readonly #planted = new Map<number, number>();
  #limit: CleanupLimit | undefined;
  #lookedAt = 0;
  #skew = 0;
  /** Why they can tell nothing. */
  problem: string | undefined;

  constructor(prefix: string, ports: CanaryPorts) {
    this.prefix = prefix;
    this.#ports = ports;
  }

  /** The limit that cleanups have shown so far; undefined as long as none was seen. */
  get limit(): CleanupLimit | undefined {
    return this.#limit;
  }

  get planted(): boolean {
    return this.#planted.size > 0;
  }

  /** Of two zones' readings of one column: how far (ms) the application's clock is ahead of the store's reading. */
  set skew(ms: number) {
    this.#skew = ms;
  }

  /**
   * Plants them, and resolves at the moment when they have the ages asked for. A store that refuses them has none then,
   * and `problem` says why.
   */
  async plant(ages: readonly number[], wait: (ms: number) => Promise<void>, signal?: AbortSignal): Promise<void> {
    const { store, clock, bytesFor } = this.#ports;
    const began = clock();
    // Known only when some are planted: the others, and these, count from there.
    let ready = began;
    const plantUntil = async (from: number, until: number): Promise<void> => {
      for (let at = from; at < until && signal?.aborted !== true; at += TOGETHER) {
        const some = ages.slice(at, Math.min(until, at + TOGETHER)).map((age, i) => {
          const id = canaryId(this.prefix, at + i);
          return { id, bytes: bytesFor(id), lastUsed: ready - age * 1000 };
        });
        await createMany(store, some);
      }
    };
    try {
      const sample = Math.min(TOGETHER, ages.length);
      await plantUntil(0, sample);
      const each = (clock() - began) / Math.max(1, sample);
      // A whole second: some columns keep no fractions.
      ready = Math.ceil((clock() + each * (ages.length - sample) * SLOWER) / 1000) * 1000;
      await plantUntil(sample, ages.length);
      for (const [index, lastUsed] of await this.#standing()) if (lastUsed !== null) this.#planted.set(index, lastUsed);
      await wait(Math.max(0, ready - clock()) + AFTER_MS);
      this.#lookedAt = clock();
    } catch (error) {
      this.problem = toProblem(error).message;
      this.#planted.clear();
    }
  }

  /** Looks whether a cleanup ran since the last look; to be called after each request. */
  async look(): Promise<void> {
    const from = this.#lookedAt;
    const to = this.#ports.clock();
    const oldest = [...this.#planted].reduce<[number, number] | undefined>(
      (found, one) => (found === undefined || one[1] < found[1] ? one : found),
      undefined,
    );
    if (oldest === undefined) return;
    if ((await this.#ports.store.read(canaryId(this.prefix, oldest[0]))) !== undefined) {
      this.#lookedAt = to;
      return;
    }
    const standing = new Map(await this.#standing());
    const until = this.#ports.clock();
    this.#lookedAt = until;
    let atLeast = this.#limit?.atLeast ?? 0;
    let below = this.#limit?.below ?? Number.POSITIVE_INFINITY;
    for (const [index, lastUsed] of this.#planted) {
      if (standing.has(index)) atLeast = Math.max(atLeast, (from - this.#skew - lastUsed) / 1000);
      else below = Math.min(below, (until - this.#skew - lastUsed) / 1000);
    }
    for (const index of [...this.#planted.keys()]) if (!standing.has(index)) this.#planted.delete(index);
    if (below <= 0 || below <= atLeast) {
      this.problem = 'Records that are not old were removed too, so what removes them does not go by age alone';
      this.#limit = undefined;
      this.#planted.clear();
    } else this.#limit = { atLeast, below };
  }

  /** Removes those that are still there. */
  async remove(): Promise<void> {
    const ids = (await this.#standing()).map(([index]) => canaryId(this.prefix, index));
    await removeMany(this.#ports.store, ids);
    this.#planted.clear();
  }

  async #standing(): Promise<[index: number, lastUsed: number | null][]> {
    const found: [number, number | null][] = [];
    for await (const { id, lastUsed } of this.#ports.store.list()) {
      const index = canaryIndex(this.prefix, id);
      if (index !== undefined) found.push([index, lastUsed]);
    }
    return found;
  }
}

/** The whole second that a limit is, when only one fits; people choose whole seconds. */
export function wholeSeconds({ atLeast, below }: CleanupLimit): number | undefined {
  const first = Math.ceil(atLeast);
  return first < below && first + 1 >= below ? first : undefined;
}
