import { networkInterfaces } from 'node:os';
import type { NetworkInfo } from '../model/app.ts';
import { problem } from '../model/problem.ts';
import type { NetworkAsk, Proxy as ProxyHandle } from '../proxy/options.ts';
import { hostPort } from '../proxy/target.ts';

/** The shortest password that is taken: the port may be tried by everybody on the network. */
const SHORTEST = 8;

/**
 * Opens the proxy to other computers, and closes it. It is never open after a start: each opening is an act of the
 * person, who gives the password with it. The password is kept nowhere.
 */
export class NetworkService {
  readonly #proxy: ProxyHandle;
  readonly #interfaces: typeof networkInterfaces;
  #open: { readonly user: string; readonly wanted: number } | undefined;

  constructor(proxy: ProxyHandle, interfaces = networkInterfaces) {
    this.#proxy = proxy;
    this.#interfaces = interfaces;
  }

  get info(): NetworkInfo | undefined {
    const port = this.#proxy.network;
    if (port === undefined || this.#open === undefined) return undefined;
    const { user, wanted } = this.#open;
    return {
      host: port.host,
      port: port.port,
      ...(port.preferredPortTaken ? { wantedPort: wanted } : {}),
      user,
      addresses: this.#addresses(port.host).map((address) => hostPort(address, port.port)),
    };
  }

  /** @throws ProblemError `password-weak`, `bad-user`, `bad-listen`, `port-refused` */
  async open(ask: NetworkAsk): Promise<void> {
    // RFC 7617 leaves the encoding of other characters open, and clients differ in it.
    if (!/^[\x21-\x39\x3b-\x7e]+$/.test(ask.user)) {
      throw problem('bad-user', 'The user name has letters and digits of ASCII, and no colon', {
        remedy: 'Take a plain name such as guest.',
      });
    }
    if (ask.password.length < SHORTEST || !/^[\x20-\x7e]+$/.test(ask.password)) {
      throw problem('password-weak', `The password needs ${SHORTEST} characters of ASCII or more`, {
        remedy: 'Take the one that is proposed.',
      });
    }
    await this.#proxy.openToNetwork(ask);
    this.#open = { user: ask.user, wanted: ask.port };
  }

  async close(): Promise<void> {
    this.#open = undefined;
    await this.#proxy.closeToNetwork();
  }

  /** What others may type; a link-local address of IPv6 would need a zone that only they know. */
  #addresses(host: string): string[] {
    if (host !== '0.0.0.0' && host !== '::') return [host];
    return Object.values(this.#interfaces())
      .flatMap((list) => list ?? [])
      .filter(
        ({ internal, family, address }) =>
          !internal && (family === 'IPv4' || (host === '::' && !/^fe80:/i.test(address))),
      )
      .sort((a, b) => a.family.localeCompare(b.family))
      .map(({ address }) => address);
  }
}
