import { createHash, randomBytes } from 'node:crypto';
import { floatRepr } from '../../../codec/nodes.ts';
import { bytesRepr, pythonStr } from '../../../python/python-text.ts';

/** Gives `size` random bytes. Passed in wherever ids are made. */
export type RandomSource = (size: number) => Uint8Array;

/** The system's random source. */
export const systemRandom: RandomSource = (size) => randomBytes(size);

const VALID = /^[0-9a-fA-F]+\n?$/;

/** Whether web.py takes a text as an id: hex digits of any number and case, and one line feed at the end slips through. */
export function isValidSessionId(id: string): boolean {
  return VALID.test(id);
}

/**
 * A new id: SHA-1 of random bytes (as Python prints them), the time in seconds, the visitor's address and the secret key.
 *
 * @param now milliseconds since 1970
 * @see webpy-sessions.md section 3; SPEC.md [I1]
 */
export function makeSessionId(
  random: Uint8Array,
  now: number,
  ip: string | null,
  secretKey: unknown,
  python: 2 | 3 = 3,
): string {
  const hash = createHash('sha1');
  const seconds = now / 1000;
  if (python === 2) {
    // Python 2 takes the bytes themselves, and prints a float with 12 significant digits.
    hash.update(random).update(shortFloat(seconds));
  } else hash.update(bytesRepr(random)).update(floatRepr(seconds));
  return hash.update(pythonStr(ip) + pythonStr(secretKey)).digest('hex');
}

function shortFloat(seconds: number): string {
  const rounded = Number(seconds.toPrecision(12));
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
