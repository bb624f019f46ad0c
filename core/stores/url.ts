import { problem } from '../model/problem.ts';
import type { StoreAddress } from './address.ts';
import { KINDS } from './kinds.ts';
import type { StoreKind } from './store-kind.ts';
import { badUrl, maskStoreUrl } from './url-text.ts';

export type { ServerAddress, StoreAddress } from './address.ts';
export { checkTableName, maskStoreUrl, withoutPassword } from './url-text.ts';

/** The forms a store URL can have, as shown in remedies. */
export const STORE_URL_FORMS = KINDS.filter(({ schemes }) => !schemes.includes('memory'))
  .map(({ form }) => form)
  .join(', ');

/** Stores of sessions that are known and left out, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  memcached: 'Memcached cannot list what it holds, so its sessions cannot be shown',
  memcache: 'Memcached cannot list what it holds, so its sessions cannot be shown',
  mongodb: 'MongoDB is not supported',
  'mongodb+srv': 'MongoDB is not supported',
};

/** The kind of a URL; undefined for a text that begins with no known scheme. */
export function kindOfUrl(text: string): StoreKind | undefined {
  const scheme = schemeOf(text);
  return scheme === undefined ? undefined : KINDS.find(({ schemes }) => schemes.includes(scheme));
}

/** What stands before the colon, in lower case, when it can be the scheme of a URL. */
export function schemeOf(text: string): string | undefined {
  return /^\s*([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
}

/**
 * Takes a store URL apart. Relative paths count from `base`.
 * @throws ProblemError `bad-store-url`, without the password in its text
 */
export function parseStoreUrl(text: string, base: string = process.cwd()): StoreAddress {
  const url = text.trim();
  const kind = kindOfUrl(url);
  if (kind !== undefined) return kind.parse(url, schemeOf(url) ?? '', base);
  throw notAKind(url);
}

/** Why a text with another scheme, or none, is no store URL. */
export function notAKind(url: string) {
  const reason = LEFT_OUT[schemeOf(url) ?? ''];
  if (reason !== undefined) {
    return problem('bad-store-url', `${JSON.stringify(maskStoreUrl(url))} cannot be attached: ${reason}`, {
      remedy: `Use one of ${STORE_URL_FORMS}`,
    });
  }
  return badUrl(url, 'it does not begin with the name of a kind of store', `Use one of ${STORE_URL_FORMS}`);
}

/** The canonical URL of an address, password included. `parseStoreUrl(formatStoreUrl(a))` is `a`. */
export function formatStoreUrl(address: StoreAddress): string {
  return kindOf(address).format(address);
}

/** How an address is called in lists; `layout` is the title of its layout where it is known. */
export function titleOf(address: StoreAddress, layout: string | undefined): string {
  return kindOf(address).title(address, layout);
}

export function kindOf(address: StoreAddress): StoreKind {
  const kind = KINDS.find(({ kinds }) => kinds.includes(address.kind));
  if (kind === undefined) throw new Error(`No kind of store ${address.kind}`);
  return kind;
}
