import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../secrets.ts';
import { jwkOf } from './header.ts';

export interface KeyPair {
  readonly publicKey: KeyObject;
  /** Absent when only the public key is known. */
  readonly privateKey?: KeyObject;
}

/** Keys that were read; parsing PEM is asked for again with every token. */
const read = new Map<string, KeyPair | null>();
const MOST = 100;

/** A PEM (key or certificate) or JWK as keys; undefined when the text is neither. */
export function keyPair({ text }: Secret): KeyPair | undefined {
  const known = read.get(text);
  if (known !== undefined) return known ?? undefined;
  const found = readPair(text);
  if (read.size >= MOST) read.clear();
  read.set(text, found ?? null);
  return found;
}

function readPair(text: string): KeyPair | undefined {
  const jwk = jwkOf(text);
  if (jwk === undefined && !text.includes('-----BEGIN')) return undefined;
  // A PEM from an environment file often has its line breaks written out.
  const pem = text.replaceAll('\\n', '\n');
  const given = jwk === undefined ? pem : ({ key: jwk as JsonWebKey, format: 'jwk' } as const);
  try {
    const privateKey = createPrivateKey(given as Parameters<typeof createPrivateKey>[0]);
    return { publicKey: createPublicKey(privateKey), privateKey };
  } catch {
    try {
      return { publicKey: createPublicKey(given as Parameters<typeof createPublicKey>[0]) };
    } catch {
      return undefined;
    }
  }
}
