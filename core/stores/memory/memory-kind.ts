import { problem } from '../../model/problem.ts';
import type { StoreAddress } from '../address.ts';
import type { StoreKind } from '../store-kind.ts';
import { decodeText, encodePath, splitQuery } from '../url-text.ts';

/** Stores of this process: those of the practice site and of simulations. */
export const memoryKind: StoreKind<Extract<StoreAddress, { kind: 'memory' }>> = {
  kinds: ['memory'],
  schemes: ['memory'],
  form: 'memory:NAME',
  parse: (url) => ({ kind: 'memory', name: decodeText(splitQuery(url.slice(url.indexOf(':') + 1)).place) }),
  format: ({ name }) => `memory:${encodePath(name)}`,
  title: ({ name }) => `MemoryStore ${name}`,
  async open({ name }, { memory, clock }) {
    if (memory === undefined) throw problem('store-not-found', 'This program keeps no stores in memory');
    return memory(name, clock);
  },
};
