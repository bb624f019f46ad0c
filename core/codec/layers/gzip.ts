import { ProblemError, type ProblemKind, problem } from '../../model/problem.ts';
import { concat } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { crc32, littleEndian } from './checksums.ts';
import { compressedLayer } from './compressed.ts';
import { deflateRaw, findSettings, USUAL } from './deflate-settings.ts';
import { type Inflated, inflate } from './inflate.ts';

/** gzip files of one member (RFC 1952). */
export const gzip: Layer = {
  id: 'gzip',
  title: 'gzip',
  recognise(bytes) {
    if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return undefined;
    return { score: 0.95, reasons: ['Starts with the mark of gzip, 1f 8b 08'] };
  },
  decode: decodeGzip,
  make: {
    kind: 'bytes',
    // No time, no name, system "unknown": the same content always gives the same bytes.
    wrap: (inner) =>
      concat([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255), deflateRaw(inner, USUAL, 15), trailer(inner)]),
  },
};

function trailer(inner: Uint8Array): Uint8Array {
  return concat([crc32(inner), littleEndian(inner.length)]);
}

function decodeGzip(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const start = headerLength(bytes);
  const { bytes: inner, consumed } = inflateFrom(bytes, start, context);
  const end = start + consumed;
  if (end + 8 > bytes.length) throw problem('gzip-truncated', 'The gzip data ends too early', { at: bytes.length });
  const expected = trailer(inner);
  const wrong = expected.findIndex((byte, i) => bytes[end + i] !== byte);
  if (wrong >= 0)
    throw problem('gzip-damaged', 'The checksum or length of the gzip data is wrong', { at: end + wrong });
  if (end + 8 < bytes.length) throw problem('gzip-trailing', 'Something follows the gzip data', { at: end + 8 });
  const level = bytes[8] === 2 ? [9, 6] : bytes[8] === 4 ? [1, 6] : [6, 9];
  const levels = [...level, ...[1, 2, 3, 4, 5, 7, 8, 9, 0].filter((one) => !level.includes(one))];
  const modified =
    ((bytes[4] as number) | ((bytes[5] as number) << 8) | ((bytes[6] as number) << 16)) +
    (bytes[7] as number) * 2 ** 24;
  return compressedLayer({
    outer: bytes,
    inner,
    head: bytes.subarray(0, start),
    trailer,
    windowBits: 15,
    settings: findSettings(inner, bytes.subarray(start, end), 15, levels),
    facts: { inflated: inner.length, modified },
    proven: true,
  });
}

/** What fails in the data, in terms of the file. */
const OWN: Partial<Record<ProblemKind, ProblemKind>> = {
  'deflate-truncated': 'gzip-truncated',
  'deflate-damaged': 'gzip-damaged',
};

/** Inflates the data after the header; what fails is told in terms of the whole file. */
function inflateFrom(bytes: Uint8Array, start: number, context: LayerContext): Inflated {
  try {
    return inflate(bytes.subarray(start), 'deflate', context);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { kind, message, at = 0 } = error.problem;
    const own = OWN[kind];
    if (own === undefined) throw error;
    throw problem(own, message.replace('deflate', 'gzip'), { at: start + at });
  }
}

/** Length of the header with its optional fields (section 2.3); refused with `gzip-header` and `at`. */
function headerLength(bytes: Uint8Array): number {
  for (const [at, byte] of [0x1f, 0x8b, 8].entries()) {
    if (bytes[at] !== byte) throw problem('gzip-header', 'This is not the header of a gzip file', { at });
  }
  const flags = bytes[3] ?? 0;
  if (flags & 0xe0) throw problem('gzip-header', 'Reserved flags of the gzip header are set', { at: 3 });
  let at = 10;
  if (flags & 4) at += 2 + (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8);
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const zero = bytes.indexOf(0, at);
    at = zero < 0 ? bytes.length + 1 : zero + 1;
  }
  if (flags & 2) at += 2;
  if (at >= bytes.length) throw problem('gzip-truncated', 'The gzip header ends too early', { at: bytes.length });
  return at;
}
