import { concat, fromLatin1, latin1, utf8 } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import { jsonItem, pickleItem } from '../../codec/layers/members.ts';
import type { Secret } from '../../codec/secrets.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import {
  type Digest,
  digestOfLength,
  findFit,
  hmac,
  sameDigest,
  sameSigner,
  stateOf,
} from '../../codec/signed/signing.ts';
import { ProblemError, problem } from '../../model/problem.ts';

/** SHA-512 is the default of SignedCookieSessionFactory. */
const LENGTHS = [64, 32, 20, 48, 28, 16];
/** The default, and prefixes that applications are often configured with; another one is named as `pyramid:SALT`. */
const SALTS = ['pyramid.session.', 'custom.salt.', 'session.', 'session', 'webob', ''];

/** Pyramid's signed cookie session: url-safe base64 of a digest and `[renewed, created, {data}]` in JSON or a pickle. */
export const pyramid: Layer = {
  id: 'pyramid',
  title: 'Session of Pyramid, signed',
  recognise(bytes) {
    const data = dataOf(bytes);
    if (data === undefined || !LENGTHS.some((length) => looksLikeSession(data.subarray(length)))) return undefined;
    return { score: 0.78, reasons: ['Url-safe base64 of a digest and the beginning of a session'] };
  },
  decode,
  make: NEVER_NEW,
};

function dataOf(bytes: Uint8Array): Uint8Array | undefined {
  const text = asciiText(bytes);
  return text === undefined || text.length < 40 ? undefined : readBase64Text(text, 'url');
}

function looksLikeSession(body: Uint8Array): boolean {
  if (body[0] === 0x80) return (body[1] ?? 0) >= 2 && (body[1] ?? 9) <= 5;
  if (/^\[\s*\d{9,11}(\.\d+)?\s*,/.test(fromLatin1(body.subarray(0, 32)))) return true;
  return body[0] === 0x28 && (body[1] === 0x6c || body[1] === 0x49 || body[1] === 0x4a || body[1] === 0x46);
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const data = dataOf(bytes);
  if (data === undefined) throw problem('layer-form', 'This is not url-safe base64 without padding', { at: 0 });
  const salts = context.argument === undefined ? SALTS : [context.argument];
  const digests = LENGTHS.flatMap((length) => digestOfLength(length) ?? []);
  const schemes = digests.flatMap((digest) => salts.map((salt) => ({ digest, salt })));
  const sign = (key: Secret, { digest, salt }: { digest: Digest; salt: string }, body: Uint8Array) =>
    hmac(digest, concat([saltBytes(salt), keyBytes(key)]), body);
  const lengthOf = (digest: Digest) => LENGTHS[digests.indexOf(digest)] ?? 0;
  const fit = findFit(context.keys, schemes, (key, scheme) => {
    const length = lengthOf(scheme.digest);
    return sameDigest(sign(key, scheme, data.subarray(length)), data.subarray(0, length));
  });
  const length = fit ? lengthOf(fit.scheme.digest) : LENGTHS.find((one) => isSession(data.subarray(one), context));
  if (length === undefined) throw problem('layer-form', 'No digest is followed by a session', { at: 0 });
  return envelope({
    outer: bytes,
    inner: data.subarray(length),
    proven: true,
    signature: stateOf('pyramid', context.keys, fit),
    facts: { digest: digestOfLength(length) ?? '', ...(fit && { salt: fit.scheme.salt }) },
    inside: ['json-item:[2]', 'pickle-item:[2]'],
    habits: { ascii: true, spaced: true },
    build(next) {
      const { key, scheme } = sameSigner(context.keys, fit, 'secret');
      return writeBase64Text(concat([sign(key, scheme, next), next]), 'url');
    },
  });
}

/** Text that fits is Latin-1 there, other text UTF-8. */
function keyBytes(key: Secret): Uint8Array {
  const plain = key.bytes.length === utf8(key.text).length && /[^\0-\x7f]/.test(key.text);
  return plain && !/[^\0-\xff]/.test(key.text) ? latin1(key.text) : key.bytes;
}

function saltBytes(salt: string): Uint8Array {
  return /[^\0-\xff]/.test(salt) ? utf8(salt) : latin1(salt);
}

function isSession(body: Uint8Array, context: LayerContext): boolean {
  if (!looksLikeSession(body)) return false;
  for (const layer of [jsonItem, pickleItem]) {
    try {
      const inner: LayerContext = { ...context, argument: '[2]' };
      const found = layer.decode(body, inner);
      if (found.kind === 'value' && (found.value.t === 'dict' || found.value.t === 'ordereddict')) return true;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.kind === 'cancelled') throw error;
    }
  }
  return false;
}
