import { problem } from '../../model/problem.ts';

/**
 * Reads a hash file of Berkeley DB 3 to 18 (what Debian's `dbm.ndbm` makes). Instead of hashing, every page is walked:
 * all hash pages together hold each pair once. Layout: Berkeley DB's `dbinc/db_page.h`.
 */
export function readBerkeleyHash(file: Uint8Array, where: string): Map<string, Uint8Array> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const little = bytes.readUInt32LE(META.magic) === MAGIC;
  const u16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const fail = (why: string) =>
    problem('store-damaged', `${where} is damaged: ${why}`, {
      remedy: 'It may have been copied while it was written: close the program that uses it, and copy it again',
      where,
    });
  const pageSize = u32(META.pageSize);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) throw fail(`page size ${pageSize}`);
  if (bytes[META.encryption] !== 0) {
    throw problem('shelf-format', `${where} is encrypted`, {
      remedy: 'Read it with the program that has the key',
      where,
    });
  }
  const pages = Math.floor(bytes.length / pageSize);
  const pairs = new Map<string, Uint8Array>();

  const overflow = (first: number, total: number): Uint8Array => {
    if (total > bytes.length) throw fail('a value is longer than the file');
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let page = first; page !== 0; ) {
      const start = page * pageSize;
      if (page >= pages || bytes[start + PAGE.type] !== TYPE.overflow) throw fail('a value leads to a wrong page');
      const kept = u16(start + PAGE.offset);
      if (kept > pageSize - PAGE.size || pieces.length > pages) throw fail('a value has no end');
      pieces.push(bytes.subarray(start + PAGE.size, start + PAGE.size + kept));
      length += kept;
      page = u32(start + PAGE.next);
    }
    if (length < total) throw fail('a value is cut off');
    return Buffer.concat(pieces, total);
  };

  const item = (start: number, index: number): Uint8Array | undefined => {
    const from = u16(start + PAGE.size + index * 2);
    const to = index === 0 ? pageSize : u16(start + PAGE.size + (index - 1) * 2);
    if (from < PAGE.size || from >= to || to > pageSize) throw fail('an item lies outside of its page');
    const kind = bytes[start + from];
    if (kind === ITEM.inline) return bytes.subarray(start + from + 1, start + to);
    if (kind === ITEM.offPage && to - from >= 12) return overflow(u32(start + from + 4), u32(start + from + 8));
    return undefined;
  };

  for (let page = 1; page < pages; page++) {
    const start = page * pageSize;
    const type = bytes[start + PAGE.type];
    if (type !== TYPE.hash && type !== TYPE.hashUnsorted) continue;
    const entries = u16(start + PAGE.entries);
    if (PAGE.size + entries * 2 > pageSize) throw fail(`${entries} entries on a page`);
    for (let index = 0; index + 1 < entries; index += 2) {
      const key = item(start, index);
      const value = item(start, index + 1);
      if (key !== undefined && value !== undefined) pairs.set(Buffer.from(key).toString('utf8'), Buffer.from(value));
    }
  }
  return pairs;
}

const MAGIC = 0x061561;
const META = { magic: 12, pageSize: 20, encryption: 24 } as const;
const PAGE = { next: 16, entries: 20, offset: 22, type: 25, size: 26 } as const;
const TYPE = { hashUnsorted: 2, overflow: 7, hash: 13 } as const;
const ITEM = { inline: 1, offPage: 3 } as const;
