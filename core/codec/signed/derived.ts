import { hkdfSync, pbkdf2Sync } from 'node:crypto';
import { toHex, utf8 } from '../bytes.ts';
import { type Digest, hash } from './signing.ts';

/** Derived keys are asked for again with every value; deriving one takes about a millisecond. */
const MOST = 5_000;
const known = new Map<string, Uint8Array>();

/** PBKDF2, remembered under a digest of the secret. */
export function pbkdf2(
  secret: Uint8Array,
  salt: string | Uint8Array,
  iterations: number,
  length: number,
  digest: Digest,
): Uint8Array {
  const saltBytes = typeof salt === 'string' ? utf8(salt) : salt;
  return remembered(`pbkdf2 ${iterations} ${length} ${digest}`, secret, saltBytes, () =>
    pbkdf2Sync(secret, saltBytes, iterations, length, digest),
  );
}

/** HKDF with SHA-256. */
export function hkdf(secret: Uint8Array, salt: string, info: string, length: number): Uint8Array {
  return remembered(`hkdf ${info} ${length}`, secret, utf8(salt), () => {
    return new Uint8Array(hkdfSync('sha256', secret, salt, info, length));
  });
}

function remembered(what: string, secret: Uint8Array, salt: Uint8Array, make: () => Uint8Array): Uint8Array {
  const name = `${what} ${toHex(hash('sha256', secret))} ${toHex(hash('sha256', salt))}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = new Uint8Array(make());
  known.set(name, made);
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(oldest);
  }
  return made;
}
