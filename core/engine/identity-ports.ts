import { openProxyPort, type ProxyPort } from '../proxy/proxy.ts';

/**
 * Ports of the proxy that one browser alone uses, so that it is known which browser a request came from: clients on one
 * computer cannot be told from each other otherwise.
 */
export class IdentityPorts {
  readonly #clock: () => number;
  readonly #listeners: ((port: ProxyPort) => void)[] = [];

  /** @param clock milliseconds since 1970 */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Tells of each port that is opened from now on; it must be served in the same turn of the event loop. */
  onOpen(listener: (port: ProxyPort) => void): void {
    this.#listeners.push(listener);
  }

  /** Opens a port on loopback whose requests bear the name. @throws ProblemError `port-refused` */
  async open(identity: string): Promise<ProxyPort> {
    const port = await openProxyPort({ identity, clock: this.#clock });
    for (const listener of this.#listeners) listener(port);
    return port;
  }
}
