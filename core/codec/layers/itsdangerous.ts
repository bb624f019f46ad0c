import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';
import { fromLatin1, latin1, utf8 } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import type { Secret } from '../secrets.ts';
import { deflated, inflated } from '../signed/compression.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { type Alphabet, asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { type Digest, digestOfLength, findFit, hash, hmac, sameDigest, signer, stateOf } from '../signed/signing.ts';

/** Between versions before 1.1 and Unix time: the stamps of old versions count from 2011. */
const OLD_EPOCH = 1_293_840_000;
/** Stamps between 1995 and 2100 count from 1970, smaller ones (from four months on) from 2011. */
const EARLIEST = 800_000_000;
const LATEST = 4_102_444_800;
const LEAST_OLD = 10_000_000;

type Derivation = 'hmac' | 'django-concat' | 'concat' | 'none';
const DERIVATIONS: readonly Derivation[] = ['hmac', 'django-concat', 'concat', 'none'];

/** Salts that libraries fix or that documentation uses; another one is named as `itsdangerous:SALT`. */
const SALTS: readonly string[] = [
  'cookie-session',
  'itsdangerous.Signer',
  'itsdangerous',
  'flask-session',
  'wtf-csrf-token',
  'remember-salt',
  'login-salt',
  'confirm-salt',
  'reset-salt',
  'activate',
  'upgrade',
  'unsubscribe',
  'auth',
  'session',
  'email-confirm',
  'email-confirm-key',
  'email-confirm-salt',
  'password-reset',
  'password-reset-salt',
  'recover-key',
];

interface Scheme {
  readonly salt: string;
  readonly derivation: Derivation;
}

interface Parts {
  /** What is signed up to the stamp, exactly as it stands. */
  readonly payload: string;
  readonly stamp?: string;
  readonly seconds?: number;
  readonly digest: Digest;
  readonly sig: string;
  readonly form: Form;
}

/** How the payload holds the data. */
interface Form {
  readonly alphabet: Alphabet;
  readonly zlib: boolean;
  readonly bytes: Uint8Array;
}

/**
 * Values signed by itsdangerous, with or without a time stamp, in every key derivation and digest: Flask's session
 * (`cookie-session`, `hmac`), Starlette's (standard base64), and tokens. Argument: the salt.
 */
export const itsdangerous: Layer = {
  id: 'itsdangerous',
  title: 'Signed by itsdangerous',
  recognise(bytes) {
    const parts = partsOf(bytes);
    if (parts === undefined) return undefined;
    const what = parts.stamp === undefined ? 'A payload and a signature' : 'A payload, a time stamp and a signature';
    return {
      score: parts.stamp === undefined ? 0.62 : 0.92,
      reasons: [`${what} of ${parts.digest === 'sha1' ? '27' : parts.sig.length} characters, separated by dots`],
    };
  },
  decode,
  make: NEVER_NEW,
};

function partsOf(bytes: Uint8Array): Parts | undefined {
  const text = asciiText(bytes);
  const lastDot = text?.lastIndexOf('.') ?? -1;
  if (text === undefined || lastDot < 1) return undefined;
  const sig = text.slice(lastDot + 1);
  const mac = readBase64Text(sig, 'url');
  const digest = mac === undefined ? undefined : digestOfLength(mac.length);
  if (digest === undefined || digest === 'md5') return undefined;
  const signed = text.slice(0, lastDot);
  const stampDot = signed.lastIndexOf('.');
  if (stampDot > 0) {
    const stamp = signed.slice(stampDot + 1);
    const seconds = secondsOf(stamp);
    const payload = signed.slice(0, stampDot);
    const form = seconds === undefined ? undefined : formOf(payload);
    if (form !== undefined && seconds !== undefined) return { payload, stamp, seconds, digest, sig, form };
  }
  const form = formOf(signed);
  return form && { payload: signed, digest, sig, form };
}

