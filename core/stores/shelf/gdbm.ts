import { problem } from '../../model/problem.ts';

/**
 * Reads a GNU dbm file of a 64-bit system: header → directory of buckets → elements → key and value. Layout: gdbm's
 * `gdbmdefs.h`.
 */
export function readGdbm(file: Uint8Array, where: string): Map<string, Uint8Array> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const fail = (why: string) =>
    problem('store-damaged', `${where} is damaged: ${why}`, {
      remedy: 'It may have been copied while it was written: close the program that uses it, and copy it again',
      where,
    });
  const little = (bytes.readUInt32LE(0) & 0xffffff00) >>> 0 === 0x13579a00;
  const i32 = (at: number) => {
    if (at < 0 || at + 4 > bytes.length) throw fail('it is cut off');
    return little ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
  };
  const i64 = (at: number) => {
    if (at < 0 || at + 8 > bytes.length) throw fail('it is cut off');
    return Number(little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at));
  };
  const magic = i32(0) & 0xff;
  if (magic === 0xcd) {
    throw problem('shelf-format', `${where} was made by gdbm on a 32-bit system: it cannot be read here`, {
      remedy: 'Convert it with gdbm_dump there and gdbm_load here',
      where,
    });
  }
  const directory = i64(HEADER.directory);
  const directorySize = i32(HEADER.directorySize);
  const elements = i32(HEADER.bucketElements);
  if (directorySize < 8 || elements < 1 || elements * ELEMENT.size > bytes.length)
    throw fail('its header makes no sense');
  const pairs = new Map<string, Uint8Array>();
  const seen = new Set<number>();
  for (let at = 0; at + 8 <= directorySize; at += 8) {
    const bucket = i64(directory + at);
    if (seen.has(bucket)) continue;
    seen.add(bucket);
    for (let index = 0; index < elements; index++) {
      const element = bucket + BUCKET_TABLE + index * ELEMENT.size;
      if (i32(element) === -1) continue;
      const data = i64(element + ELEMENT.pointer);
      const keySize = i32(element + ELEMENT.keySize);
      const dataSize = i32(element + ELEMENT.dataSize);
      if (data < 0 || keySize < 0 || dataSize < 0 || data + keySize + dataSize > bytes.length) {
        throw fail('a value lies outside of the file');
      }
      const key = bytes.subarray(data, data + keySize).toString('utf8');
      pairs.set(key, Buffer.from(bytes.subarray(data + keySize, data + keySize + dataSize)));
    }
  }
  return pairs;
}

const HEADER = { directory: 8, directorySize: 16, bucketElements: 28 } as const;
/** Before the table: count and 6 free blocks of 16 bytes, bits, count. */
const BUCKET_TABLE = 112;
const ELEMENT = { pointer: 8, keySize: 16, dataSize: 20, size: 24 } as const;
