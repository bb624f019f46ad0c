import { toProblem } from '../../model/problem.ts';
import type { RecordStore } from '../../model/record.ts';
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

const DAY = 86_400;
const TEN_YEARS = 3_653 * DAY;
const PARALLEL = 8;
/** A canary that no cleanup by age may take: last used in the future. */
const NEVER_OLD = -3_600;
/** From how many plantings the time for all is reckoned, with some to spare. */
const TIMED = 30;
const SLOWER = 1.3;
const AFTER_MS = 10;

/**
 * Ages (seconds) that canaries are to have when the next request comes, oldest first. A limit of T seconds shows itself
 * between the canaries T−1 and T, since the request comes a little later than that: so both are there for
 * every limit that people choose.
 */
export function canaryAges(wanted: readonly number[]): number[] {
  const limits = new Set<number>(wanted.filter((seconds) => seconds > 0 && seconds < TEN_YEARS).map(Math.floor));
  for (let s = 1; s <= 60; s++) limits.add(s);
  for (let minutes = 1; minutes <= 60; minutes++) limits.add(minutes * 60);
  for (let minutes = 5; minutes <= 180; minutes += 5) limits.add(minutes * 60);
  for (let hours = 1; hours <= 24; hours++) limits.add(hours * 3_600);
  for (let days = 1; days <= 31; days++) limits.add(days * DAY);
  for (const days of [45, 60, 90, 120, 180, 365, 366, 730]) limits.add(days * DAY);
  for (const seconds of [150, 250, 500, 1_000, 1_440, 2_000, 5_000, 10_000, 100_000, 1_000_000]) limits.add(seconds);
  const ages = new Set([0, NEVER_OLD]);
  for (const limit of limits) ages.add(limit - 1).add(limit);
  for (let age = 120; age < TEN_YEARS; age *= 1.1) ages.add(Math.round(age));
  // Oldest first: only the reckoning of time is done with those, whose seconds matter least.
  return [...ages].sort((a, b) => b - a);
}

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
    let next = 0;
    let failed = false;
    const worker = async (until: number): Promise<void> => {
      while (next < until && !failed && signal?.aborted !== true) {
        const index = next++;
        const id = canaryId(this.prefix, index);
        try {
          await store.create(id, bytesFor(id), ready - (ages[index] ?? 0) * 1000);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    // All of them are waited for: none may still be planting when they are removed again.
    const plantUntil = async (until: number): Promise<void> => {
      const ended = await Promise.allSettled(Array.from({ length: PARALLEL }, () => worker(until)));
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    };
    try {
      const sample = Math.min(TIMED, ages.length);
      await plantUntil(sample);
      const each = (clock() - began) / Math.max(1, sample);
      // A whole second: some columns keep no fractions.
      ready = Math.ceil((clock() + each * (ages.length - sample) * SLOWER) / 1000) * 1000;
      await plantUntil(ages.length);
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
    for (const [index] of await this.#standing()) await this.#ports.store.remove(canaryId(this.prefix, index));
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
