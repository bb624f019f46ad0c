import type { Problem } from './problem.ts';

/** A program that answers at an origin. */
export interface FoundProcess {
  readonly pid: number;
  /** Its command line. */
  readonly command: string;
  readonly cwd: string;
}

/** A place that may hold the sessions of an origin. Nothing is attached yet. */
export interface FoundStore {
  /** What `stores.attach` takes; holds no password. */
  readonly address: string;
  /** The store's URL with its password masked. */
  readonly url: string;
  /** Title of the layout in which its records lie; null where nothing shows it. */
  readonly layout: string | null;
  /** Why it was looked at, one sentence for each reason. */
  readonly reasons: readonly string[];
  /** How many records there are; null where they were not counted. */
  readonly records: number | null;
  /** Names of the first of them. */
  readonly first: readonly string[];
  /** Whether the record of the session in question is in it; null where no session was named. */
  readonly contains: boolean | null;
  /** Why it could not be opened. */
  readonly problem: Problem | null;
}

/** What was found behind an origin, likeliest first. */
export interface StoreSearch {
  readonly processes: readonly FoundProcess[];
  readonly stores: readonly FoundStore[];
  /** What stood in the way, one sentence each. */
  readonly notes: readonly string[];
}
