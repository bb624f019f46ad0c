/** Adler-32 (RFC 1950, section 9), big-endian. */
export function adler32(bytes: Uint8Array): Uint8Array {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length; ) {
    // 5552 is the most additions before 32 bits could overflow.
    const end = Math.min(i + 5552, bytes.length);
    for (; i < end; i++) b += a += bytes[i] as number;
    a %= 65521;
    b %= 65521;
  }
  return Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 (RFC 1952, section 8), little-endian. */
export function crc32(bytes: Uint8Array): Uint8Array {
  let c = 0xffffffff;
  for (const byte of bytes) c = (CRC_TABLE[(c ^ byte) & 255] as number) ^ (c >>> 8);
  return littleEndian((c ^ 0xffffffff) >>> 0);
}

/** Four bytes of a number modulo 2^32. */
export function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
}
