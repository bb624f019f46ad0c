import { fromLatin1, latin1, utf8 } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import { deflated, inflated } from '../../codec/signed/compression.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { type Digest, findFit, hash, hmac, sameDigest, signer, stateOf } from '../../codec/signed/signing.ts';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM = /^(\.?)([\w-]*):([0-9A-Za-z]{5,7}):([\w-]{43}|[\w-]{27})$/;

/** Of the session in the cookie, of rows and files, and of `django.core.signing` itself. Another one: `django:SALT`. */
const SALTS: readonly string[] = [
  'django.contrib.sessions.backends.signed_cookies',
  'django.contrib.sessions.SessionStore',
  'django.core.signing',
  'django.contrib.messages',
  'django.core.signing.get_cookie_signer',
];

/** What Django's `signing.dumps` makes: cookie sessions, and rows and files since 3.1. Argument: the salt. */
export const django: Layer = {
  id: 'django',
  title: 'Signed by Django',
  recognise(bytes) {
    const parts = partsOf(bytes);
    if (parts === undefined) return undefined;
    return { score: 0.96, reasons: ['A payload, a time stamp in base 62 and a signature, separated by colons'] };
  },
  decode,
  make: NEVER_NEW,
};

/** Rows of Django before 3.1: base64 of a signature in hex, a colon and the data. */
export const djangoLegacy: Layer = {
  id: 'django-legacy',
  title: 'Session row of Django before 3.1',
  recognise(bytes) {
    if (legacyOf(bytes) === undefined) return undefined;
    return { score: 0.93, reasons: ['Base64 of 40 hex digits, a colon and data'] };
  },
  decode: decodeLegacy,
  make: NEVER_NEW,
};

interface Parts {
  readonly zlib: boolean;
  readonly payload: Uint8Array;
  readonly stamp: string;
  readonly seconds: number;
  readonly signed: string;
  readonly mac: Uint8Array;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  const found = FORM.exec(asciiText(bytes) ?? '');
  if (found === null) return undefined;
  const [whole, dot, body = '', stamp = '', sig = ''] = found;
  const payload = readBase64Text(body, 'url');
  const mac = readBase64Text(sig, 'url');
  const seconds = [...stamp].reduce((value, digit) => value * 62 + DIGITS.indexOf(digit), 0);
  // 2000 to 2100.
  if (payload === undefined || mac === undefined || seconds < 946_684_800 || seconds > 4_102_444_800) return undefined;
  return { zlib: dot === '.', payload, stamp, seconds, signed: whole.slice(0, -sig.length - 1), mac };
}

function stampOf(seconds: number): string {
  let text = '';
  for (let left = seconds; left > 0; left = Math.floor(left / 62)) text = DIGITS.charAt(left % 62) + text;
  return text;
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) {
    throw problem('layer-form', 'This is not a payload, a time stamp and a signature with colons between', { at: 0 });
  }
  const { zlib, payload, stamp, seconds, signed, mac } = parts;
  const digest: Digest = mac.length === 32 ? 'sha256' : 'sha1';
  const sign = (key: Uint8Array, salt: string, text: string) =>
    hmac(digest, hash(digest, utf8(salt), 'signer', key), text);
  const salts = context.argument === undefined ? SALTS : [context.argument];
  const fit = findFit(context.keys, salts, (key, salt) => sameDigest(sign(key.bytes, salt, signed), mac));
  const compressed = zlib ? inflated(payload, context) : undefined;
  return envelope({
    outer: bytes,
    inner: compressed?.bytes ?? payload,
    signature: stateOf('django', context.keys, fit),
    facts: {
      digest,
      compressed: zlib,
      stamp: momentText(seconds * 1000),
      ...(fit && { salt: fit.scheme }),
    },
    inside: ['json', 'pickle'],
    habits: { ascii: true },
    build(next) {
      const { key, scheme } = signer(context.keys, fit, 'SECRET_KEY');
      const small = compressed?.encode(next) ?? deflated(next);
      const body = small.length < next.length - 1 ? `.${writeBase64Text(small, 'url')}` : writeBase64Text(next, 'url');
      const text = `${body}:${context.stamp === 'now' ? stampOf(Math.floor(context.time / 1000)) : stamp}`;
      return `${text}:${writeBase64Text(sign(key.bytes, scheme, text), 'url')}`;
    },
  });
}

interface Legacy {
  readonly hex: string;
  readonly data: Uint8Array;
}

function legacyOf(bytes: Uint8Array): Legacy | undefined {
  const text = asciiText(bytes);
  const inner = text === undefined || text.length < 56 ? undefined : readBase64Text(text, 'standard');
  if (inner === undefined || inner[40] !== 0x3a) return undefined;
  const hex = fromLatin1(inner.subarray(0, 40));
  return /^[0-9a-f]{40}$/.test(hex) ? { hex, data: inner.subarray(41) } : undefined;
}

function decodeLegacy(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = legacyOf(bytes);
  if (parts === undefined)
    throw problem('layer-form', 'This is not base64 of a signature, a colon and data', { at: 0 });
  const mac = Uint8Array.from(parts.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const salts = [context.argument ?? 'django.contrib.sessionsSessionStore'];
  const sign = (key: Uint8Array, salt: string, data: Uint8Array) => hmac('sha1', hash('sha1', utf8(salt), key), data);
  const fit = findFit(context.keys, salts, (key, salt) => sameDigest(sign(key.bytes, salt, parts.data), mac));
  return envelope({
    outer: bytes,
    inner: parts.data,
    signature: stateOf('django-legacy', context.keys, fit),
    facts: { digest: 'sha1' },
    inside: ['json', 'pickle'],
    habits: { ascii: true },
    build(next) {
      const { key, scheme } = signer(context.keys, fit, 'SECRET_KEY');
      const hex = Buffer.from(sign(key.bytes, scheme, next)).toString('hex');
      return writeBase64Text(Buffer.concat([latin1(`${hex}:`), next]), 'standard');
    },
  });
}
