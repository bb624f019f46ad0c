import type { RecordStore } from '../model/record.ts';
import type { OpenContext } from './store-kind.ts';
import { kindOf, parseStoreUrl } from './url.ts';

export type { OpenContext } from './store-kind.ts';

/**
 * Opens a store for looking and editing. The place is looked at once, so that a wrong path, host, login or table shows
 * here. `core/frameworks/stores.ts` passes the layouts of all frameworks.
 * @throws ProblemError saying what to do
 */
export async function openStore(url: string, base: string | undefined, context: OpenContext): Promise<RecordStore> {
  const address = parseStoreUrl(url, base);
  return kindOf(address).open(address, context);
}
