import type { BytesDecoded, Layer, Warning } from '../layer.ts';
import { CharMapBuilder } from './char-map.ts';
import { contentLength, digit } from './hex.ts';

const UNRESERVED = /[A-Za-z0-9_.~-]/;

/** Percent-encoding (RFC 3986, section 2.1). `+` stands for itself, as in cookies. */
export const percent: Layer = {
  id: 'percent',
  title: 'Percent-encoding',
  recognise(bytes) {
    let escapes = 0;
    const end = contentLength(bytes);
    for (let i = 0; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte <= 0x20 || byte >= 0x7f) return undefined;
      if (byte !== 0x25) continue;
      if (digit(bytes[i + 1]) < 0 || digit(bytes[i + 2]) < 0) return undefined;
      escapes++;
    }
    if (escapes === 0) return undefined;
    return { score: 0.95, reasons: [`${escapes} percent escape${escapes === 1 ? '' : 's'}, none of them damaged`] };
  },
  decode: decodePercent,
  make: { kind: 'bytes', wrap: (inner) => write(inner, new Set(), true) },
};

function decodePercent(bytes: Uint8Array): BytesDecoded {
  const builder = new CharMapBuilder(bytes.length);
  const warnings: Warning[] = [];
  const raw = new Set<number>();
  let lower = false;
  let escapes = 0;
  let i = 0;
  while (i < bytes.length) {
    const byte = bytes[i] as number;
    if (byte !== 0x25) {
      raw.add(byte);
      builder.add(byte, i++);
      continue;
    }
    const high = digit(bytes[i + 1]);
    const low = digit(bytes[i + 2]);
    if (high < 0 || low < 0) {
      // web.py and browsers leave a damaged escape as text.
      if (warnings.length < 20) {
        const message = 'A percent sign is not followed by two hex digits and stays as it is';
        warnings.push({ code: 'percent-damaged', message, severity: 'warning', at: i });
      }
      builder.add(byte, i++);
      continue;
    }
    lower ||= (bytes[i + 1] as number) >= 0x61 || (bytes[i + 2] as number) >= 0x61;
    builder.add((high << 4) | low, i);
    escapes++;
    i += 3;
  }
  const { inner, map } = builder.finish(bytes, bytes.length);
  return {
    kind: 'bytes',
    bytes: inner,
    proven: false,
    warnings,
    facts: { escapes, case: lower ? 'lower' : 'upper' },
    lossless: true,
    encode: (next) =>
      map.rewrite(
        next,
        (part) => write(part, raw, !lower),
        (outer) => decodePercent(outer).bytes,
      ),
    outerSpan: (span) => map.outerSpan(span),
  };
}

/** Percent-encodes what is neither unreserved nor was written raw before. */
function write(part: Uint8Array, raw: ReadonlySet<number>, upper: boolean): Uint8Array {
  const out: number[] = [];
  for (const byte of part) {
    if (byte !== 0x25 && (raw.has(byte) || UNRESERVED.test(String.fromCharCode(byte)))) {
      out.push(byte);
      continue;
    }
    const digits = byte.toString(16).padStart(2, '0');
    out.push(0x25, ...[...(upper ? digits.toUpperCase() : digits)].map((letter) => letter.charCodeAt(0)));
  }
  return Uint8Array.from(out);
}
