import { randomBytes } from 'node:crypto';
import { problem } from '../../model/problem.ts';
import { fromLatin1, latin1, toHex } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext, Recognition } from '../layer.ts';
import type { Secret } from '../secrets.ts';
import { openCbc, openGcm, sealCbc, sealGcm } from '../signed/ciphers.ts';
import { pbkdf2 } from '../signed/derived.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { cannotOpen, type Digest, hmac, sameDigest } from '../signed/signing.ts';
import { messageParts } from './message-verifier.ts';

const SETTING = 'secret_key_base';
const DERIVATIONS: readonly Digest[] = ['sha256', 'sha1'];

/** ActiveSupport's MessageEncryptor: AES-256-GCM in three parts, or AES-256-CBC inside a signed message. */
export const messageEncryptor: Layer = {
  id: 'message-encryptor',
  title: 'Encrypted message (ActiveSupport)',
  recognise(bytes): Recognition | undefined {
    if (gcmParts(bytes) !== undefined) {
      return { score: 0.93, reasons: ['Ciphertext, IV and tag in base64, with two dashes between'] };
    }
    if (cbcParts(bytes) === undefined) return undefined;
    return { score: 0.94, reasons: ['Ciphertext and IV in base64, signed as a whole'] };
  },
  decode(bytes, context) {
    const gcm = gcmParts(bytes);
    if (gcm !== undefined) return decodeGcm(bytes, gcm, context);
    const cbc = cbcParts(bytes);
    if (cbc !== undefined) return decodeCbc(bytes, cbc, context);
    throw problem('layer-form', 'These are not the parts of an encrypted message', { at: 0 });
  },
  make: NEVER_NEW,
};

const INSIDE = ['rails-message', 'json-item:_rails.data', 'marshal', 'json'];

interface Gcm {
  readonly data: Uint8Array;
  readonly iv: Uint8Array;
  readonly tag: Uint8Array;
}

function gcmParts(bytes: Uint8Array): Gcm | undefined {
  const texts = asciiText(bytes)?.split('--') ?? [];
  if (texts.length !== 3) return undefined;
  const [data, iv, tag] = texts.map((text) => readBase64Text(text, 'standard'));
  if (data === undefined || iv?.length !== 12 || tag?.length !== 16) return undefined;
  return { data, iv, tag };
}

function decodeGcm(bytes: Uint8Array, parts: Gcm, context: LayerContext): BytesDecoded {
  const salt = context.argument ?? 'authenticated encrypted cookie';
  for (const [index, secret] of context.keys.entries()) {
    for (const key of gcmKeys(secret, salt)) {
      const plain = openGcm(key, parts.iv, parts);
      if (plain === undefined) continue;
      return envelope({
        outer: bytes,
        inner: plain,
        proven: true,
        signature: { scheme: 'message-encryptor', state: 'valid', key: index },
        facts: { cipher: `AES-${key.length * 8}-GCM` },
        inside: INSIDE,
        habits: { ascii: false },
        build(next) {
          const iv = new Uint8Array(randomBytes(12));
          const { data, tag } = sealGcm(key, iv, next);
          return [data, iv, tag].map((part) => writeBase64Text(part, 'standard')).join('--');
        },
      });
    }
  }
  throw cannotOpen(context.keys, SETTING);
}

function gcmKeys(secret: Secret, salt: string): Uint8Array[] {
  const derived = DERIVATIONS.map((digest) => pbkdf2(secret.bytes, salt, 1000, 32, digest));
  return secret.bytes.length === 32 ? [...derived, secret.bytes] : derived;
}

interface Cbc {
  readonly body: string;
  readonly data: Uint8Array;
  readonly iv: Uint8Array;
  readonly mac: Uint8Array;
  readonly digest: Digest;
}

function cbcParts(bytes: Uint8Array): Cbc | undefined {
  const signed = messageParts(bytes);
  if (signed === undefined) return undefined;
  const inner = /^([A-Za-z0-9+/]+={0,2})--([A-Za-z0-9+/]{22}==)$/.exec(fromLatin1(signed.data));
  if (inner === null) return undefined;
  const [data, iv] = [inner[1] ?? '', inner[2] ?? ''].map((text) => readBase64Text(text, 'standard'));
  if (data === undefined || iv?.length !== 16) return undefined;
  return { body: signed.body, data, iv, mac: signed.mac, digest: signed.digest };
}

function decodeCbc(bytes: Uint8Array, parts: Cbc, context: LayerContext): BytesDecoded {
  const { body, data, iv, mac, digest } = parts;
  for (const [index, secret] of context.keys.entries()) {
    for (const derivation of ['sha1', 'sha256'] as const) {
      const macKey = pbkdf2(secret.bytes, 'signed encrypted cookie', 1000, 64, derivation);
      if (!sameDigest(hmac(digest, macKey, body), mac)) continue;
      const key = pbkdf2(secret.bytes, 'encrypted cookie', 1000, 64, derivation).subarray(0, 32);
      const plain = openCbc(key, iv, data);
      if (plain === undefined) continue;
      return envelope({
        outer: bytes,
        inner: plain,
        proven: true,
        signature: { scheme: 'message-encryptor', state: 'valid', key: index },
        facts: { cipher: 'AES-256-CBC', digest },
        inside: INSIDE,
        habits: { ascii: false },
        build(next) {
          const fresh = new Uint8Array(randomBytes(16));
          const parts64 = [sealCbc(key, fresh, next), fresh].map((part) => writeBase64Text(part, 'standard'));
          const text = writeBase64Text(latin1(parts64.join('--')), 'standard');
          return `${text}--${toHex(hmac(digest, macKey, text))}`;
        },
      });
    }
  }
  throw cannotOpen(context.keys, SETTING);
}
