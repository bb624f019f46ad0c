import path from 'node:path';
import type { Notice } from '../model/app.ts';
import { type Problem, problem, toProblem } from '../model/problem.ts';
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
export class CertificateService {
  readonly file: string;
  readonly #folder: string;
  readonly #options: AuthorityFilesOptions;
  readonly #listeners: ((authority: CertificateAuthority) => void)[] = [];
  #current: CertificateAuthority;
  #state: CertificateInfo['state'] = 'kept';
  #problem: Problem | undefined;

  /**
   * Never fails: where the authority cannot be used (its key is in a keychain that is gone, a file is damaged) or not be
   * kept, one in memory takes its place until the user rotates it, and `info()` says why. The files stay as they are.
   */
  constructor(options: {
    readonly folder: string;
    readonly clock: () => number;
    readonly protectKey: KeyProtection | undefined;
  }) {
    const { folder, clock, protectKey } = options;
    this.#folder = folder;
    this.file = path.join(folder, 'authority.pem');
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
    try {
      this.#current = loadOrCreateAuthority(folder, {
        ...this.#options,
        onMade: (why) => {
          if (why === 'renewed') this.#state = 'renewed';
        },
      });
    } catch (error) {
      this.#current = createAuthority(clock());
      this.#state = 'temporary';
      this.#problem = asProblem(error, folder);
    }
  }

  /** Tells of each authority that takes the place of the one before. */
  onChange(listener: (authority: CertificateAuthority) => void): void {
    this.#listeners.push(listener);
  }

  get current(): CertificateAuthority {
    return this.#current;
  }

  info(): CertificateInfo {
    const { fingerprint, notAfter } = this.#current;
    return {
      file: this.file,
      fingerprint,
      notAfter,
      state: this.#state,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** What the user should know at the start. */
  get notices(): Notice[] {
    if (this.#problem !== undefined) {
      const { message, remedy } = this.#problem;
      return [{ level: 'warning', message, ...(remedy === undefined ? {} : { remedy }) }];
    }
    if (this.#state !== 'renewed') return [];
    return [
      {
        level: 'warning',
        message: 'The certificate of the proxy was about to end: a new one was made',
        remedy: 'Where you had installed the old one, remove it and install the new one. The settings say how.',
      },
    ];
  }

  export(form: 'pem' | 'der'): Buffer {
    return exportAuthority(this.#current, form);
  }

  /**
   * A new authority in the place of the old one; new connections get certificates of it at once.
   * @throws ProblemError `authority-not-kept`: nothing has changed then
   */
  rotate(): CertificateInfo {
    try {
      return this.#use(rotateAuthority(this.#folder, this.#options), 'kept');
    } catch (error) {
      throw problem('authority-not-kept', asProblem(error, this.#folder).message, { cause: error });
    }
  }

  /** Deletes the files. Until the next start an authority is used that nothing outside of this process knows. */
  remove(): CertificateInfo {
    removeAuthority(this.#folder);
    return this.#use(createAuthority(this.#options.clock()), 'temporary');
  }

  #use(authority: CertificateAuthority, state: CertificateInfo['state']): CertificateInfo {
    this.#current = authority;
    this.#state = state;
    this.#problem = undefined;
    for (const listener of this.#listeners) listener(authority);
    return this.info();
  }
}

/** Files that cannot be written and a keychain that refuses are no bugs either. */
function asProblem(error: unknown, folder: string): Problem {
  const seen = toProblem(error);
  if (seen.kind !== 'internal') return seen;
  return {
    kind: 'authority-not-kept',
    message: `The certificate authority cannot be kept: ${seen.message}`,
    where: folder,
    remedy: 'Look at the folder and the keychain, then make a new certificate in the settings.',
  };
}
