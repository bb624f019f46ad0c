import type { BytesDecoded, Layer } from '../layer.ts';
import { base64Characters, STANDARD, tableOf, URL_SAFE } from './base64-scan.ts';
import { readBase64 } from './base64-text.ts';

/** Base64 with `-` and `_` (RFC 4648, section 5), with or without padding. */
export const base64url: Layer = strictLayer({
  id: 'base64url',
  title: 'Base64 (url-safe alphabet)',
  alphabet: URL_SAFE,
  score: 0.65,
  looks: (special, padded, count) => special && (padded ? count % 4 !== 1 : true),
  reason: 'Only characters of the url-safe base64 alphabet, "-" or "_" among them',
});

/** Standard base64 whose padding was cut off: web.py refuses it, other programs write it. */
export const base64nopad: Layer = strictLayer({
  id: 'base64-nopad',
  title: 'Base64 without padding',
  alphabet: STANDARD,
  score: 0.55,
  looks: (_special, padded, count) => !padded && count % 4 > 1,
  reason: 'Only characters of the base64 alphabet, and no padding where some is due',
});

interface Strict {
  readonly id: string;
  readonly title: string;
  readonly alphabet: string;
  readonly score: number;
  readonly reason: string;
  looks(special: boolean, padded: boolean, count: number): boolean;
}

function strictLayer(kind: Strict): Layer {
  return {
    id: kind.id,
    title: kind.title,
    recognise(bytes) {
      const table = tableOf(kind.alphabet);
      let count = 0;
      let special = false;
      let padded = false;
      for (const byte of bytes) {
        const sextet = table[byte] as number;
        if (sextet < 64) {
          if (padded) return undefined;
          count++;
          special ||= sextet > 61;
        } else if (byte === 0x3d) padded = true;
        else if (byte !== 0x0a && byte !== 0x0d) return undefined;
      }
      if (count < 4 || count % 4 === 1 || !kind.looks(special, padded, count)) return undefined;
      return { score: kind.score, reasons: [kind.reason] };
    },
    decode(bytes): BytesDecoded {
      const text = readBase64(bytes, { alphabet: kind.alphabet, manner: 'strict' });
      return {
        kind: 'bytes',
        bytes: text.scan.inner,
        proven: false,
        warnings: [],
        facts: text.facts,
        lossless: text.lossless,
        encode: (next) => text.encode(next),
        outerSpan: (span) => text.outerSpan(span),
      };
    },
    make: { kind: 'bytes', wrap: (inner) => base64Characters(inner, kind.alphabet, false) },
  };
}
