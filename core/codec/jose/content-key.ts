import {
  constants,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  type JsonWebKey,
  pbkdf2Sync,
  privateDecrypt,
} from 'node:crypto';
import { concat, utf8 } from '../bytes.ts';
import { anyBase64, type Secret } from '../secrets.ts';
import { openGcm } from '../signed/ciphers.ts';
import { type Digest, hash } from '../signed/signing.ts';
import { keyPair } from './asymmetric.ts';
import { type JoseHeader, symmetricKeys } from './header.ts';

/** PBKDF2 rounds beyond this are refused: a token may ask for any number. */
const MOST_ROUNDS = 1_000_000;

/** The content key of a JWE as one of the keys gives it (RFC 7518, section 4); undefined when the key does not fit. */
export function contentKeys(secret: Secret, header: JoseHeader, encrypted: Uint8Array, length: number): Uint8Array[] {
  try {
    return keysFor(secret, header, encrypted, length).filter((key) => key.length === length);
  } catch {
    return [];
  }
}

function keysFor(secret: Secret, header: JoseHeader, encrypted: Uint8Array, length: number): Uint8Array[] {
  const { alg } = header;
  if (alg === 'dir') return encrypted.length === 0 ? symmetricKeys(secret, length) : [];
  const wrap = /^A(128|192|256)(GCM)?KW$/.exec(alg);
  if (wrap !== null) {
    return symmetricKeys(secret, Number(wrap[1]) / 8).flatMap((key) =>
      wrap[2] === undefined ? unwrap(key, encrypted) : unwrapGcm(key, header, encrypted),
    );
  }
  const password = /^PBES2-HS(256|384|512)\+A(128|192|256)KW$/.exec(alg);
  if (password !== null) {
    const rounds = header['p2c'];
    const salt = typeof header['p2s'] === 'string' ? anyBase64(header['p2s']) : undefined;
    if (typeof rounds !== 'number' || rounds < 1 || rounds > MOST_ROUNDS || salt === undefined) return [];
    const full = concat([utf8(alg), new Uint8Array(1), salt]);
    const key = pbkdf2Sync(secret.bytes, full, rounds, Number(password[2]) / 8, `sha${password[1]}`);
    return unwrap(new Uint8Array(key), encrypted);
  }
  const rsa = /^RSA-OAEP(?:-(256|384|512))?$|^RSA1_5$/.exec(alg);
  if (rsa !== null) {
    const privateKey = keyPair(secret)?.privateKey;
    if (privateKey === undefined || privateKey.asymmetricKeyType !== 'rsa') return [];
    const padding = alg === 'RSA1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
    const oaep = alg === 'RSA1_5' ? {} : { oaepHash: `sha${rsa[1] ?? '1'}` };
    return [new Uint8Array(privateDecrypt({ key: privateKey, padding, ...oaep }, encrypted))];
  }
  const agreed = /^ECDH-ES(?:\+A(128|192|256)KW)?$/.exec(alg);
  if (agreed !== null) {
    const bytes = agreed[1] === undefined ? length : Number(agreed[1]) / 8;
    const key = agree(secret, header, bytes, agreed[1] === undefined ? (header.enc ?? '') : alg);
    if (key === undefined) return [];
    return agreed[1] === undefined ? [key] : unwrap(key, encrypted);
  }
  return [];
}

/** AES key wrap (RFC 3394). */
function unwrap(key: Uint8Array, wrapped: Uint8Array): Uint8Array[] {
  const decipher = createDecipheriv(`id-aes${key.length * 8}-wrap`, key, Buffer.alloc(8, 0xa6));
  return [new Uint8Array(Buffer.concat([decipher.update(wrapped), decipher.final()]))];
}

function unwrapGcm(key: Uint8Array, header: JoseHeader, wrapped: Uint8Array): Uint8Array[] {
  const [iv, tag] = [header['iv'], header['tag']].map((one) => (typeof one === 'string' ? anyBase64(one) : undefined));
  const found = iv && tag && openGcm(key, iv, { data: wrapped, tag });
  return found === undefined ? [] : [found];
}

/** ECDH-ES with the Concat KDF (section 4.6). */
function agree(secret: Secret, header: JoseHeader, bytes: number, algorithm: string): Uint8Array | undefined {
  const privateKey = keyPair(secret)?.privateKey;
  const epk = header['epk'];
  if (privateKey === undefined || typeof epk !== 'object' || epk === null) return undefined;
  const publicKey = createPublicKey({ key: epk as JsonWebKey, format: 'jwk' });
  const shared = diffieHellman({ privateKey, publicKey });
  const party = (name: string) => {
    const value = header[name];
    return (typeof value === 'string' ? anyBase64(value) : undefined) ?? new Uint8Array();
  };
  const info = concat([prefixed(utf8(algorithm)), prefixed(party('apu')), prefixed(party('apv')), uint32(bytes * 8)]);
  const blocks: Uint8Array[] = [];
  const digest: Digest = 'sha256';
  for (let i = 1; (i - 1) * 32 < bytes; i++) blocks.push(hash(digest, uint32(i), new Uint8Array(shared), info));
  return concat(blocks).subarray(0, bytes);
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return new Uint8Array(view.buffer);
}
