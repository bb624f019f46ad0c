import { randomBytes } from 'node:crypto';
import { concat, fromUtf8, utf8 } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import type { Secret } from '../../codec/secrets.ts';
import { openCbc, sealCbc } from '../../codec/signed/ciphers.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { cannotOpen, findFit, hmac, sameDigest } from '../../codec/signed/signing.ts';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';

/** client-sessions: IV, ciphertext, creation, duration and signature; the cookie's name stands in front of the JSON. */
export const clientSessions: Layer = {
  id: 'client-sessions',
  title: 'Encrypted by client-sessions',
  recognise(bytes) {
    if (partsOf(bytes) === undefined) return undefined;
    return { score: 0.95, reasons: ['An IV, ciphertext, two times in milliseconds and a signature'] };
  },
  decode,
  make: NEVER_NEW,
};

interface Parts {
  readonly iv: Uint8Array;
  readonly data: Uint8Array;
  readonly created: string;
  readonly duration: string;
  readonly mac: Uint8Array;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  const texts = asciiText(bytes)?.split('.') ?? [];
  const [iv64 = '', data64 = '', created = '', duration = '', mac64 = ''] = texts;
  if (texts.length !== 5 || !/^\d{12,14}$/.test(created) || !/^\d{1,15}$/.test(duration)) return undefined;
  const [iv, data, mac] = [iv64, data64, mac64].map((text) => readBase64Text(text, 'url'));
  if (iv?.length !== 16 || data === undefined || data.length % 16 !== 0 || mac?.length !== 32) return undefined;
  return { iv, data, created, duration, mac };
}

function signatureOf(key: Secret, { iv, data, created, duration }: Omit<Parts, 'mac'>): Uint8Array {
  const signing = hmac('sha256', key.bytes, 'cookiesession-signature');
  return hmac('sha256', signing, iv, '.', data, '.', created, '.', duration);
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) throw problem('layer-form', 'These are not the five parts of a session', { at: 0 });
  const fit = findFit(context.keys, [undefined], (key) => sameDigest(signatureOf(key, parts), parts.mac));
  const seal = fit && hmac('sha256', fit.key.bytes, 'cookiesession-encryption');
  const plain = seal && openCbc(seal, parts.iv, parts.data);
  const name = plain && nameIn(plain);
  if (fit === undefined || seal === undefined || plain === undefined || name === undefined) {
    throw cannotOpen(context.keys, 'secret');
  }
  const { created, duration } = parts;
  return envelope({
    outer: bytes,
    inner: plain.subarray(name.length + 1),
    proven: true,
    signature: { scheme: 'client-sessions', state: 'valid', key: fit.index },
    facts: {
      name: fromUtf8(name) ?? '',
      created: momentText(Number(created)),
      duration: Number(duration),
    },
    inside: ['json'],
    habits: { ascii: false },
    build(next) {
      const iv = new Uint8Array(randomBytes(16));
      const at = context.stamp === 'now' ? String(context.time) : created;
      const made = { iv, data: sealCbc(seal, iv, concat([name, utf8('='), next])), created: at, duration };
      const [iv64, data64, mac64] = [iv, made.data, signatureOf(fit.key, made)].map((part) =>
        writeBase64Text(part, 'url'),
      );
      return `${iv64}.${data64}.${at}.${duration}.${mac64}`;
    },
  });
}

function nameIn(plain: Uint8Array): Uint8Array | undefined {
  const equals = plain.indexOf(0x3d);
  return equals < 0 ? undefined : plain.slice(0, equals);
}
