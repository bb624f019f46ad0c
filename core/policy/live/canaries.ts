import { toProblem } from '../../model/problem.ts';
import type { RecordStore, StoreTraits } from '../../model/record.ts';
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

const HOUR = 3_600;
const DAY = 86_400;
const TEN_YEARS = 3_653 * DAY;
/** A canary that no cleanup by age may take: last used in the future. */
const NEVER_OLD = -3_600;
/** Planted together. From the first of them the time for all is reckoned, with some to spare. */
const TOGETHER = 500;
const SLOWER = 1.5;
const AFTER_MS = 10;

/**
 * Ages (seconds) that canaries are to have when the next request comes, oldest first. A limit of T seconds shows itself
 * between the canaries T−1 and T, since the request comes a little later than that: so both are there for every second
 * of the first hours, and for every limit that people choose after them, also when they are off by one. For what lies
 * between, two bounds are found.
 *
 * @param wanted limits (seconds) that are to be found for certain
 * @param kind of the store: a row costs much less than a file, so there are more of them
 */
export function canaryAges(wanted: readonly number[], kind: StoreTraits['kind']): number[] {
  const everySecond = kind === 'disk' ? HOUR : 4 * HOUR;
  const ages = new Set([0, NEVER_OLD]);
  for (let age = 1; age <= everySecond; age++) ages.add(age);
  const around = (limit: number): void => {
    if (limit > 0 && limit < TEN_YEARS) for (const age of [limit - 2, limit - 1, limit, limit + 1]) ages.add(age);
  };
  const each = (step: number, until: number): void => {
    for (let limit = step; limit <= until; limit += step) around(limit);
  };
  for (const seconds of wanted) around(Math.floor(seconds));
  each(60, 4 * HOUR);
  each(300, DAY);
  each(HOUR, 7 * DAY);
  each(DAY, 400 * DAY);
  each(1_000, 100_000);
  for (const days of [450, 500, 730, 731, 1_000, 1_095, 1_096, 1_825, 1_826]) around(days * DAY);
  for (const seconds of [1_000_000, 2_592_000, 31_557_600, 10_000_000, 100_000_000]) around(seconds);
  for (let age = HOUR; age < TEN_YEARS; age *= 1.05) ages.add(Math.round(age));
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
