import type { StoreAddress } from '../address.ts';
import { pathOf, shortPath } from '../disk/disk-kind.ts';
import type { StoreKind } from '../store-kind.ts';
import { badUrl, encodePath, splitQuery } from '../url-text.ts';

type ShelfAddress = Extract<StoreAddress, { kind: 'shelf' }>;

export const shelfKind: StoreKind<ShelfAddress> = {
  kinds: ['shelf'],
  schemes: ['shelf'],
  form: 'shelf:PATH',
  parse(url, _, base) {
    const { place } = splitQuery(url.slice(url.indexOf(':') + 1));
    if (place === '') throw badUrl(url, 'the path is missing', 'Write shelf:PATH');
    return { kind: 'shelf', path: pathOf(place, base) };
  },
  format: ({ path }) => `shelf:${encodePath(path)}`,
  title: ({ path }) => `ShelfStore ${shortPath(path)}`,
  async open(address, { pollMs }) {
    const { openShelfRecordStore } = await import('./shelf-record-store.ts');
    return openShelfRecordStore(address.path, pollMs);
  },
};
