import { openRecordStore } from '../../core/frameworks/stores.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { answered } from '../output.ts';

/** Opens the store, does the work, closes it. */
export function withStore(
  url: string,
  options: { readonly json?: boolean },
  work: (store: RecordStore) => Promise<number>,
): Promise<number> {
  return answered(options, async () => {
    const store = await openRecordStore(url);
    try {
      return await work(store);
    } finally {
      await store.close().catch(() => {});
    }
  });
}
