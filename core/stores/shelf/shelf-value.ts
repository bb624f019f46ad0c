import { problem } from '../../model/problem.ts';

/**
 * web.py's `ShelfStore` keeps `(float, dict)` (`webpy-sessions.md` 8.6), pickled. The float, seconds since 1970, is the
 * first thing in the pickle, so it can be read and exchanged where it stands, and every other byte stays.
 */
export interface ShelfTime {
  readonly seconds: number;
  readonly start: number;
  readonly end: number;
  readonly form: 'binary' | 'text';
}

const OP = { PROTO: 0x80, FRAME: 0x95, MARK: 0x28, BINFLOAT: 0x47, FLOAT: 0x46 } as const;

/** Where the time stands in a value; undefined for one that does not begin as web.py's do. */
export function shelfTime(bytes: Uint8Array): ShelfTime | undefined {
  let at = 0;
  if (bytes[at] === OP.PROTO) at += 2;
  if (bytes[at] === OP.FRAME) at += 9;
  // Protocols 0 and 1 write a tuple as MARK, items, TUPLE.
  if (bytes[at] === OP.MARK) at += 1;
  if (bytes[at] === OP.BINFLOAT && at + 9 <= bytes.length) {
    const seconds = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 8).getFloat64(0);
    return { seconds, start: at + 1, end: at + 9, form: 'binary' };
  }
  if (bytes[at] !== OP.FLOAT) return undefined;
  const end = bytes.indexOf(0x0a, at);
  const text = end < 0 || end - at > 40 ? '' : Buffer.from(bytes.subarray(at + 1, end)).toString('latin1');
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(seconds) ? { seconds, start: at + 1, end, form: 'text' } : undefined;
}

/**
 * The value with another time.
 * @throws ProblemError `cannot-age`
 */
export function withShelfTime(bytes: Uint8Array, seconds: number, where: string): Uint8Array {
  const time = shelfTime(bytes);
  if (time === undefined) {
    throw problem('cannot-age', 'This value does not begin with a time, so it is not a session of a ShelfStore', {
      remedy: 'A ShelfStore keeps tuples of a float and a dict',
      where,
    });
  }
  const written = Buffer.alloc(8);
  written.writeDoubleBE(seconds);
  const text = Number.isInteger(seconds) ? seconds.toFixed(1) : String(seconds);
  const piece = time.form === 'binary' ? written : Buffer.from(text, 'latin1');
  return Buffer.concat([bytes.subarray(0, time.start), piece, bytes.subarray(time.end)]);
}
