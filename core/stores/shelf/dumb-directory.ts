import { problem } from '../../model/problem.ts';
import { strRepr } from '../../python/python-text.ts';

type Place = readonly [position: number, size: number];

const LINE = /^\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*,\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*$/;

/**
 * Reads NAME.dir of `dbm.dumb`: one line `'key', (position, size)` per key, a Python literal in Latin-1; a later line of
 * the same key counts.
 * @throws ProblemError `store-damaged`
 */
export function parseDirectory(text: string, where: string): Map<string, Place> {
  const index = new Map<string, Place>();
  for (const [number, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const match = LINE.exec(line.replace(/\r$/, ''));
    const key = literal(match?.[1] ?? match?.[2] ?? '');
    if (match === null || key === undefined) {
      throw problem('store-damaged', `Line ${number + 1} of ${where} is not a line of dbm.dumb`, {
        remedy: 'The .bak file beside it is the directory before the last change',
        where,
      });
    }
    index.set(key, [Number(match[3]), Number(match[4])]);
  }
  return index;
}

export function printDirectory(index: ReadonlyMap<string, Place>): string {
  return [...index].map(([key, [position, size]]) => `${strRepr(key)}, (${position}, ${size})\n`).join('');
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Escapes of a Python string literal, as far as `repr` and hands write them. */
function literal(text: string): string | undefined {
  let failed = false;
  const plain = text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([0-7]{1,3})|([\s\S]))/gi,
    (whole, hex?: string, unicode?: string, octal?: string, other?: string) => {
      if (hex !== undefined || unicode !== undefined)
        return String.fromCharCode(Number.parseInt(hex ?? unicode ?? '', 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const known = SIMPLE[other ?? ''];
      if (known === undefined) failed = true;
      return known ?? whole;
    },
  );
  return failed ? undefined : plain;
}
