import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { isLoopback } from '../own-addresses.ts';

/** What a name is known to lead to. `unknown`: it cannot be looked up. */
export type AddressSpace = 'public' | 'private' | 'unknown';

/** Milliseconds for which a name's addresses are remembered, and how many names. */
const FRESH = 60_000;
const MOST = 1_000;

/** Loopback, private, link-local and every other address that is not on the public internet. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIP(bare) === 0) return isLoopback(bare);
  return ipaddr.process(bare).range() !== 'unicast';
}

/** Knows whether hosts lead to public or to private addresses; each name is looked up once a minute at most. */
export class AddressSpaces {
  readonly #known = new Map<string, { readonly at: number; readonly space: Promise<AddressSpace> }>();
  readonly #clock: () => number;
  readonly #resolve: (name: string) => Promise<readonly string[]>;

  /** @param resolve the addresses of a name; rejects when there is none. */
  constructor(clock: () => number, resolve: (name: string) => Promise<readonly string[]> = addressesOf) {
    this.#clock = clock;
    this.#resolve = resolve;
  }

  /** Of an address or of a name that needs no look-up at once; else a promise, which never rejects. */
  of(host: string): AddressSpace | Promise<AddressSpace> {
    const name = host.toLowerCase().replace(/\.$/, '');
    if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return isPrivateAddress(name) ? 'private' : 'public';
    if (name === 'localhost' || name.endsWith('.localhost')) return 'private';
    const now = this.#clock();
    const known = this.#known.get(name);
    if (known !== undefined && now - known.at < FRESH) return known.space;
    if (this.#known.size >= MOST) this.#known.clear();
    const space = this.#resolve(name).then(
      (addresses): AddressSpace =>
        addresses.length === 0 ? 'unknown' : addresses.some(isPrivateAddress) ? 'private' : 'public',
      (): AddressSpace => 'unknown',
    );
    this.#known.set(name, { at: now, space });
    return space;
  }
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
