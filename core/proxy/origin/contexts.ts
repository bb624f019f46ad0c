import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import type { UpstreamTls } from '../options.ts';
import type { OriginTarget } from './open.ts';

/** TLS contexts for connections to applications: one shared (making one costs up to a millisecond), others by host. */
export class UpstreamContexts {
  readonly #settings: ((host: string, port: number) => UpstreamTls | undefined) | undefined;
  /** By the settings' object, so that hosts with the same settings share one; the text tells equal copies. */
  #bySettings = new WeakMap<UpstreamTls, tls.SecureContext>();
  readonly #byText = new Map<string, tls.SecureContext>();
  #shared: tls.SecureContext | undefined;

  constructor(settings: ((host: string, port: number) => UpstreamTls | undefined) | undefined) {
    this.#settings = settings;
  }

  /** @throws Error when a certificate or key cannot be read. */
  settingsFor(target: OriginTarget): { readonly context: tls.SecureContext; readonly verify: boolean } {
    const settings = this.#settings?.(target.host, target.port);
    const verify = settings?.verify !== false;
    if (settings === undefined || !(settings.ca || settings.cert || settings.key || settings.pfx)) {
      this.#shared ??= tls.createSecureContext({ ca: [...trusted()] });
      return { context: this.#shared, verify };
    }
    const known = this.#bySettings.get(settings) ?? this.#byText.get(textOf(settings));
    if (known !== undefined) return { context: known, verify };
    const context = tls.createSecureContext({
      ca: [...trusted(), ...(settings.ca ?? [])],
      ...(settings.cert === undefined ? {} : { cert: settings.cert }),
      ...(settings.key === undefined ? {} : { key: settings.key }),
      ...(settings.pfx === undefined ? {} : { pfx: Buffer.from(settings.pfx) }),
      ...(settings.passphrase === undefined ? {} : { passphrase: settings.passphrase }),
    });
    this.#bySettings.set(settings, context);
    if (this.#byText.size >= 200) this.#byText.clear();
    this.#byText.set(textOf(settings), context);
    return { context, verify };
  }

  reset(): void {
    this.#bySettings = new WeakMap();
    this.#byText.clear();
    this.#shared = undefined;
  }
}

/** Whether the code of a failed handshake says that a certificate is not trusted: a user can help there. */
export function isDistrust(code: string): boolean {
  return /CERT|VERIFY|ISSUER|SELF_SIGNED|ALTNAME/.test(code);
}

function textOf({ ca, cert, key, pfx, passphrase }: UpstreamTls): string {
  return JSON.stringify([ca, cert, key, pfx && Buffer.from(pfx).toString('base64'), passphrase]);
}

let known: readonly string[] | undefined;

/**
 * What a browser on this computer would trust: the runtime's roots, NODE_EXTRA_CA_CERTS and, where the runtime can read
 * it (Node 22.15), the system's store, where tools like mkcert put a developer's own authority.
 */
function trusted(): readonly string[] {
  if (known === undefined) {
    const read = (tls as { getCACertificates?: (type: 'default' | 'system') => string[] }).getCACertificates;
    known =
      read === undefined ? [...tls.rootCertificates, ...extra()] : [...new Set([...read('default'), ...system(read)])];
  }
  return known;
}

function system(read: (type: 'system') => string[]): string[] {
  try {
    return read('system');
  } catch {
    return []; // a store that cannot be read is no reason to trust nothing
  }
}

function extra(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  if (file === undefined || file === '') return [];
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return []; // the runtime has said so already
  }
}
