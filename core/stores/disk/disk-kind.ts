import path from 'node:path';
import type { StoreAddress } from '../address.ts';
import { Parameters } from '../parameters.ts';
import type { StoreKind } from '../store-kind.ts';
import { badUrl, decodeText, encodePath, splitQuery } from '../url-text.ts';

type DiskAddress = Extract<StoreAddress, { kind: 'disk' }>;
const FORM = 'disk:PATH';

export const diskKind: StoreKind<DiskAddress> = {
  kinds: ['disk'],
  schemes: ['disk'],
  form: FORM,
  parse(url, _, base) {
    const { place, query } = splitQuery(url.slice(url.indexOf(':') + 1));
    if (place === '') throw badUrl(url, 'the path is missing', `Write ${FORM}`);
    const as = new Parameters(query, url, { as: ['layout'] }).get('as');
    return { kind: 'disk', path: pathOf(place, base), ...(as === undefined ? {} : { as }) };
  },
  format: ({ path: file, as }) => `disk:${encodePath(file)}${as === undefined ? '' : `?as=${as}`}`,
  title: ({ path: file }, layout) => `${layout ?? 'Folder'} ${shortPath(file)}`,
  async open(address, { layouts, pollMs: _ }) {
    const { DiskRecordStore } = await import('./disk-record-store.ts');
    const store = new DiskRecordStore(address.path, {
      url: diskKind.format(address),
      layouts: address.as === undefined ? layouts.files : layouts.files.filter(({ id }) => id === address.as),
    });
    await store.check();
    return store;
  },
};

/** The absolute path of a URL's place. */
export function pathOf(place: string, base: string): string {
  return path.resolve(base, decodeText(place.startsWith('///') ? place.slice(2) : place));
}

/** The last two parts of a path. */
export function shortPath(file: string): string {
  return path.join(path.basename(path.dirname(file)), path.basename(file));
}
