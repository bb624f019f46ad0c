import { networkInterfaces } from 'node:os';

/** Knows by which addresses this proxy can be reached, so that it never asks itself. */
export class OwnAddresses {
  readonly #host: string;
  readonly #port: number;

  /** @param host the bound address. */
  constructor(host: string, port: number) {
    this.#host = plain(host);
    this.#port = port;
  }

  /** Whether an address (or `localhost`) and port lead here. */
  has(address: string | undefined, port: number | undefined): boolean {
    if (port !== this.#port || address === undefined) return false;
    const asked = plain(address);
    if (asked === this.#host) return true;
    const everywhere = this.#host === '0.0.0.0' || this.#host === '::';
    const onLoopback = isLoopback(this.#host);
    if (asked === 'localhost' || asked.endsWith('.localhost')) return everywhere || onLoopback;
    if (asked === '0.0.0.0' || asked === '::') return everywhere || onLoopback;
    if (!everywhere) return false;
    return (
      isLoopback(asked) ||
      Object.values(networkInterfaces()).some((list) => list?.some((one) => plain(one.address) === asked))
    );
  }
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  const bare = plain(address);
  return bare === '::1' || bare === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(bare);
}

function plain(address: string): string {
  return address
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');
}
