import { problem } from '../../model/problem.ts';
import { latin1, sextets } from '../bytes.ts';
import type { Span } from '../layer.ts';

/** Standard and url-safe alphabet (RFC 4648, sections 4 and 5). */
export const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
export const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;

const TABLES = new Map([STANDARD, URL_SAFE].map((alphabet) => [alphabet, sextets(alphabet)]));
const CODES = new Map([STANDARD, URL_SAFE].map((alphabet) => [alphabet, latin1(alphabet)]));
const PAD = 0x3d;

export interface Base64Rules {
  readonly alphabet: string;
  /** `web.py`: any byte is skipped, padding is needed; `strict`: only line breaks and blanks, padding as it comes. */
  readonly manner: 'web.py' | 'strict';
}

/** Bytes between two data characters that are not data. */
export interface Run extends Span {
  /** How many data characters stand before. */
  readonly index: number;
}

/** What one pass over a base64 text finds. */
export interface Base64Scan {
  readonly inner: Uint8Array;
  /** Number of data characters. */
  readonly count: number;
  readonly runs: readonly Run[];
  /** Where the padding group ended the data, or the end of the text. */
  readonly end: number;
  /** Skipped bytes before `end` that are no line breaks, and the offset of the first. */
  readonly skipped: number;
  readonly firstSkipped: number;
  /** `-` or `_` among the skipped ones: url-safe text, which web.py damages. */
  readonly urlSafeSkipped: boolean;
  /** Number of `=` that ended the data: 0, 1 or 2. */
  readonly padding: number;
  /** Bits of the last character that no byte holds. */
  readonly leftover: number;
}

/** The value 0..63 of a character in an alphabet, 255 for any other byte. */
export function tableOf(alphabet: string): Uint8Array {
  return TABLES.get(alphabet) ?? sextets(alphabet);
}

/**
 * Reads base64 exactly as CPython's `binascii.a2b_base64` does when it is not strict (which is what web.py uses): bytes
 * outside the alphabet are skipped, the first complete padding group ends the data, a `=` anywhere else is ignored.
 * Kinds `base64-padding` and `base64-single` for the two refusals of that function, `base64-character` in the strict
 * manner.
 */
export function scanBase64(outer: Uint8Array, rules: Base64Rules): Base64Scan {
  const table = tableOf(rules.alphabet);
  const strict = rules.manner === 'strict';
  const inner = new Uint8Array(Math.ceil((outer.length * 3) / 4));
  const runs: Run[] = [];
  let length = 0;
  let count = 0;
  let quad = 0;
  let left = 0;
  let pads = 0;
  let runStart = -1;
  let skipped = 0;
  let firstSkipped = -1;
  let urlSafeSkipped = false;
  let end = outer.length;
  let ended = false;
  let last = 0;
  for (let i = 0; i < outer.length; i++) {
    const byte = outer[i] as number;
    const sextet = table[byte] as number;
    if (sextet < 64) {
      if (runStart >= 0) {
        runs.push({ index: count, start: runStart, end: i });
        runStart = -1;
      }
      pads = 0;
      last = i;
      count++;
      if (quad > 0) inner[length++] = (left << (quad * 2)) | (sextet >> (6 - quad * 2));
      left = sextet;
      quad = (quad + 1) & 3;
      continue;
    }
    if (runStart < 0) runStart = i;
    if (byte === PAD) {
      pads++;
      if (quad >= 2 && quad + pads >= 4) {
        end = i + 1;
        ended = true;
        break;
      }
    } else if (byte !== 0x0a && byte !== 0x0d) {
      if (strict && byte !== 0x20 && byte !== 0x09) {
        throw problem('base64-character', 'This is not a character of the base64 alphabet', { at: i });
      }
      if (skipped++ === 0) firstSkipped = i;
      urlSafeSkipped ||= byte === 0x2d || byte === 0x5f;
    }
  }
  if (runStart >= 0) runs.push({ index: count, start: runStart, end });
  if (!ended && quad === 1) {
    const message = `A single base64 character is left over after ${count - 1}; it takes two to make a byte`;
    throw problem('base64-single', message, { at: last });
  }
  if (!ended && quad > 0 && !strict) {
    throw problem('base64-padding', 'The base64 padding "=" is missing or incomplete at the end', { at: outer.length });
  }
  const leftover = quad === 2 ? left & 15 : quad === 3 ? left & 3 : 0;
  const padding = ended ? 4 - quad : 0;
  return { inner: inner.slice(0, length), count, runs, end, skipped, firstSkipped, urlSafeSkipped, padding, leftover };
}

/** Bytes as base64 characters on one line, with or without padding. */
export function base64Characters(inner: Uint8Array, alphabet: string, padded: boolean): Uint8Array {
  const length = padded ? Math.ceil(inner.length / 3) * 4 : Math.ceil((inner.length * 4) / 3);
  const text = new Uint8Array(length).fill(PAD);
  const codes = CODES.get(alphabet) ?? latin1(alphabet);
  let at = 0;
  for (let i = 0; i < inner.length; i += 3) {
    const word = ((inner[i] as number) << 16) | ((inner[i + 1] ?? 0) << 8) | (inner[i + 2] ?? 0);
    const some = Math.min(inner.length - i, 3) + 1;
    for (let k = 0; k < some; k++) text[at + k] = codes[(word >> (18 - k * 6)) & 63] as number;
    at += 4;
  }
  return text;
}
