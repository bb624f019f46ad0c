import { problem } from '../../model/problem.ts';
import { fromUtf8, utf8 } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { findFit, hmac, sameDigest, signer, stateOf } from '../signed/signing.ts';

/** Unpadded base64 of the 32 bytes of HMAC-SHA256. */
const SIGNATURE = /^[A-Za-z0-9+/]{43}$/;
const MARK = 's:';
const DOT = 0x2e;

/**
 * Text signed as the npm package cookie-signature does: the text, a dot, and unpadded base64 of HMAC-SHA256. With `s:`
 * in front (Express: an id or a text), or without around base64 of JSON (React Router).
 */
export const cookieSignature: Layer = {
  id: 'cookie-signature',
  title: 'Signed text (cookie-signature)',
  recognise(bytes) {
    const parts = partsOf(bytes);
    if (parts === undefined) return undefined;
    if (parts.marked)
      return { score: 0.98, reasons: ['s: in front, and a signature of 43 characters behind the last dot'] };
    return { score: 0.64, reasons: ['Base64, a dot and a signature of 43 characters'] };
  },
  decode,
  make: NEVER_NEW,
};

/** The mark and JSON: an object that `res.cookie` of Express wrote. */
export const jsonCookie: Layer = {
  id: 'json-cookie',
  title: 'JSON in a cookie (j:)',
  recognise(bytes) {
    const [j, colon, open] = bytes;
    if (j !== 0x6a || colon !== 0x3a || (open !== 0x7b && open !== 0x5b)) return undefined;
    return { score: 0.97, reasons: ['j: in front of JSON'] };
  },
  decode(bytes): BytesDecoded {
    if (bytes[0] !== 0x6a || bytes[1] !== 0x3a) throw problem('layer-form', 'There is no j: in front', { at: 0 });
    const mark = bytes.slice(0, 2);
    return {
      ...envelope({
        outer: bytes,
        inner: bytes.subarray(2),
        facts: {},
        inside: ['json'],
        habits: { ascii: false },
        build: (next) => Uint8Array.from([...mark, ...next]),
      }),
      outerSpan: ({ start, end }) => ({ start: start + 2, end: end + 2 }),
    };
  },
  make: { kind: 'bytes', wrap: (inner) => Uint8Array.from([0x6a, 0x3a, ...inner]) },
};

interface Parts {
  readonly marked: boolean;
  readonly text: string;
  readonly sig: string;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  if (bytes.length < 45 || bytes[bytes.length - 44] !== DOT) return undefined;
  const whole = fromUtf8(bytes);
  const dot = whole?.lastIndexOf('.') ?? -1;
  if (whole === undefined || dot < 1) return undefined;
  const sig = whole.slice(dot + 1);
  if (!SIGNATURE.test(sig)) return undefined;
  const marked = whole.startsWith(MARK);
  if (marked) return { marked, text: whole.slice(MARK.length, dot), sig };
  const text = whole.slice(0, dot);
  // Without the mark only base64 of something is taken for a payload.
  return text.length >= 4 && readBase64Text(text, 'standard') !== undefined ? { marked, text, sig } : undefined;
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) {
    throw problem('layer-form', 'This is not a text, a dot and 43 characters of base64', { at: 0 });
  }
  const { marked, text, sig } = parts;
  const mac = readBase64Text(sig, 'standard-nopad');
  const fit =
    mac && findFit(context.keys, [undefined], (key) => sameDigest(hmac('sha256', key.bytes, utf8(text)), mac));
  return envelope({
    outer: bytes,
    inner: utf8(text),
    signature: stateOf('cookie-signature', context.keys, fit),
    // An id or a text has no structure of its own: mark and signature are what makes it certain.
    proven: marked || fit !== undefined,
    facts: { marked },
    ...(marked ? {} : { inside: ['base64'] }),
    habits: { ascii: false },
    build(next) {
      const { key } = signer(context.keys, fit, 'secret');
      const sign = writeBase64Text(hmac('sha256', key.bytes, next), 'standard-nopad');
      return utf8(`${marked ? MARK : ''}${fromUtf8(next) ?? ''}.${sign}`);
    },
  });
}
