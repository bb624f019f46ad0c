import type { DecodedRecord } from '../../editing/ports.ts';
import { removeLeftoverScratch } from '../../frameworks/webpy/stores/scratch.ts';
import { keyHandlers } from '../handlers/keys.ts';
import { storeHandlers } from '../handlers/stores.ts';
import { KeyService } from '../key-service.ts';
import { LayerService } from '../layer-service.ts';
import { noticeOf } from '../notice-service.ts';
import { SandboxPool } from '../sandbox-pool.ts';
import { SETTING } from '../settings.ts';
import { StoreService } from '../store-service.ts';
import { keptStores, storesOf } from '../store-urls.ts';
import type { Base } from './base.ts';

/** Attached stores, the layers that were named for their records, and scratch copies for the policy lab. */
export function composeStores({ host, workspace, emitter, codec, notices }: Base) {
  const { protectKey } = host;
  const remember = (urls: readonly string[]): void =>
    workspace.settings.set(SETTING.stores, keptStores(urls, protectKey));
  const stores: StoreService = new StoreService({
    changed: () => emitter.emit('stores.changed', { stores: stores.list() }),
  });
  const sandboxes = new SandboxPool();
  const layers = new LayerService({
    load: () => workspace.settings.get(SETTING.layers),
    save: (value) => workspace.settings.set(SETTING.layers, value),
  });
  const keys = new KeyService({
    load: () => workspace.settings.get(SETTING.keys),
    save: (value) => workspace.settings.set(SETTING.keys, value),
    protectKey,
  });
  stores.use({
    // What a killed process left of its experiments. A store that refuses is looked through at the next attach.
    attached: ({ store }) => void removeLeftoverScratch({ url: store.url }).catch(() => {}),
    detached: (storeId) => sandboxes.end(storeId).catch(() => {}),
  });
  return {
    service: {
      stores,
      sandboxes,
      layers,
      keys,
      /** Decodes a record by the layers that were named for it. Never throws. */
      decode: async (storeId: string, id: string, bytes: Uint8Array): Promise<DecodedRecord> =>
        await codec.decode(bytes, layers.of(storeId, id), keys.of(`store ${storeId}`)),
    },
    handlers: {
      ...storeHandlers({ stores, remember: () => remember(stores.urls()) }),
      ...keyHandlers(keys),
    },
    /** Attaches the stores of last time. A store that cannot be attached is reported. @returns the ids of the others */
    async reattach(): Promise<string[]> {
      const attached: string[] = [];
      const { stores: kept, outdated } = storesOf(workspace.settings.get(SETTING.stores), protectKey);
      // Passwords that an earlier version left open are sealed before anything else.
      if (outdated) remember(kept.flatMap((one) => ('url' in one ? [one.url] : [])));
      for (const one of kept) {
        try {
          if ('problem' in one) throw one.problem;
          attached.push(await stores.attach(one.url));
        } catch (error) {
          notices.notify(noticeOf(error));
        }
      }
      return attached;
    },
    async close() {
      await sandboxes.close();
      await stores.close();
    },
  };
}
export type Stores = ReturnType<typeof composeStores>['service'];
