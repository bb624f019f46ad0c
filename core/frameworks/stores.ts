import type { RecordStore } from '../model/record.ts';
import { type GuessedStore, guessStores } from '../stores/guess.ts';
import type { Layouts } from '../stores/layout.ts';
import { openStore } from '../stores/open.ts';
import { FRAMEWORKS } from './catalog.ts';

/*
 * The stores with the layouts of all frameworks. Everything above the stores uses these functions.
 */

export type { GuessedStore } from '../stores/guess.ts';

/** The layouts of all frameworks, in the order of the catalog. */
export const LAYOUTS: Layouts = {
  tables: FRAMEWORKS.flatMap(({ tables }) => tables ?? []),
  files: FRAMEWORKS.flatMap(({ files }) => files ?? []),
  keys: FRAMEWORKS.flatMap(({ keys }) => keys ?? []),
};

export interface OpenRecordOptions {
  /** For a `memory:` store that is made by this call; milliseconds since 1970. */
  readonly clock?: () => number;
  /** Base of relative paths. */
  readonly base?: string;
  /** How often a store without events is looked at (ms), instead of the usual interval. */
  readonly pollMs?: number;
}

/** Opens a store by its URL: see `openStore`. @throws ProblemError saying what to do */
export async function openRecordStore(url: string, options: OpenRecordOptions = {}): Promise<RecordStore> {
  const { openMemory } = await import('./webpy/stores/memory-record-store.ts');
  return openStore(url, options.base, {
    layouts: LAYOUTS,
    memory: openMemory,
    clock: options.clock,
    pollMs: options.pollMs,
  });
}

/** Store URLs for what was dropped, chosen or typed: see `guessStores`. @throws ProblemError */
export function guessStoreUrls(text: string, base?: string): Promise<GuessedStore[]> {
  return guessStores(text, LAYOUTS, base);
}

/** The likeliest of them. @throws ProblemError */
export async function guessStoreUrl(text: string, base?: string): Promise<string> {
  return ((await guessStoreUrls(text, base))[0] as GuessedStore).url;
}
