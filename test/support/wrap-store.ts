import type { RecordStore } from '../../core/model/record.ts';

/** A real store with some of its parts replaced: to count, to delay, to fail. */
export function wrapStore(store: RecordStore, over: Partial<RecordStore>): RecordStore {
  return {
    url: store.url,
    traits: store.traits,
    list: (signal) => store.list(signal),
    read: (id) => store.read(id),
    replace: (...args) => store.replace(...args),
    create: (...args) => store.create(...args),
    setLastUsed: (...args) => store.setLastUsed(...args),
    remove: (...args) => store.remove(...args),
    ...(store.removeLeftovers === undefined
      ? {}
      : { removeLeftovers: (pid: number) => store.removeLeftovers?.(pid) ?? Promise.resolve(0) }),
    ...(store.createMany === undefined ? {} : { createMany: store.createMany.bind(store) }),
    ...(store.removeMany === undefined ? {} : { removeMany: store.removeMany.bind(store) }),
    watch: (onChange) => store.watch(onChange),
    close: () => store.close(),
    ...over,
  };
}
