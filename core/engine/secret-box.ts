import type { KeyProtection } from './host.ts';

/** Secrets of settings as they are stored: sealed by the host's keychain where it has one. */
export type Sealed = { readonly sealed: string } | { readonly plain: Readonly<Record<string, string>> };

/**
 * Makes secrets ready for the workspace file. Without a keychain they lie there as they are: the file is its owner's
 * alone, like the key of the certificate authority in that case.
 */
export function seal(secrets: Readonly<Record<string, string>>, protection: KeyProtection | undefined): Sealed {
  if (protection === undefined || Object.keys(secrets).length === 0) return { plain: secrets };
  return { sealed: Buffer.from(protection.encrypt(JSON.stringify(secrets))).toString('base64') };
}

/** The secrets again; none when they cannot be read (another keychain, a damaged file): the user is asked again. */
export function unseal(value: unknown, protection: KeyProtection | undefined): Record<string, string> {
  const { sealed, plain } = (value ?? {}) as { sealed?: unknown; plain?: unknown };
  if (typeof sealed !== 'string') return textsOf(plain);
  if (protection === undefined) return {};
  try {
    return textsOf(JSON.parse(protection.decrypt(Buffer.from(sealed, 'base64'))));
  } catch {
    return {};
  }
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
