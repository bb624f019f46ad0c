import { concat, sameBytes } from '../bytes.ts';
import type { Facts, Span } from '../layer.ts';
import {
  type Base64Rules,
  type Base64Scan,
  base64Characters,
  type Run,
  STANDARD,
  scanBase64,
  tableOf,
} from './base64-scan.ts';

/** A decoded base64 text that can be written again in the same manner. */
export interface Base64Text {
  readonly scan: Base64Scan;
  readonly facts: Facts;
  /** The content written from scratch in this manner gives the original text. */
  readonly lossless: boolean;
  encode(next: Uint8Array): Uint8Array;
  outerSpan(inner: Span): Span;
}

interface Lines {
  readonly width: number;
  readonly newline: Uint8Array;
}

const LF = Uint8Array.of(0x0a);

/** The line form of `base64.encodebytes`: 76 characters and a line feed, also after the last line. */
export function encodeLines(inner: Uint8Array): Uint8Array {
  return lay(
    base64Characters(inner, STANDARD, true),
    { width: 76, newline: LF },
    inner.length === 0 ? new Uint8Array() : LF,
  );
}

/** Reads a base64 text (see `scanBase64` for the rules and refusals) and remembers its manner. */
export function readBase64(outer: Uint8Array, rules: Base64Rules): Base64Text {
  const scan = scanBase64(outer, rules);
  const form = formOf(outer, scan, rules);
  return {
    scan,
    facts: {
      lines: form.lines?.width ?? (form.interior.length > 0 ? 'irregular' : 'none'),
      newline: form.lines === undefined ? 'none' : form.lines.newline.length === 2 ? 'CR LF' : 'LF',
      padding: scan.padding,
    },
    lossless: sameBytes(rebuild(outer, scan, form, rules), outer),
    encode: (next) => (sameBytes(next, scan.inner) ? outer : rewrite(next, outer, scan, form, rules)),
    outerSpan(inner) {
      const first = Math.floor((inner.start * 4) / 3);
      const last = Math.ceil((inner.end * 4) / 3);
      const start = place(scan.runs, first);
      return { start, end: last > first ? place(scan.runs, last - 1) + 1 : start };
    },
  };
}

/** How a text is laid out around its data characters. */
interface Form {
  readonly lines: Lines | undefined;
  /** Runs before the last data character. */
  readonly interior: readonly Run[];
  /** What is kept as it is after the last data character and its padding. */
  readonly tail: Uint8Array;
  /** Padding is written; otherwise there is none, or it stands in `tail` among other bytes. */
  readonly padded: boolean;
}

function formOf(outer: Uint8Array, scan: Base64Scan, rules: Base64Rules): Form {
  const last = scan.runs.at(-1);
  const tailStart = last !== undefined && last.index === scan.count ? last.start : scan.end;
  // Padding with other bytes between its characters cannot be written again: it stays part of the tail.
  const plain = scan.padding === 0 || scan.end - tailStart === scan.padding;
  const tail = outer.subarray(plain && scan.padding > 0 ? scan.end : tailStart);
  const interior = scan.runs.filter((run) => run.index < scan.count);
  const padded = plain && (scan.padding > 0 || (rules.manner === 'web.py' && scan.count % 4 === 0));
  return { lines: regularLines(outer, interior, scan.count, tail), interior, tail, padded };
}

/** The content written again; equal to the original unless it has a form that is not understood. */
function rebuild(outer: Uint8Array, scan: Base64Scan, form: Form, rules: Base64Rules): Uint8Array {
  const text = written(scan.inner, scan, form, rules);
  return form.lines === undefined ? spread(text, outer, form) : lay(text, form.lines, form.tail);
}

/** Data characters of some content; the bits that no byte holds stay while the bytes beside them do. */
function written(next: Uint8Array, scan: Base64Scan, form: Form, rules: Base64Rules): Uint8Array {
  const text = base64Characters(next, rules.alphabet, form.padded);
  const same = next.length % 3 === scan.inner.length % 3 && next.at(-1) === scan.inner.at(-1);
  if (scan.leftover > 0 && same) {
    const last = Math.ceil((next.length * 4) / 3) - 1;
    const bits = (tableOf(rules.alphabet)[text[last] as number] as number) | scan.leftover;
    text[last] = rules.alphabet.charCodeAt(bits);
  }
  return text;
}

/** New content in the old form. What the old form would damage (skipped bytes at a bad place) is left out. */
function rewrite(next: Uint8Array, outer: Uint8Array, scan: Base64Scan, form: Form, rules: Base64Rules): Uint8Array {
  const padded = form.padded || rules.manner === 'web.py';
  const text = written(next, scan, form, rules);
  const kept = form.lines === undefined ? spread(text, outer, form) : lay(text, form.lines, form.tail);
  if (givesBack(kept, next, rules)) return kept;
  const breaks = form.tail.filter((byte) => byte === 0x0a || byte === 0x0d);
  const clean = base64Characters(next, rules.alphabet, padded);
  return lay(clean, form.lines ?? { width: 0, newline: LF }, breaks);
}

function givesBack(made: Uint8Array, next: Uint8Array, rules: Base64Rules): boolean {
  try {
    return sameBytes(scanBase64(made, rules).inner, next);
  } catch {
    return false;
  }
}

/** Outer offset of a data character. */
function place(runs: readonly Run[], index: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as Run).index <= index) low = middle + 1;
    else high = middle;
  }
  const before = runs[low - 1];
  return before === undefined ? index : before.end + (index - before.index);
}

/** Line breaks of one kind after every so many characters, or those that the end of a single line promises. */
function regularLines(outer: Uint8Array, runs: readonly Run[], count: number, tail: Uint8Array): Lines | undefined {
  const first = runs[0];
  if (first === undefined) {
    const newline = leadingBreak(tail);
    return newline.length > 0 && count <= 76 ? { width: 76, newline } : undefined;
  }
  const newline = outer.subarray(first.start, first.end);
  if (first.index === 0 || first.index % 4 !== 0 || leadingBreak(newline).length !== newline.length) return undefined;
  const regular = runs.every(
    (run, i) => run.index === first.index * (i + 1) && sameBytes(outer.subarray(run.start, run.end), newline),
  );
  const complete = Math.ceil(count / first.index) - 1 === runs.length;
  return regular && complete ? { width: first.index, newline } : undefined;
}

function leadingBreak(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return bytes.subarray(0, 2);
  return bytes[0] === 0x0a ? bytes.subarray(0, 1) : bytes.subarray(0, 0);
}

function lay(text: Uint8Array, lines: Lines, tail: Uint8Array): Uint8Array {
  if (lines.width === 0) return concat([text, tail]);
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < text.length; i += lines.width) {
    if (i > 0) pieces.push(lines.newline);
    pieces.push(text.subarray(i, i + lines.width));
  }
  return concat([...pieces, tail]);
}

/** The characters with the skipped bytes at the places they had. */
function spread(text: Uint8Array, outer: Uint8Array, form: Form): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const run of form.interior) {
    const upTo = Math.min(run.index, text.length);
    pieces.push(text.subarray(at, upTo), outer.subarray(run.start, run.end));
    at = upTo;
  }
  return concat([...pieces, text.subarray(at), form.tail]);
}
