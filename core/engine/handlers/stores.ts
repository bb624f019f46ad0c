import type { HandlersOf } from '../../bridge/contract.ts';
import type { stores as table } from '../../bridge/operations/stores.ts';
import type { StoreService } from '../store-service.ts';

export interface StoreHandlerPorts {
  readonly stores: StoreService;
  /** Saves which stores are attached, for the next start. */
  readonly remember: () => void;
}

/** Attached stores. Their records are listed by the handlers of records, which know the sessions that they belong to. */
export function storeHandlers({
  stores,
  remember,
}: StoreHandlerPorts): Omit<HandlersOf<typeof table>, 'stores.records' | 'stores.find'> {
  return {
    'stores.list': async () => ({ stores: stores.list() }),
    'stores.attach': async ({ address }) => {
      const storeId = await stores.attach(address);
      remember();
      const store = stores.list().find((info) => info.storeId === storeId);
      if (store === undefined) throw new Error('a store vanished while it was attached');
      return { store };
    },
    'stores.detach': async ({ storeId }) => {
      await stores.detach(storeId);
      remember();
      return {};
    },
  };
}
