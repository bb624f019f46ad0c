import type { Handlers } from '../../bridge/contract.ts';
import { removeLeftoverScratch } from '../../frameworks/webpy/stores/scratch.ts';
import type { Parts } from '../parts.ts';
import { SETTING } from '../settings.ts';

/** Attached stores and their contents. */
export function storeHandlers(
  parts: Parts,
): Pick<Handlers, 'stores.list' | 'stores.attach' | 'stores.detach' | 'stores.records'> {
  const { stores, sandboxes, watch, workspace, registry } = parts;
  const remember = () => workspace.settings.set(SETTING.stores, stores.urls());
  return {
    'stores.list': async () => ({ stores: stores.list() }),
    'stores.attach': async ({ address }) => {
      const storeId = await attachStore(parts, address);
      remember();
      const store = stores.list().find((info) => info.storeId === storeId);
      if (store === undefined) throw new Error('a store vanished while it was attached');
      return { store };
    },
    'stores.detach': async ({ storeId }) => {
      watch.detach(storeId);
      await sandboxes.end(storeId).catch(() => {});
      await stores.detach(storeId);
      remember();
      return {};
    },
    'stores.records': async ({ storeId, ...page }) =>
      stores.records(storeId, page, ({ id }) => {
        const [session] = registry.ofRecord(storeId, id);
        if (session === undefined) return {};
        return { sessionKey: session.key, ...(session.label === undefined ? {} : { label: session.label }) };
      }),
  };
}

/** Opens a store and joins sessions with it from now on. */
export async function attachStore(
  { stores, watch }: Pick<Parts, 'stores' | 'watch'>,
  address: string,
): Promise<string> {
  const { storeId, store, title, isNew } = await stores.attach(address);
  if (isNew) {
    watch.attach(storeId, store, title);
    // What a killed process left of its experiments. A store that refuses is looked through at the next attach.
    void removeLeftoverScratch({ url: store.url }).catch(() => {});
  }
  return storeId;
}
