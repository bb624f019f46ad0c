import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { problem } from '../../model/problem.ts';
import { type CertificateAuthority, createAuthority, readAuthorityPem } from './authority.ts';

const CERTIFICATE = 'authority.pem';
const KEY = 'authority.key';
const PROTECTED_KEY = 'authority.key.protected';
/** An authority is replaced at a start within its last month. */
const MONTH = 30 * 86_400_000;

export interface AuthorityFilesOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Called when a new authority is made: because there was none, or in place of one that is about to end. */
  readonly onMade?: (why: 'first' | 'renewed') => void;
  /** Wraps the key with the operating system's keychain (Electron's safeStorage). */
  readonly protectKey?: { encrypt(text: string): Buffer; decrypt(data: Buffer): string };
}

/**
 * The authority kept in a folder; made there at first start and again in the last month of its life. The key's file is
 * readable by its owner only.
 * @throws ProblemError `authority-unreadable` when the files are there but cannot be used: they are never overwritten
 *   unasked, because browsers may trust them.
 */
export function loadOrCreateAuthority(folder: string, options: AuthorityFilesOptions): CertificateAuthority {
  const there = loadAuthority(folder, options);
  if (there !== undefined && there.notAfter - options.clock() > MONTH) return there;
  const made = rotateAuthority(folder, options);
  options.onMade?.(there === undefined ? 'first' : 'renewed');
  return made;
}

/** The authority of a folder, or undefined when there is none. */
function loadAuthority(folder: string, options: AuthorityFilesOptions): CertificateAuthority | undefined {
  const certificate = readIfThere(path.join(folder, CERTIFICATE));
  if (certificate === undefined) return undefined;
  try {
    const plain = readIfThere(path.join(folder, KEY));
    if (plain !== undefined) return readAuthorityPem(certificate.toString(), plain.toString());
    const wrapped = readFileSync(path.join(folder, PROTECTED_KEY));
    if (options.protectKey === undefined) throw new Error('its key is in the keychain, which is not available now');
    return readAuthorityPem(certificate.toString(), options.protectKey.decrypt(wrapped));
  } catch (error) {
    throw problem('authority-unreadable', `The certificate authority cannot be used: ${messageOf(error)}`, {
      where: folder,
      remedy:
        'Unlock the keychain and start again, or make a new certificate in the settings and trust that one instead.',
      cause: error,
    });
  }
}

/**
 * Replaces the authority by a new one. Browsers that trusted the old one must be given the new one.
 * @throws Error when the new one cannot be kept; the old one is still there then.
 */
export function rotateAuthority(folder: string, options: AuthorityFilesOptions): CertificateAuthority {
  const authority = createAuthority(options.clock());
  const key = authority.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { protectKey } = options;
  const [keyFile, otherFile] = protectKey === undefined ? [KEY, PROTECTED_KEY] : [PROTECTED_KEY, KEY];
  const placeKey = writeBeside(path.join(folder, keyFile), protectKey?.encrypt(key) ?? key);
  const placeCertificate = writeBeside(path.join(folder, CERTIFICATE), authority.pem);
  // The certificate goes first and comes last: a crash in between leaves no pair that does not belong together.
  rmSync(path.join(folder, CERTIFICATE), { force: true });
  placeKey();
  rmSync(path.join(folder, otherFile), { force: true });
  placeCertificate();
  return authority;
}

/** Deletes the authority's files. Trust that was given to it elsewhere has to be taken back there. */
export function removeAuthority(folder: string): void {
  for (const file of [CERTIFICATE, KEY, PROTECTED_KEY]) rmSync(path.join(folder, file), { force: true });
}

/** The certificate for export: PEM text or DER bytes. The key is never exported. */
export function exportAuthority(authority: CertificateAuthority, form: 'pem' | 'der'): Buffer {
  return form === 'pem' ? Buffer.from(authority.pem) : Buffer.from(authority.certificate);
}

/** Writes a file that only its owner reads. @returns puts it in its place */
function writeBeside(file: string, content: string | Buffer): () => void {
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
  chmodSync(temporary, 0o600);
  return () => renameSync(temporary, file);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
