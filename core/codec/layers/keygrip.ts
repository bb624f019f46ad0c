import { problem } from '../../model/problem.ts';
import { fromLatin1 } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { digestOfLength, findFit, hmac, sameDigest, signer, stateOf } from '../signed/signing.ts';

/**
 * A value whose signature stands in a cookie of its own, `NAME.sig`: HMAC over `NAME=value`, as Keygrip makes it. The
 * value itself is not touched; an edit renews the companion with it.
 */
export const keygrip: Layer = {
  id: 'keygrip',
  title: 'Signed by a second cookie (Keygrip)',
  recognise(bytes, context) {
    const sig = signatureIn(context);
    if (sig === undefined || context.outer.length > 0 || asciiText(bytes) === undefined) return undefined;
    return { score: 0.99, reasons: [`The cookie ${context.name}.sig holds a signature of ${sig.length} characters`] };
  },
  decode,
  make: NEVER_NEW,
};

function signatureIn({ name, companions }: LayerContext): string | undefined {
  const sig = name === undefined ? undefined : companions[`${name}.sig`];
  const mac = sig === undefined ? undefined : readBase64Text(sig, 'url');
  return mac !== undefined && digestOfLength(mac.length) !== undefined ? sig : undefined;
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const { name, keys } = context;
  const sig = signatureIn(context);
  if (name === undefined || sig === undefined) {
    throw problem('companion-missing', 'The signature is in a cookie of its own, NAME.sig, which is not given', {
      at: 0,
      remedy: 'Give the name of the cookie and the value of its companion',
    });
  }
  const mac = readBase64Text(sig, 'url') as Uint8Array;
  const digest = digestOfLength(mac.length) ?? 'sha1';
  const made = (key: Uint8Array, value: string) => hmac(digest, key, `${name}=${value}`);
  const fit = findFit(keys, [undefined], (key) => sameDigest(made(key.bytes, fromLatin1(bytes)), mac));
  return envelope({
    outer: bytes,
    inner: bytes,
    proven: false,
    signature: stateOf('keygrip', keys, fit),
    facts: { companion: `${name}.sig`, digest },
    habits: { ascii: false },
    build: (next) => {
      signer(keys, fit, 'keys');
      return next;
    },
    companions(outer) {
      const text = fromLatin1(outer);
      if (text === fromLatin1(bytes)) return {};
      const { key } = signer(keys, fit, 'keys');
      return { [`${name}.sig`]: writeBase64Text(made(key.bytes, text), 'url') };
    },
  });
}
