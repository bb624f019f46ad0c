import { refuse } from './refusal.ts';

/** Text of a stream: UTF-8 with lone surrogates (Python's `surrogatepass`), and the escapes of STRING and UNICODE. */

const latin = new TextDecoder('latin1');
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Node's own reader of Latin-1: a tenth of the time of TextDecoder. Absent in a browser. */
const latin1Slice = (
  globalThis as { Buffer?: { prototype?: { latin1Slice?: (this: Uint8Array, start: number, end: number) => string } } }
).Buffer?.prototype?.latin1Slice;

/** The whole stream as text of one unit for each byte. Only its ASCII characters are meant to be used. */
export const asciiView: (bytes: Uint8Array) => string =
  typeof latin1Slice === 'function'
    ? (bytes) => latin1Slice.call(bytes, 0, bytes.length)
    : (bytes) => latin.decode(bytes);

/** Latin-1 in the sense of Python: every byte is the character of that number. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  const parts: string[] = [];
  for (let i = start; i < end; i += 4096) {
    parts.push(String.fromCharCode(...bytes.subarray(i, Math.min(end, i + 4096))));
  }
  return parts.join('');
}

/** UTF-8 as text; undefined where it is not valid (a surrogate is not). */
export function strictUtf8(b: Uint8Array, start: number, end: number): string | undefined {
  try {
    return strict.decode(b.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** Offset of the first byte at which UTF-8 (surrogates allowed) breaks, -1 if it is sound. */
export function brokenUtf8(b: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end) {
    const c = b[i] as number;
    if (c < 0x80) {
      i++;
      continue;
    }
    const size = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (size === 0 || i + size > end) return i;
    const second = b[i + 1] as number;
    const low = c === 0xe0 ? 0xa0 : c === 0xf0 ? 0x90 : 0x80;
    const high = c === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return i;
    for (let k = 2; k < size; k++) if (((b[i + k] as number) & 0xc0) !== 0x80) return i;
    i += size;
  }
  return -1;
}

/** Sound UTF-8 (lone surrogates allowed) as text. */
export function utf8Text(b: Uint8Array, start: number, end: number): string {
  if (end - start > 48) {
    try {
      return strict.decode(b.subarray(start, end));
    } catch {
      // Only surrogates are left as a reason; the slow way keeps them.
    }
  }
  let text = '';
  let i = start;
  while (i < end) {
    const c = b[i++] as number;
    if (c < 0x80) text += String.fromCharCode(c);
    else if (c < 0xe0) text += String.fromCharCode(((c & 31) << 6) | ((b[i++] as number) & 63));
    else if (c < 0xf0) {
      text += String.fromCharCode(((c & 15) << 12) | (((b[i] as number) & 63) << 6) | ((b[i + 1] as number) & 63));
      i += 2;
    } else {
      const point =
        ((c & 7) << 18) |
        (((b[i] as number) & 63) << 12) |
        (((b[i + 1] as number) & 63) << 6) |
        ((b[i + 2] as number) & 63);
      text += String.fromCodePoint(point);
      i += 3;
    }
  }
  return text;
}

/**
 * Lone surrogates as one code unit each, also two of them side by side: Python keeps such a pair as two characters.
 * Tells whether the bytes hold any surrogate, so that the typed node lists its code points.
 */
export function surrogatesOf(b: Uint8Array, start: number, end: number): number[] | undefined {
  for (let i = start; i + 1 < end; i++) {
    if (b[i] === 0xed && (b[i + 1] as number) >= 0xa0) return pointsOf(b, start, end);
  }
  return undefined;
}

function pointsOf(b: Uint8Array, start: number, end: number): number[] {
  const points: number[] = [];
  for (let i = start; i < end; ) {
    const c = b[i] as number;
    const size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    let point = size === 1 ? c : c & (0xff >> (size + 1));
    for (let k = 1; k < size; k++) point = (point << 6) | ((b[i + k] as number) & 63);
    points.push(point);
    i += size;
  }
  return points;
}

const SIMPLE = new Map<number, number>([
  [0x5c, 0x5c],
  [0x27, 0x27],
  [0x22, 0x22],
  [0x61, 7],
  [0x62, 8],
  [0x66, 12],
  [0x6e, 10],
  [0x72, 13],
  [0x74, 9],
  [0x76, 11],
]);

/** Bytes of a Python string literal without its quotes (argument of STRING). Unknown escapes keep their backslash. */
export function unescapeString(b: Uint8Array, start: number, end: number, at: number): Uint8Array {
  const out = new Uint8Array(end - start);
  let n = 0;
  let i = start;
  while (i < end) {
    const c = b[i++] as number;
    if (c !== 0x5c) {
      out[n++] = c;
      continue;
    }
    if (i >= end) throw refuse('ValueError', 'Trailing \\ in string', at);
    const kind = b[i++] as number;
    const simple = SIMPLE.get(kind);
    if (simple !== undefined) out[n++] = simple;
    else if (kind >= 0x30 && kind <= 0x37) {
      let value = kind - 0x30;
      for (let k = 0; k < 2 && i < end && (b[i] as number) >= 0x30 && (b[i] as number) <= 0x37; k++) {
        value = value * 8 + (b[i++] as number) - 0x30;
      }
      out[n++] = value & 255;
    } else if (kind === 0x78) {
      const high = hexDigit(b[i]);
      const low = hexDigit(b[i + 1]);
      if (i + 1 >= end || high < 0 || low < 0) {
        throw refuse('ValueError', `invalid \\x escape at position ${i - 2 - start}`, at);
      }
      out[n++] = high * 16 + low;
      i += 2;
    } else if (kind !== 0x0a) {
      out[n++] = 0x5c;
      out[n++] = kind;
    }
  }
  return out.subarray(0, n);
}

function hexDigit(c: number | undefined): number {
  if (c === undefined) return -1;
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 32;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Text of UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. `points` is given when surrogates stand alone in Python. */
export function rawUnicodeEscape(
  b: Uint8Array,
  start: number,
  end: number,
  at: number,
): { text: string; cp?: number[] } {
  const points: number[] = [];
  let i = start;
  let surrogates = false;
  while (i < end) {
    const c = b[i++] as number;
    const kind = c === 0x5c && i < end ? b[i] : undefined;
    if (kind === undefined || (kind !== 0x75 && kind !== 0x55)) {
      points.push(c);
      // A backslash takes the next character with it, so that `\\u0041` is not an escape.
      if (kind !== undefined) points.push(b[i++] as number);
      continue;
    }
    const from = i - 1;
    const size = kind === 0x75 ? 4 : 8;
    let value = 0;
    i++;
    for (let k = 0; k < size; k++, i++) {
      const digit = i < end ? hexDigit(b[i]) : -1;
      if (digit < 0)
        throw badEscape(
          from - start,
          i - 1 - start,
          size === 4 ? 'truncated \\uXXXX escape' : 'truncated \\UXXXXXXXX escape',
          at,
        );
      value = value * 16 + digit;
    }
    if (value > 0x10ffff) throw badEscape(from - start, i - 1 - start, '\\Uxxxxxxxx out of range', at);
    if (value >= 0xd800 && value <= 0xdfff) surrogates = true;
    points.push(value);
  }
  let text = '';
  for (const point of points) text += String.fromCodePoint(point);
  return surrogates ? { text, cp: points } : { text };
}

function badEscape(from: number, to: number, reason: string, at: number): Error {
  return refuse(
    'UnicodeDecodeError',
    `'rawunicodeescape' codec can't decode bytes in position ${from}-${to}: ${reason}`,
    at,
  );
}
