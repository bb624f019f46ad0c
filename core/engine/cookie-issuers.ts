import { inBackground } from '../model/failures.ts';
import type { LiveSession, Registry } from '../registry/registry.ts';

export interface CookieIssuersPorts {
  readonly registry: Registry;
  /** The application that issued the cookie, as the jar of a launched browser says; undefined where none says. */
  readonly issuerOf: (session: LiveSession) => Promise<string | undefined>;
}

/** Sessions whose jar was looked into; few are sent without their Set-Cookie having been seen. */
const MOST_ASKED = 5_000;

/** Finds out from launched browsers who issued a cookie whose Set-Cookie did not pass here. */
export class CookieIssuers {
  readonly #ports: CookieIssuersPorts;
  readonly #asked = new Set<string>();

  constructor(ports: CookieIssuersPorts) {
    this.#ports = ports;
  }

  /** A flow of these sessions has ended. */
  seen(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#asked.has(key)) continue;
      const session = this.#ports.registry.get(key);
      if (session === undefined || session.issuer !== undefined || session.carrier.kind !== 'cookie') continue;
      this.#asked.add(key);
      if (this.#asked.size > MOST_ASKED) this.#asked.clear();
      inBackground('finding out who issued a cookie', this.#ask(session));
    }
  }

  async #ask(session: LiveSession): Promise<void> {
    const issuer = await this.#ports.issuerOf(session);
    if (issuer !== undefined) this.#ports.registry.issuedBy(session.key, issuer);
  }
}
