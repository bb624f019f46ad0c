import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { type Digest, findFit, hmac, sameDigest, sameSigner, stateOf } from '../../codec/signed/signing.ts';
import { problem } from '../../model/problem.ts';

/** Bottle's signed cookies: `!`, a digest, `?`, and a pickle of the cookie's name and the value (JSON since 0.14). */
export const bottle: Layer = {
  id: 'bottle',
  title: 'Signed by Bottle',
  recognise(bytes) {
    if (partsOf(bytes) === undefined) return undefined;
    return { score: 0.97, reasons: ['A digest after "!" and a pickle after "?"'] };
  },
  decode,
  make: NEVER_NEW,
};

interface Parts {
  readonly mac: Uint8Array;
  readonly data: Uint8Array;
  readonly text: string;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  const found = /^!([A-Za-z0-9+/]+={0,2})\?([A-Za-z0-9+/]+={0,2})$/.exec(asciiText(bytes) ?? '');
  if (found === null) return undefined;
  const [, sig = '', text = ''] = found;
  const mac = readBase64Text(sig, 'standard');
  const data = readBase64Text(text, 'standard');
  if (mac === undefined || data === undefined || (mac.length !== 16 && mac.length !== 32)) return undefined;
  // A pickle of a tuple or list, or JSON of one.
  return data[0] === 0x80 || data[0] === 0x28 || data[0] === 0x5b ? { mac, data, text } : undefined;
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) throw problem('layer-form', 'This is not "!", a digest, "?" and a pickle', { at: 0 });
  const { mac, data, text } = parts;
  const digest: Digest = mac.length === 16 ? 'md5' : 'sha256';
  const fit = findFit(context.keys, [undefined], (key) => sameDigest(hmac(digest, key.bytes, text), mac));
  return envelope({
    outer: bytes,
    inner: data,
    proven: true,
    signature: stateOf('bottle', context.keys, fit),
    facts: { digest },
    inside: ['pickle-item:[1]', 'json-item:[1]'],
    habits: { ascii: true, spaced: true },
    build(next) {
      const { key } = sameSigner(context.keys, fit, 'secret');
      const made = writeBase64Text(next, 'standard');
      return `!${writeBase64Text(hmac(digest, key.bytes, made), 'standard')}?${made}`;
    },
  });
}
