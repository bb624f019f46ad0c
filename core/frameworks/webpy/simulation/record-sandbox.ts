import type { Clock } from '../session/store.ts';
import type { Sandbox, SandboxRecord } from '../stores/sandbox.ts';
import { ScratchStore } from './scratch-store.ts';

/**
 * A sandbox for a record that lies in no store (one that web.py would make for a new visitor): only the rules that all of
 * web.py's stores share count.
 */
export function recordSandbox(record: SandboxRecord, foldsCase = false): Sandbox {
  let wanted = false;
  const fill = (options: Omit<ConstructorParameters<typeof ScratchStore>[0], 'foldsCase'>) => {
    const store = new ScratchStore({ ...options, foldsCase });
    if (wanted) store.put(record.id, record.bytes, record.lastUsed ?? options.clock());
    return store;
  };
  const still: Clock = () => 0;
  let store = fill({ clock: still });
  return {
    kind: 'memory',
    refresh: async (ids) => {
      wanted = ids.some((id) => id === record.id || (foldsCase && id.toLowerCase() === record.id.toLowerCase()));
      store = fill({ clock: still });
    },
    store: async (options) => (store = fill(options)),
    look: async (id) => {
      const found = store.peek(id);
      return found === undefined ? undefined : { id, ...found };
    },
    ids: async () => [...store.ids()],
    dispose: async () => {},
  };
}
