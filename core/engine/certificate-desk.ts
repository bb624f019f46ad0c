import path from 'node:path';
import type { CertificateInfo } from '../model/proxy-settings.ts';
import { type CertificateAuthority, createAuthority } from '../proxy/certificates/authority.ts';
import {
  type AuthorityFilesOptions,
  exportAuthority,
  loadOrCreateAuthority,
  removeAuthority,
  rotateAuthority,
} from '../proxy/certificates/authority-files.ts';
import type { KeyProtection } from './host.ts';

/** The certificate authority of this installation: made at first start, exported, rotated and removed here. */
export class CertificateDesk {
  readonly file: string;
  readonly #folder: string;
  readonly #options: AuthorityFilesOptions;
  readonly #changed: (authority: CertificateAuthority) => void;
  #current: CertificateAuthority;

  /** @throws ProblemError `authority-unreadable` */
  constructor(options: {
    readonly folder: string;
    readonly clock: () => number;
    readonly protectKey: KeyProtection | undefined;
    readonly changed: (authority: CertificateAuthority) => void;
  }) {
    const { folder, clock, protectKey } = options;
    this.#folder = folder;
    this.file = path.join(folder, 'authority.pem');
    this.#changed = options.changed;
    this.#options = {
      clock,
      ...(protectKey === undefined
        ? {}
        : {
            protectKey: {
              encrypt: (text) => Buffer.from(protectKey.encrypt(text)),
              decrypt: (data) => protectKey.decrypt(data),
            },
          }),
    };
    this.#current = loadOrCreateAuthority(folder, this.#options);
  }

  get current(): CertificateAuthority {
    return this.#current;
  }

  info(): CertificateInfo {
    const { fingerprint, notAfter } = this.#current;
    return { file: this.file, fingerprint, notAfter };
  }

  export(form: 'pem' | 'der'): Buffer {
    return exportAuthority(this.#current, form);
  }

  /** A new authority in the place of the old one; new connections get certificates of it at once. */
  rotate(): CertificateInfo {
    return this.#use(rotateAuthority(this.#folder, this.#options));
  }

  /** Deletes the files. Until the next start an authority is used that nothing outside of this process knows. */
  remove(): CertificateInfo {
    removeAuthority(this.#folder);
    return this.#use(createAuthority(this.#options.clock()));
  }

  #use(authority: CertificateAuthority): CertificateInfo {
    this.#current = authority;
    this.#changed(authority);
    return this.info();
  }
}
