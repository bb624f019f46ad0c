import { toProblem } from '../model/problem.ts';
import type { RecordStore, ScannedRecord } from '../model/record.ts';

/** All records of a store with their bytes; what cannot be read is listed with its reason. */
export function scanRecords(store: RecordStore, signal?: AbortSignal): AsyncIterable<ScannedRecord> {
  return store.scan?.(signal) ?? readEach(store, signal);
}

async function* readEach(store: RecordStore, signal: AbortSignal | undefined): AsyncIterable<ScannedRecord> {
  for await (const listing of store.list(signal)) {
    try {
      const record = await store.read(listing.id);
      yield record === undefined ? { listing } : { listing, record };
    } catch (error) {
      yield { listing: { ...listing, problem: listing.problem ?? toProblem(error) } };
    }
  }
}
