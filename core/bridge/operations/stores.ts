import * as z from 'zod/mini';
import type { RecordRow, StoreInfo } from '../../model/app.ts';
import type { FoundProcess, FoundStore } from '../../model/found-store.ts';
import { operation } from '../operation.ts';
import { count, done, listOf, nothing, object, shortText } from '../shapes.ts';

/** Attached stores and their contents. */
export const stores = {
  'stores.list': operation({
    sentence: 'Lists the attached stores.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ stores: listOf<StoreInfo>() }),
  }),
  /**
   * `origin` is an address of this computer (`http://127.0.0.1:8080`); with `key` the session's own, and it is said which
   * store has its record. Nothing is attached.
   */
  'stores.find': operation({
    sentence:
      'Looks for the stores of the application at an address of this computer, by its process and its settings.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ origin: z.exactOptional(shortText), key: z.exactOptional(shortText) }),
    reply: z.object({
      processes: listOf<FoundProcess>(),
      stores: listOf<FoundStore>(),
      notes: z.array(z.string()),
    }),
  }),
  /** `address` is a store URL, the path of a folder or file, or the address of a store that `stores.find` gave. */
  'stores.attach': operation({
    sentence: 'Attaches a store by its URL or by the path of its folder or file, and joins its records with sessions.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'stores.detach' },
    request: z.strictObject({ address: shortText }),
    reply: z.object({ store: object<StoreInfo>() }),
  }),
  'stores.detach': operation({
    sentence: 'Detaches a store. Its contents stay as they are.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'stores.attach' },
    request: z.strictObject({ storeId: shortText }),
    reply: done,
  }),
  'stores.records': operation({
    sentence: 'Lists the records of a store, last used first.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ storeId: shortText, filter: z.exactOptional(shortText), offset: count, limit: count }),
    reply: z.object({ rows: listOf<RecordRow>(), total: count }),
  }),
} as const;
