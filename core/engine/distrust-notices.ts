import type { Notice } from '../model/app.ts';
import { CHECK_HOST } from '../proxy/engine.ts';
import type { ProxyHooks } from '../proxy/hooks.ts';
import { distrustAlert } from '../proxy/tunnel/tls-alert.ts';

/** A host is not told of again within this. Milliseconds. */
const QUIET = 10 * 60_000;
/** Hosts told of within that: who trusts nothing fails at each host of a page, and a few of them say as much as all. */
const MOST = 8;

/**
 * Tells the user that a client does not trust the proxy's certificate authority, which otherwise shows only as pages
 * that do not load. Handshakes that broke for other reasons are the log's business alone.
 */
export class DistrustNotices {
  readonly hooks: ProxyHooks;
  readonly #clock: () => number;
  readonly #notify: (notice: Notice) => void;
  /** When a host was told of, by its name. */
  readonly #told = new Map<string, number>();

  /** @param options.clock milliseconds since 1970 */
  constructor(options: { readonly clock: () => number; readonly notify: (notice: Notice) => void }) {
    this.#clock = options.clock;
    this.#notify = options.notify;
    this.hooks = {
      name: 'distrust',
      clientTlsError: ({ host, connectHost, clientAddress }, error) => {
        const alert = distrustAlert(error);
        // The check page says of itself whether the certificate is trusted.
        if (alert === undefined || connectHost === CHECK_HOST || !this.#isNews(connectHost)) return;
        const name = host === connectHost ? host : `${host} (${connectHost})`;
        this.#notify({
          level: 'warning',
          kind: 'client-distrust',
          where: connectHost,
          message: `A program at ${clientAddress} does not trust the certificate of this proxy for ${name} (TLS alert ${alert === 'in clear' ? 'sent in clear' : alert})`,
          remedy:
            'Install the certificate in that program or browser. If it accepts only certificates of its own (pinning), ' +
            `set ${connectHost} to “Tunnel unread” in the proxy settings.`,
        });
      },
    };
  }

  #isNews(host: string): boolean {
    const now = this.#clock();
    for (const [known, at] of this.#told) if (now - at >= QUIET) this.#told.delete(known);
    if (this.#told.has(host) || this.#told.size >= MOST) return false;
    this.#told.set(host, now);
    return true;
  }
}
