import { problem } from '../../model/problem.ts';
import { toHex } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import type { Secret } from '../secrets.ts';
import { pbkdf2 } from '../signed/derived.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { type Alphabet, asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { type Digest, digestOfLength, findFit, hmac, sameDigest, signer, stateOf } from '../signed/signing.ts';

/** Salts from which keys of cookies are derived; the secret may also be used as it is. */
const SALTS = [
  'signed cookie',
  'signed encrypted cookie',
  'ActiveStorage',
  'signed_global_ids',
  'active_record/signed_id',
];

interface Scheme {
  readonly salt?: string;
  readonly derivation?: Digest;
}

/** As it is first (Rack and verifiers of one's own), then derived with both digests that Rails has had. */
const SCHEMES: readonly Scheme[] = [
  {},
  ...SALTS.flatMap((salt) => (['sha1', 'sha256'] as const).map((derivation): Scheme => ({ salt, derivation }))),
];

/** Base64, two dashes and a signature in hex: ActiveSupport's MessageVerifier and Rack's session cookies. */
export const messageVerifier: Layer = {
  id: 'message-verifier',
  title: 'Signed message (base64--hex)',
  recognise(bytes) {
    const parts = messageParts(bytes);
    if (parts === undefined) return undefined;
    return { score: 0.9, reasons: [`Base64, two dashes and ${parts.mac.length * 2} hex digits`] };
  },
  decode,
  make: NEVER_NEW,
};

export interface MessageParts {
  readonly body: string;
  readonly alphabet: Alphabet;
  readonly data: Uint8Array;
  readonly mac: Uint8Array;
  readonly digest: Digest;
}

/** The parts of a signed message; undefined when it is none. */
export function messageParts(bytes: Uint8Array): MessageParts | undefined {
  const text = asciiText(bytes);
  if (text?.includes('--') !== true) return undefined;
  const found = /^([A-Za-z0-9+/_-]+={0,2})--([0-9a-f]{40,128})$/.exec(text);
  if (found === null) return undefined;
  const [, body = '', hex = ''] = found;
  const digest = digestOfLength(hex.length / 2);
  if (digest === undefined) return undefined;
  for (const alphabet of ['standard', 'url', 'url-padded'] as const) {
    const data = readBase64Text(body, alphabet);
    if (data !== undefined) return { body, alphabet, data, mac: Buffer.from(hex, 'hex'), digest };
  }
  return undefined;
}

function keyOf(key: Secret, { salt, derivation }: Scheme): Uint8Array {
  return salt === undefined || derivation === undefined ? key.bytes : pbkdf2(key.bytes, salt, 1000, 64, derivation);
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = messageParts(bytes);
  if (parts === undefined) throw problem('layer-form', 'This is not base64, two dashes and hex digits', { at: 0 });
  const { body, alphabet, data, mac, digest } = parts;
  const schemes = context.argument === undefined ? SCHEMES : withSalt(context.argument);
  const sign = (key: Secret, scheme: Scheme, text: string) => hmac(digest, keyOf(key, scheme), text);
  const fit = findFit(context.keys, schemes, (key, scheme) => sameDigest(sign(key, scheme, body), mac));
  return envelope({
    outer: bytes,
    inner: data,
    signature: stateOf('message-verifier', context.keys, fit),
    facts: {
      digest,
      ...(fit?.scheme.salt !== undefined && { salt: fit.scheme.salt, derivation: `PBKDF2 ${fit.scheme.derivation}` }),
    },
    inside: ['rails-message', 'json-item:_rails.data', 'marshal', 'json'],
    habits: { ascii: false },
    build(next) {
      const { key, scheme } = signer(context.keys, fit, 'secret_key_base');
      const text = writeBase64Text(next, alphabet);
      return `${text}--${toHex(sign(key, scheme, text))}`;
    },
  });
}

function withSalt(salt: string): Scheme[] {
  return (['sha1', 'sha256'] as const).map((derivation) => ({ salt, derivation }));
}
