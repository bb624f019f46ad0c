import { Buffer } from 'node:buffer';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

export interface DecodedBody {
  readonly bytes: Buffer;
  /** False when something is missing: the input was cut, was damaged, or the result passed the limit. */
  readonly complete: boolean;
  /** Why it is not complete, or which coding is not known. */
  readonly note?: string;
}

/** The most that is made of a body: a few bytes can unfold to gigabytes. */
export const DECODED_LIMIT = 16 << 20;

/**
 * Removes the content codings of a body (RFC 9110 section 8.4): gzip, deflate (with and without zlib's frame), br, zstd,
 * several in a row. Never fails: of a damaged or cut body the readable beginning comes back, with a note.
 */
export async function decodeBody(
  bytes: Uint8Array,
  contentEncoding: string | undefined,
  limit = DECODED_LIMIT,
): Promise<DecodedBody> {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  let body: DecodedBody = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), complete: true };
  // A bomb may be wound several times; nobody winds honestly more than twice.
  if (codings.length > 4) return { ...body, complete: false, note: 'Too many content codings' };
  for (const coding of codings.reverse()) {
    const unwinder = decoder(coding, body.bytes);
    if (unwinder === undefined) {
      return { ...body, complete: false, note: `The content coding ${coding.slice(0, 40)} is not known here` };
    }
    const next = await unwind(unwinder, body.bytes, limit);
    body = { ...next, complete: next.complete && body.complete };
  }
  return body;
}

function decoder(coding: string, bytes: Buffer): Transform | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'deflate':
      // RFC 1950's frame begins with method 8 and a checksum of two bytes; some servers leave it out.
      return ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0
        ? zlib.createInflate()
        : zlib.createInflateRaw();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      // Not in Node before 22.15, nor in Electron before 37.
      return typeof zlib.createZstdDecompress === 'function' ? zlib.createZstdDecompress() : undefined;
    default:
      return undefined;
  }
}

function unwind(stream: Transform, bytes: Buffer, limit: number): Promise<DecodedBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;
    const settle = (complete: boolean, note?: string): void => {
      if (settled) return;
      settled = true;
      stream.destroy();
      resolve({ bytes: Buffer.concat(chunks), complete, ...(note === undefined ? {} : { note }) });
    };
    stream.on('data', (chunk: Buffer) => {
      if (settled) return;
      const room = limit - size;
      chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      size += Math.min(chunk.length, room);
      if (chunk.length > room) settle(false, `Only the first ${limit} bytes are shown`);
    });
    stream.on('end', () => settle(true));
    stream.on('error', (error) => settle(false, `The body is cut or damaged: ${error.message}`));
    // Ended by a second call: the last write of a cut body would otherwise give an error and none of its bytes.
    stream.write(bytes, () => stream.end());
  });
}
