import { createHash } from 'node:crypto';

/** What a sample of ids shows. */
export interface IdMeasure {
  readonly count: number;
  readonly length: number;
  /** Characters that an id is made of, as far as the sample shows: 16 for hex. */
  readonly alphabet: number;
  /** Bits of the positions that vary, at most: length × log2(alphabet). */
  readonly most: number;
  /** The estimate from the sample, with an interval of 99 percent. */
  readonly bits: { readonly estimate: number; readonly least: number; readonly most: number };
  /** What makes ids predictable, in words; empty: nothing was found. */
  readonly faults: readonly string[];
}

/** Below so many ids nothing is said. */
export const LEAST_SAMPLE = 100;
const ALPHABETS: readonly (readonly [RegExp, number])[] = [
  [/^[0-9]+$/, 10],
  [/^[0-9a-f]+$/, 16],
  [/^[0-9A-F]+$/, 16],
  [/^[a-z2-7]+$/, 32],
  [/^[0-9a-v]+$/, 32],
  [/^[0-9a-z]+$/, 36],
  [/^[0-9A-Za-z]+$/, 62],
  [/^[\w,+/-]+$/, 64],
];
/** 99.9 percent for each of some forty positions. */
const Z = 4.5;

/**
 * Measures ids of one make. A sample can show that ids are predictable, never that they are not: the estimate is an upper
 * bound of what was seen, from the frequencies at each position, with the error of the sample.
 * @param ids in the order in which they were made
 * @param now ms since 1970, for times inside of ids
 * @returns undefined when there are too few, or they are not of one length
 */
export function measureIds(ids: readonly string[], now: number): IdMeasure | undefined {
  const count = ids.length;
  const [first = ''] = ids;
  if (count < LEAST_SAMPLE || ids.some((id) => id.length !== first.length)) return undefined;
  const positions = Array.from({ length: first.length }, (_, at) => ids.map((id) => id[at] ?? ''));
  const varying = positions.filter((chars) => new Set(chars).size > 1);
  const text = varying.map((chars) => chars.join('')).join('');
  const alphabet = ALPHABETS.find(([form]) => form.test(text))?.[1] ?? new Set(text).size;
  const faults: string[] = [];
  if (new Set(ids).size < count) faults.push(`${count - new Set(ids).size} of ${count} ids came twice`);
  const biased: number[] = [];
  let estimate = 0;
  let error = 0;
  varying.forEach((chars, at) => {
    const { bits, variance, chi } = frequencies(chars, alphabet);
    estimate += bits;
    error += variance;
    if (chi > Z) biased.push(at);
  });
  if (biased.length > 0) faults.push(`${biased.length} of ${varying.length} positions are not even`);
  const counter = counterIn(ids);
  if (counter !== undefined) faults.push(counter);
  const time = timeIn(ids, now);
  if (time !== undefined) faults.push(time);
  const most = varying.length * Math.log2(Math.max(2, alphabet));
  const deviation = 2.58 * Math.sqrt(error);
  return {
    count,
    length: first.length,
    alphabet,
    most,
    bits: {
      estimate: Math.min(most, estimate),
      least: Math.max(0, Math.min(most, estimate) - deviation),
      most: Math.min(most, estimate + deviation),
    },
    faults,
  };
}

/** Entropy of one position with the correction for small samples (Miller and Madow), and how far it is from even. */
function frequencies(chars: readonly string[], alphabet: number): { bits: number; variance: number; chi: number } {
  const counts = new Map<string, number>();
  for (const char of chars) counts.set(char, (counts.get(char) ?? 0) + 1);
  const n = chars.length;
  let entropy = 0;
  let square = 0;
  let chi = 0;
  for (const count of counts.values()) {
    const p = count / n;
    entropy -= p * Math.log2(p);
    square += p * Math.log2(p) ** 2;
    chi += (count - n / alphabet) ** 2 / (n / alphabet);
  }
  chi += (alphabet - counts.size) * (n / alphabet);
  const degrees = Math.max(1, alphabet - 1);
  const bits = entropy + (counts.size - 1) / (2 * n * Math.LN2);
  return {
    bits: Math.min(Math.log2(alphabet), bits),
    variance: Math.max(0, square - entropy ** 2) / n,
    // As a normal deviate (Wilson and Hilferty).
    chi: ((chi / degrees) ** (1 / 3) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees)),
  };
}

/** A part that grows from each id to the next. */
function counterIn(ids: readonly string[]): string | undefined {
  for (const [form, radix] of [
    [/\d+/g, 10],
    [/[0-9a-f]{4,}/gi, 16],
  ] as const) {
    const rows = ids.map((id) => [...id.matchAll(form)].map(([digits]) => Number.parseInt(digits, radix)));
    const columns = Math.min(...rows.map((row) => row.length));
    for (let at = 0; at < columns; at++) {
      const steps = rows.slice(1).map((row, i) => (row[at] ?? 0) - (rows[i]?.[at] ?? 0));
      const growing = steps.filter((step) => step > 0).length;
      if (growing / steps.length > 0.95) return 'a part of them grows from one id to the next';
    }
  }
  return undefined;
}

/** A time near now in the id, or an id that is the digest of one. */
function timeIn(ids: readonly string[], now: number): string | undefined {
  const near = (ms: number) => Math.abs(ms - now) < 3_600_000;
  const inside = ids.filter((id) =>
    [...id.matchAll(/\d{10,13}/g)].some(([digits]) => near(Number(digits)) || near(Number(digits) * 1000)),
  );
  if (inside.length > ids.length / 2) return 'they hold the time at which they were made';
  const digests = new Set<string>();
  const second = Math.floor(now / 1000);
  for (let at = second - 120; at <= second; at++) {
    for (const kind of ['md5', 'sha1', 'sha256']) digests.add(createHash(kind).update(String(at)).digest('hex'));
  }
  return ids.some((id) => digests.has(id.toLowerCase())) ? 'they are the digest of a time' : undefined;
}
