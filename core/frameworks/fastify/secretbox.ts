import { randomBytes } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import { anyBase64, type Secret } from '../../codec/secrets.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { cannotOpen } from '../../codec/signed/signing.ts';
import { problem } from '../../model/problem.ts';

/** @fastify/secure-session: libsodium's secretbox, a semicolon and the nonce, both in base64. */
export const secretbox: Layer = {
  id: 'secretbox',
  title: 'Encrypted by @fastify/secure-session',
  recognise(bytes) {
    if (partsOf(bytes) === undefined) return undefined;
    return { score: 0.93, reasons: ['Base64, a semicolon and a nonce of 24 bytes'] };
  },
  decode,
  make: NEVER_NEW,
};

function partsOf(bytes: Uint8Array): { box: Uint8Array; nonce: Uint8Array } | undefined {
  const texts = asciiText(bytes)?.split(';') ?? [];
  const [box, nonce] = texts.map((text) => readBase64Text(text, 'standard'));
  if (texts.length !== 2 || box === undefined || nonce?.length !== 24 || box.length < 16) return undefined;
  return { box, nonce };
}

function keysOf({ bytes, text }: Secret): Uint8Array[] {
  const decoded = /^[0-9a-f]{64}$/i.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : anyBase64(text);
  return [bytes, decoded].filter((key): key is Uint8Array => key?.length === 32);
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) throw problem('layer-form', 'This is not base64, a semicolon and a nonce', { at: 0 });
  for (const [index, secret] of context.keys.entries()) {
    for (const key of keysOf(secret)) {
      const plain = openBox(key, parts.nonce, parts.box);
      if (plain === undefined) continue;
      return envelope({
        outer: bytes,
        inner: plain,
        proven: true,
        signature: { scheme: 'secretbox', state: 'valid', key: index },
        facts: { cipher: 'XSalsa20-Poly1305' },
        inside: ['json'],
        habits: { ascii: false },
        build(next) {
          const nonce = new Uint8Array(randomBytes(24));
          const box = xsalsa20poly1305(key, nonce).encrypt(next);
          return `${writeBase64Text(box, 'standard')};${writeBase64Text(nonce, 'standard')}`;
        },
      });
    }
  }
  throw cannotOpen(context.keys, 'key');
}

function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  try {
    return xsalsa20poly1305(key, nonce).decrypt(box);
  } catch {
    return undefined;
  }
}
