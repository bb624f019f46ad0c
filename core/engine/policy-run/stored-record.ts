import { problem } from '../../model/problem.ts';
import type { RecordStore, StoredRecord } from '../../model/record.ts';
import type { PolicyRecord } from '../../policy/file/policy.ts';
import { maskStoreUrl } from '../../stores/url.ts';

/** The id of the record that was used last; undefined in an empty store. */
export async function newestOf(store: RecordStore): Promise<string | undefined> {
  let newest: { id: string; lastUsed: number } | undefined;
  for await (const { id, lastUsed, problem: unreadable } of store.list()) {
    if (unreadable !== undefined) continue;
    if (newest === undefined || (lastUsed ?? 0) > newest.lastUsed) newest = { id, lastUsed: lastUsed ?? 0 };
  }
  return newest?.id;
}

/** The record that a policy names by its id, or the newest. @throws ProblemError `no-record`, or of the store */
export async function storedRecord(store: RecordStore | undefined, record: PolicyRecord): Promise<StoredRecord> {
  const id = store === undefined ? undefined : record.of === 'id' ? record.id : await newestOf(store);
  const found = id === undefined ? undefined : await store?.read(id);
  if (found !== undefined) return found;
  const what = record.of === 'id' ? `no record ${record.id}` : 'no record at all';
  throw problem('no-record', `There is ${what} in ${maskStoreUrl(store?.url ?? '')}`, {
    remedy: 'Give the id of one that is there, or record: new',
  });
}
