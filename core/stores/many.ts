import type { NewRecord, RecordStore } from '../model/record.ts';

/**
 * Makes many records, quickly where the store can; see `RecordStore.createMany`.
 * @throws ProblemError of the store, such as `exists`; some may be there then
 */
export async function createMany(store: RecordStore, records: readonly NewRecord[]): Promise<void> {
  if (store.createMany !== undefined) return store.createMany(records);
  for (const { id, bytes, lastUsed } of records) await store.create(id, bytes, lastUsed);
}

/** Removes many records, whatever they hold. Gives how many were there. @throws ProblemError of the store */
export async function removeMany(store: RecordStore, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  if (store.removeMany !== undefined) return store.removeMany(ids);
  let removed = 0;
  for (const id of ids) if ((await store.remove(id)) === 'written') removed += 1;
  return removed;
}
