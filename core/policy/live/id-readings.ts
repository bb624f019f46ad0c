import { percentDecoded } from '../../model/web-address.ts';

/** Most readings of one value that records are looked for under. */
const MOST = 24;

/**
 * What applications may make of a cookie value that is no plain id: each takes it apart in its own way, and a record that
 * it makes for such a value is named after that. The value itself comes first.
 * @param raw the value as in the header, one character for each byte
 */
export function idReadings(raw: string): readonly string[] {
  const found = new Set([raw]);
  // Twice, because applications do several of these one after another.
  for (let round = 0; round < 2; round += 1) {
    for (const value of [...found]) {
      for (const read of READINGS) {
        const reading = read(value);
        if (reading !== undefined && reading !== '') found.add(reading);
        if (found.size >= MOST) return [...found];
      }
    }
  }
  return [...found];
}

type Reading = (value: string) => string | undefined;

const READINGS: readonly Reading[] = [
  /** werkzeug, Django: UTF-8, with U+FFFD for what is none. */
  (value) => (isBytes(value) ? new TextDecoder().decode(Buffer.from(value, 'latin1')) : undefined),
  /** Python with `errors='ignore'`. */
  (value) =>
    isBytes(value) ? new TextDecoder().decode(Buffer.from(value, 'latin1')).replaceAll('\ufffd', '') : undefined,
  pythonUnquoted,
  percentDecoded,
  /** PHP, Rack: `+` is a blank too. */
  (value) => percentDecoded(value.replaceAll('+', ' ')),
  (value) => value.split('\0', 1)[0],
  (value) => value.trim(),
  (value) => value.replaceAll('"', ''),
  (value) => value.split(/[;,\s]/, 1)[0],
];

function isBytes(value: string): boolean {
  return /[\x80-\xff]/.test(value) && !/[^\0-\xff]/.test(value);
}

/** As `http.cookies` of Python reads a value in quotes: octal numbers and single characters behind a backslash. */
function pythonUnquoted(value: string): string | undefined {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return undefined;
  return value
    .slice(1, -1)
    .replace(/\\(?:([0-3][0-7][0-7])|(.))/gs, (_, octal: string | undefined, other: string | undefined) =>
      octal === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}