function formOf(payload: string): Form | undefined {
  const zlib = payload.startsWith('.');
  const body = zlib ? payload.slice(1) : payload;
  if (body === '') return undefined;
  const alphabets: readonly Alphabet[] = zlib ? ['url'] : ['url', 'standard'];
  const found = alphabets.flatMap((alphabet) => {
    const bytes = readBase64Text(body, alphabet);
    return bytes === undefined ? [] : [{ alphabet, zlib, bytes }];
  });
  if (found.length < 2) return found[0];
  // Both alphabets fit: Starlette, which writes standard base64, also writes Python's spaced JSON.
  const spaced = /": |, /.test(fromLatin1(found[0]?.bytes.subarray(0, 2000) ?? new Uint8Array()));
  return spaced ? found[1] : found[0];
}

function secondsOf(stamp: string): number | undefined {
  const bytes = readBase64Text(stamp, 'url');
  if (bytes === undefined || bytes.length < 3 || bytes.length > 5) return undefined;
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  if (value >= EARLIEST) return value <= LATEST ? value : undefined;
  return value >= LEAST_OLD ? value + OLD_EPOCH : undefined;
}

/** A stamp for now, counted as the old one was. */
function stampOf(seconds: number, old: string): string {
  const bytes = readBase64Text(old, 'url') ?? new Uint8Array();
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  let left = value < EARLIEST ? seconds - OLD_EPOCH : seconds;
  const made: number[] = [];
  for (; left > 0; left = Math.floor(left / 256)) made.unshift(left % 256);
  return writeBase64Text(Uint8Array.from(made), 'url');
}

function derive(key: Secret, { salt, derivation }: Scheme, digest: Digest): Uint8Array {
  switch (derivation) {
    case 'hmac':
      return hmac(digest, key.bytes, utf8(salt));
    case 'django-concat':
      return hash(digest, utf8(salt), 'signer', key.bytes);
    case 'concat':
      return hash(digest, utf8(salt), key.bytes);
    case 'none':
      return key.bytes;
  }
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) {
    throw problem('layer-form', 'This is not a payload and a signature in url-safe base64', { at: 0 });
  }
  const { payload, stamp, seconds, digest, sig, form } = parts;
  const signed = stamp === undefined ? payload : `${payload}.${stamp}`;
  const mac = readBase64Text(sig, 'url') as Uint8Array;
  const salts = context.argument === undefined ? SALTS : [context.argument];
  const schemes = salts.flatMap((salt) => DERIVATIONS.map((derivation): Scheme => ({ salt, derivation })));
  const fit = findFit(context.keys, schemes, (key, scheme) =>
    sameDigest(hmac(digest, derive(key, scheme, digest), signed), mac),
  );
  const compressed = form.zlib ? inflated(form.bytes, context) : undefined;
  const inner = compressed?.bytes ?? form.bytes;
  const starlette = form.alphabet === 'standard';
  return envelope({
    outer: bytes,
    inner,
    signature: stateOf('itsdangerous', context.keys, fit),
    facts: {
      digest,
      compressed: form.zlib,
      ...(seconds !== undefined && { stamp: momentText(seconds * 1000) }),
      ...(fit && { salt: fit.scheme.salt, derivation: fit.scheme.derivation }),
    },
    // Only Flask's own session has its tags: elsewhere a member may be named like one.
    inside:
      starlette || (fit !== undefined && fit.scheme.salt !== 'cookie-session') ? ['json'] : ['tagged-json', 'json'],
    // Flask sorts keys unless told otherwise; other users of the library do not.
    habits: starlette
      ? { ascii: true, spaced: true }
      : { ascii: true, sortKeys: fit === undefined || fit.scheme.salt === 'cookie-session' },
    build(next) {
      const { key, scheme } = signer(context.keys, fit, 'SECRET_KEY');
      const body = starlette ? writeBase64Text(next, 'standard') : urlSafe(next, compressed?.encode(next));
      const at =
        stamp === undefined || context.stamp === 'keep' ? stamp : stampOf(Math.floor(context.time / 1000), stamp);
      const text = at === undefined ? body : `${body}.${at}`;
      return latin1(`${text}.${writeBase64Text(hmac(digest, derive(key, scheme, digest), text), 'url')}`);
    },
  });
}

/** The payload of URLSafeSerializer: compressed where that saves at least two bytes. */
function urlSafe(inner: Uint8Array, packed: Uint8Array | undefined): string {
  const small = packed ?? deflated(inner);
  if (small.length < inner.length - 1) return `.${writeBase64Text(small, 'url')}`;
  return writeBase64Text(inner, 'url');
}
