import type { StoredRecord } from '../../model/record.ts';
import { recordFacts, withText } from './record-facts.ts';

/**
 * What planted records hold: a copy of a record that the application made, whole, so that a page which reads all records
 * finds nothing in it that it does not know. web.py's own key for the id is made to fit.
 * @param now ms since 1970
 */
export function copiesOf(record: StoredRecord, now: number): (id: string) => Uint8Array {
  const { isWebpy, layers } = recordFacts(record.bytes, now);
  if (!isWebpy) return () => record.bytes;
  return (id) => {
    try {
      return withText(record.bytes, 'session_id', id, layers);
    } catch {
      return record.bytes;
    }
  };
}
