import type { BytesDecoded, Layer, Recognition, Warning } from '../layer.ts';
import { type Base64Scan, STANDARD, tableOf } from './base64-scan.ts';
import { encodeLines, readBase64 } from './base64-text.ts';

/**
 * Standard base64 as web.py's stores have it: written in lines of 76, read with the tolerance of Python's
 * `base64.decodebytes` (webpy-sessions, section 7). Missing padding is refused, as web.py does: see `base64-nopad`.
 */
export const base64: Layer = {
  id: 'base64',
  title: 'Base64 (standard alphabet)',
  recognise,
  decode(bytes): BytesDecoded {
    const text = readBase64(bytes, { alphabet: STANDARD, manner: 'web.py' });
    return {
      kind: 'bytes',
      bytes: text.scan.inner,
      proven: false,
      warnings: warningsOf(text.scan, bytes),
      facts: text.facts,
      lossless: text.lossless,
      encode: (next) => text.encode(next),
      outerSpan: (span) => text.outerSpan(span),
    };
  },
  make: { kind: 'bytes', wrap: encodeLines },
};

/** How many of the first bytes a guess looks at. */
const PREFIX = 4096;

/** Characters that part signed and composed values; never between base64 characters by accident. */
const SEPARATORS = new Set([...'.:|;,?*&$%{}[]"'].map((character) => character.charCodeAt(0)));

/** Whether the first base64 characters are those of a pickle: of protocol 2 to 5, or a dict of an older one. */
function beginsLikePickle(prefix: Uint8Array, table: ArrayLike<number>): boolean {
  const first = [...prefix.subarray(0, 512)].filter((byte) => (table[byte] as number) < 64).slice(0, 4);
  return /^(?:gA[JNQSRUVW]|KGRw|KGlw|KGNj|Y2Nv)/.test(String.fromCharCode(...first));
}

function recognise(bytes: Uint8Array): Recognition | undefined {
  if (bytes.length < 4) return undefined;
  const table = tableOf(STANDARD);
  const prefix = bytes.subarray(0, PREFIX);
  let data = 0;
  let others = 0;
  let padded = false;
  for (const byte of prefix) {
    const isData = (table[byte] as number) < 64;
    // Other formats put a signature behind a padded part: web.py would ignore it, an edit would leave it wrong.
    if (SEPARATORS.has(byte) || (padded && isData)) return undefined;
    if (isData) data++;
    else if (byte === 0x3d) padded = true;
    else if (byte !== 0x0a && byte !== 0x0d) others++;
  }
  const firstBreak = prefix.indexOf(0x0a);
  if (others > 0) {
    if (others * 5 > data) {
      // A column that fills up with NULs, and whatever else is skipped on reading: what comes out must be a whole pickle.
      if (data < 8 || !beginsLikePickle(prefix, table)) return undefined;
      return { score: 0.1, reasons: [`${data} base64 characters among ${others} others, and a pickle's first bytes`] };
    }
    return { score: 0.2, reasons: [`Mostly base64 characters; ${others} others, which web.py skips`] };
  }
  if (firstBreak === 76 || (firstBreak === bytes.length - 1 && firstBreak < 76)) {
    return { score: 0.9, reasons: ['Only the base64 alphabet, in lines of 76 characters as web.py writes them'] };
  }
  return { score: 0.6, reasons: ['Only characters of the base64 alphabet'] };
}

function warningsOf(scan: Base64Scan, bytes: Uint8Array): Warning[] {
  const warnings: Warning[] = [];
  if (scan.skipped > 0) {
    const what = scan.skipped === 1 ? '1 byte is' : `${scan.skipped} bytes are`;
    warnings.push({
      code: scan.urlSafeSkipped ? 'base64-url-safe-skipped' : 'base64-skipped',
      message: scan.urlSafeSkipped
        ? `${what} skipped, "-" or "_" among them: if this is url-safe base64, web.py damages the data`
        : `${what} outside the base64 alphabet and skipped, as web.py does`,
      severity: 'warning',
      at: scan.firstSkipped,
    });
  }
  const rest = bytes.subarray(scan.end);
  const more = rest.findIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  if (more >= 0) {
    warnings.push({
      code: 'base64-after-padding',
      message: `${rest.length - more} bytes after the padding are ignored, as web.py does`,
      severity: 'warning',
      at: scan.end + more,
    });
  }
  if (scan.leftover > 0) {
    const message = 'The last character holds bits that no byte takes';
    warnings.push({ code: 'base64-leftover-bits', message, severity: 'info', at: Math.max(0, scan.end - 1) });
  }
  return warnings;
}
