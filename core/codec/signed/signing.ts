import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { problem } from '../../model/problem.ts';
import type { Signature } from '../layer.ts';
import type { Secret } from '../secrets.ts';

/** What the layers of signed and sealed values have in common: which key fits, and which one signs. */

export type Digest = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export function hmac(digest: Digest, key: Uint8Array, ...data: readonly (Uint8Array | string)[]): Uint8Array {
  const made = createHmac(digest, key);
  for (const part of data) made.update(part);
  return new Uint8Array(made.digest());
}

export function hash(digest: Digest, ...data: readonly (Uint8Array | string)[]): Uint8Array {
  const made = createHash(digest);
  for (const part of data) made.update(part);
  return new Uint8Array(made.digest());
}

/** Compares in a time that does not depend on where the two differ. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The digest whose output has this many bytes; for 32 bytes SHA-256. */
export function digestOfLength(bytes: number): Digest | undefined {
  return LENGTHS.get(bytes);
}

const LENGTHS: ReadonlyMap<number, Digest> = new Map([
  [16, 'md5'],
  [20, 'sha1'],
  [28, 'sha224'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
]);

/** The key that fits, and how it was used: the salt, the derivation, whatever the format leaves open. */
export interface Fit<S> {
  readonly index: number;
  readonly key: Secret;
  readonly scheme: S;
}

/** Tries every key with every scheme. */
export function findFit<S>(
  keys: readonly Secret[],
  schemes: readonly S[],
  fits: (key: Secret, scheme: S) => boolean,
): Fit<S> | undefined {
  for (const [index, key] of keys.entries()) {
    for (const scheme of schemes) if (fits(key, scheme)) return { index, key, scheme };
  }
  return undefined;
}

/** The state of a signature that can be checked with `keys`. */
export function stateOf(scheme: string, keys: readonly Secret[], fit: Fit<unknown> | undefined): Signature {
  if (fit !== undefined) return { scheme, state: 'valid', key: fit.index };
  return { scheme, state: keys.length === 0 ? 'unchecked' : 'invalid' };
}

/**
 * The fit to sign with: the first of the keys, used as the one that fits is. Kinds `needs-secret` and `wrong-key`, with
 * the name that the framework's settings have for the key.
 */
export function signer<S>(keys: readonly Secret[], fit: Fit<S> | undefined, setting: string): Fit<S> {
  const [first] = keys;
  if (first === undefined) throw needsSecret(setting);
  if (fit === undefined) throw wrongKey(setting);
  return { index: 0, key: first, scheme: fit.scheme };
}

/** As `signer` for formats whose keys have different purposes: the key that fits signs again. */
export function sameSigner<S>(keys: readonly Secret[], fit: Fit<S> | undefined, setting: string): Fit<S> {
  if (keys.length === 0) throw needsSecret(setting);
  if (fit === undefined) throw wrongKey(setting);
  return fit;
}

export function needsSecret(setting: string): Error {
  return problem('needs-secret', `The key is needed: ${setting} of the application`, {
    remedy: `Add the value of ${setting} as a key`,
  });
}

function wrongKey(setting: string): Error {
  return problem('wrong-key', `The value was made with another key than those given for ${setting}`, {
    remedy: `Look which ${setting} the application runs with`,
  });
}

/** For sealed values: why nothing can be read. */
export function cannotOpen(keys: readonly Secret[], setting: string): Error {
  return keys.length === 0 ? needsSecret(setting) : wrongKey(setting);
}
