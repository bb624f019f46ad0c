import { valueForm } from '../frameworks/recognise.ts';
import { remembered } from '../model/recent.ts';

/**
 * What the form of a cookie's value says, from its characters alone: nothing is decoded further than percent signs
 * and one pair of quotes. The forms of
 * signed and sealed values are declared by the frameworks.
 */
export interface ValueShape {
  readonly kind:
    | 'signed'
    | 'encrypted'
    | 'jwt'
    | 'json'
    | 'hex'
    | 'uuid'
    | 'random'
    | 'analytics'
    | 'number'
    | 'word'
    | 'text'
    | 'empty';
  /** The form in words: "40 hex digits", "data signed by NAME". */
  readonly text: string;
  /** How many bits of chance the value can hold at most, judged from its alphabet and repetition. */
  readonly bits: number;
  /** The session's data itself is in the value, signed or sealed. */
  readonly holdsData?: true;
}

/** Takes off what the transport put on: one pair of quotes and percent escapes. Malformed escapes stay. */
export function transportDecoded(raw: string): string {
  let value = raw.slice(0, 8192);
  if (value.length >= 2 && value.startsWith('"') && value.endsWith('"')) value = value.slice(1, -1);
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Upper bound of the chance in a value, in bits: length × the smaller of alphabet size and observed spread. */
function chanceBits(value: string): number {
  if (value === '') return 0;
  const counts = new Map<string, number>();
  for (const c of value) counts.set(c, (counts.get(c) ?? 0) + 1);
  let observed = 0;
  const length = [...value].length;
  for (const n of counts.values()) observed -= (n / length) * Math.log2(n / length);
  // A short sample shows at most log2(length) bits a character, so the spread only lowers the figure when it is clear.
  const alphabet = alphabetSize(value);
  const full = Math.log2(alphabet);
  const expected = Math.min(full, Math.log2(length));
  return Math.round(length * full * Math.min(1, expected === 0 ? 0 : observed / expected));
}

function alphabetSize(value: string): number {
  if (/^\d+$/.test(value)) return 10;
  if (/^[0-9a-f-]+$/.test(value) || /^[0-9A-F-]+$/.test(value)) return 16;
  let size = 0;
  if (/\d/.test(value)) size += 10;
  if (/[a-z]/.test(value)) size += 26;
  if (/[A-Z]/.test(value)) size += 26;
  if (/[^0-9a-zA-Z]/.test(value)) size += 2;
  return Math.max(2, size);
}

/** Browsers take cookies up to 4,096 characters; data in a cookie often fills much of that, and is sent each time. */
const LONGEST_COOKIE = 4_096;

/** Classifies a raw cookie value. Never fails; long values are judged by their first 8 KiB. */
export const valueShape = remembered(shapeOf, 1_024, LONGEST_COOKIE);

function shapeOf(raw: string): ValueShape {
  const value = transportDecoded(raw);
  if (value === '') return { kind: 'empty', text: 'empty', bits: 0 };
  const bits = chanceBits(value);
  if (/^-?\d{1,20}(\.\d+)?$/.test(value)) return { kind: 'number', text: 'a number', bits };
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return { kind: 'uuid', text: 'a UUID', bits: 122 };
  if (/^([0-9a-f]{16,}|[0-9A-F]{16,})(\.[\w-]{1,32})?$/.test(value)) {
    return { kind: 'hex', text: `${value.split('.', 1)[0]?.length ?? 0} hex digits`, bits };
  }
  const found = valueForm(value);
  if (found !== undefined) {
    const { kind, text, holdsData } = found.form;
    return { kind, text, bits, ...(holdsData ? { holdsData } : {}) };
  }
  if (/^(s:)?(j:)?\{.*\}$/s.test(value)) return { kind: 'json', text: 'a JSON object', bits };
  if (/^[\w+/.~:!*-]{16,}={0,2}$/.test(value) && looksRandom(value, bits)) {
    return { kind: 'random', text: `a random token of ${value.length} characters`, bits };
  }
  if (/^[\w.-]{1,15}$/.test(value)) return { kind: 'word', text: `${value.length} characters`, bits };
  return { kind: 'text', text: 'readable text', bits };
}

/** Chance makes digits and both cases alternate; words and lists of words do not. */
function looksRandom(value: string, bits: number): boolean {
  if (bits < 64) return false;
  const runs = value.match(/[a-z]+|[A-Z]+|\d+|[^a-zA-Z\d]+/g)?.length ?? 0;
  return runs / value.length > 0.3 || (value.length >= 22 && new Set(value).size >= 12 && runs / value.length > 0.2);
}
