/**
 * The count of cachelib's files: an end of 0 in 4 bytes, then a pickled integer as CPython writes it, at any protocol from
 * 2 on: PROTO, a FRAME where the rest has 4 bytes or more (protocols 4 and 5), BININT1, BININT2 or BININT, and STOP.
 * @returns the content with the count changed by so many; undefined where it is no such count
 */
export function countAdjusted(content: Uint8Array, by: number): Uint8Array | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const protocol = bytes[5] ?? 0;
  if (bytes.length > 32 || bytes[4] !== 0x80 || protocol < 2 || protocol > 5) return undefined;
  const body = bytes.subarray(bytes[6] === FRAME ? 15 : 6);
  const count = integer(body);
  if (count === undefined) return undefined;
  const next = pickled(Math.max(0, count + by));
  const frame = protocol >= 4 && next.length >= 4 ? Buffer.from([FRAME, next.length, 0, 0, 0, 0, 0, 0, 0]) : EMPTY;
  return Buffer.concat([bytes.subarray(0, 6), frame, next]);
}

const FRAME = 0x95;
const STOP = 0x2e;
const EMPTY = Buffer.alloc(0);

function integer(body: Buffer): number | undefined {
  if (body.at(-1) !== STOP) return undefined;
  if (body[0] === 0x4b && body.length === 3) return body.readUInt8(1);
  if (body[0] === 0x4d && body.length === 4) return body.readUInt16LE(1);
  if (body[0] === 0x4a && body.length === 6) return body.readInt32LE(1);
  return undefined;
}

function pickled(count: number): Buffer {
  if (count < 0x100) return Buffer.from([0x4b, count, STOP]);
  if (count < 0x10000) return Buffer.from([0x4d, count & 0xff, count >> 8, STOP]);
  const made = Buffer.alloc(6, STOP);
  made[0] = 0x4a;
  made.writeInt32LE(Math.min(count, 0x7fffffff), 1);
  return made;
}
