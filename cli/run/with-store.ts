import { existsSync } from 'node:fs';
import { guessStoreUrls, openRecordStore } from '../../core/frameworks/stores.ts';
import { ProblemError, problem } from '../../core/model/problem.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { schemeOf } from '../../core/stores/url.ts';
import { answered } from '../output.ts';

/** Opens the store, does the work, closes it. */
export function withStore(
  url: string,
  options: { readonly json?: boolean },
  work: (store: RecordStore) => Promise<number>,
): Promise<number> {
  return answered(options, async () => {
    const store = await openStore(url);
    try {
      return await work(store);
    } finally {
      await store.close().catch(() => {});
    }
  });
}

/** Opens a store by its URL: see `orSayWhatWasMeant`. @throws ProblemError */
export function openStore(url: string): Promise<RecordStore> {
  return orSayWhatWasMeant(url, openRecordStore);
}

/**
 * Where a folder or a file was given instead of a URL, the problem says which URL was meant, or why there is none: a
 * command that writes must not guess.
 * @throws ProblemError
 */
export async function orSayWhatWasMeant<T>(url: string, open: (url: string) => Promise<T>): Promise<T> {
  try {
    return await open(url);
  } catch (error) {
    throw (await meantPath(url, error)) ?? error;
  }
}

async function meantPath(text: string, error: unknown): Promise<ProblemError | undefined> {
  if (!(error instanceof ProblemError) || error.problem.kind !== 'bad-store-url') return undefined;
  // A drive letter is no scheme; what begins with another one was meant as a URL.
  if (text.trim() === '' || !existsSync(text)) return undefined;
  if (schemeOf(text) !== undefined && !/^\s*[a-z]:[\\/]/i.test(text)) return undefined;
  try {
    const [first, ...others] = await guessStoreUrls(text);
    if (first === undefined) return undefined;
    const more = others.length === 0 ? '' : ` Or ${others.map(({ url }) => url).join(', ')}.`;
    return problem('bad-store-url', `${text} is no store URL, but ${first.because}`, {
      remedy: `Did you mean ${first.url}?${more}`,
      where: text,
    });
  } catch (why) {
    if (!(why instanceof ProblemError)) return undefined;
    return why;
  }
}
