import type { RecordStore } from '../../model/record.ts';
import type { ServerAddress, SqliteAddress } from '../address.ts';
import type { OpenContext } from '../store-kind.ts';
import { layoutsFor } from './table-choice.ts';

/** Opens a table for the debugger and looks it up once. @throws ProblemError */
export async function openTable(
  address: SqliteAddress | ServerAddress,
  url: string,
  { layouts, pollMs }: OpenContext,
  usualPollMs: number,
): Promise<RecordStore> {
  const { driverFor } = await import('./dialects/driver-for.ts');
  const { SqlRecordStore } = await import('./sql-record-store.ts');
  const driver = driverFor(address, 'look');
  const store = new SqlRecordStore(driver, {
    url,
    table: address.table,
    layouts: layoutsFor(address, layouts.tables),
    as: address.as,
    pollMs: pollMs ?? usualPollMs,
    ...(address.zone === undefined ? {} : { zone: address.zone }),
  });
  try {
    await store.check();
    const attributes = store.layout?.attributes;
    if (attributes !== undefined) {
      const { AttributeRecordStore } = await import('./attribute-record-store.ts');
      const joined = new AttributeRecordStore(store, driver, address.table, attributes);
      await joined.check();
      return joined;
    }
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}
