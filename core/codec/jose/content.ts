import { randomBytes } from 'node:crypto';
import { concat } from '../bytes.ts';
import { openCbc, openGcm, sealCbc, sealGcm } from '../signed/ciphers.ts';
import { type Digest, hmac, sameDigest } from '../signed/signing.ts';

/** Content encryption of JWE (RFC 7518, section 5). */
export interface Encryption {
  /** Length of the content key in bytes. */
  readonly keyBytes: number;
  readonly ivBytes: number;
  open(key: Uint8Array, parts: SealedContent, aad: Uint8Array): Uint8Array | undefined;
  seal(key: Uint8Array, plain: Uint8Array, aad: Uint8Array): SealedContent;
}

export interface SealedContent {
  readonly iv: Uint8Array;
  readonly data: Uint8Array;
  readonly tag: Uint8Array;
}

/** `A128GCM` … `A256CBC-HS512`; undefined for a name that is none of them. */
export function encryptionOf(enc: string): Encryption | undefined {
  const gcm = /^A(128|192|256)GCM$/.exec(enc);
  if (gcm !== null) {
    return {
      keyBytes: Number(gcm[1]) / 8,
      ivBytes: 12,
      open: (key, { iv, data, tag }, aad) => openGcm(key, iv, { data, tag }, aad),
      seal(key, plain, aad) {
        const iv = new Uint8Array(randomBytes(12));
        return { iv, ...sealGcm(key, iv, plain, aad) };
      },
    };
  }
  const cbc = /^A(128|192|256)CBC-HS(256|384|512)$/.exec(enc);
  const half = Number(cbc?.[1]) / 8;
  if (cbc === null || Number(cbc[2]) !== half * 16) return undefined;
  const digest = `sha${cbc[2]}` as Digest;
  const tagOf = (key: Uint8Array, iv: Uint8Array, data: Uint8Array, aad: Uint8Array) => {
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(aad.length * 8));
    return hmac(digest, key.subarray(0, half), aad, iv, data, new Uint8Array(length.buffer)).subarray(0, half);
  };
  return {
    keyBytes: half * 2,
    ivBytes: 16,
    open: (key, { iv, data, tag }, aad) =>
      sameDigest(tagOf(key, iv, data, aad), tag) ? openCbc(key.subarray(half), iv, data) : undefined,
    seal(key, plain, aad) {
      const iv = new Uint8Array(randomBytes(16));
      const data = sealCbc(key.subarray(half), iv, plain);
      return { iv, data, tag: concat([tagOf(key, iv, data, aad)]) };
    },
  };
}
