import { concat } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer } from '../../codec/layer.ts';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';

/** Files of cachelib, which Flask-Session uses: the expiry as four bytes, low byte first, and a pickle. */
export const cachelib: Layer = {
  id: 'cachelib',
  title: 'Expiry and pickle (cachelib)',
  recognise(bytes) {
    if (!fits(bytes)) return undefined;
    return { score: 0.9, reasons: ['Four bytes of a date or of zero, then the mark of a pickle'] };
  },
  decode(bytes): BytesDecoded {
    if (bytes.length < 6) throw problem('layer-form', 'These are not four bytes of an expiry and a pickle', { at: 0 });
    const head = Uint8Array.from(bytes.subarray(0, 4));
    const seconds = new DataView(head.buffer).getUint32(0, true);
    return {
      kind: 'bytes',
      bytes: bytes.subarray(4),
      proven: false,
      warnings: [],
      facts: { expires: seconds === 0 ? 'never' : momentText(seconds * 1000) },
      lossless: true,
      inside: ['pickle'],
      encode: (next) => concat([head, next]),
      outerSpan: ({ start, end }) => ({ start: start + 4, end: end + 4 }),
    };
  },
  make: { kind: 'bytes', wrap: (inner) => concat([new Uint8Array(4), inner]) },
};

function fits(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || bytes[4] !== 0x80 || (bytes[5] ?? 0) < 2 || (bytes[5] ?? 9) > 5) return false;
  const seconds = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return seconds === 0 || seconds > 946_684_800;
}
