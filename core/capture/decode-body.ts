import { Buffer } from 'node:buffer';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

export interface DecodedBody {
  readonly bytes: Buffer;
  /** False when something is missing: the input was cut, was damaged, or the result passed the limit. */
  readonly complete: boolean;
  /** Why it is not complete, which coding is not known, or which coding the bytes do not have. */
  readonly note?: string;
  /** Codings that are still on `bytes`, as the header announced them, because they are not known or do not fit. */
  readonly left?: readonly string[];
}

/** The most that is made of a body: a few bytes can unfold to gigabytes. */
const DECODED_LIMIT = 16 << 20;

/**
 * Removes the content codings of a body (RFC 9110 section 8.4): gzip, deflate (with and without zlib's frame), br, zstd,
 * several in a row. Never fails: of a damaged or cut body the readable beginning comes back, with a note. Bytes that do
 * not have the coding that was announced come back as they are.
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
  if (codings.length > 4) return { ...body, complete: false, note: 'Too many content codings', left: codings };
  while (codings.length > 0) {
    const coding = codings.at(-1) ?? '';
    const unwinder = decoder(coding, body.bytes);
    if (unwinder === undefined) {
      const note = `The content coding ${coding.slice(0, 40)} is not known here`;
      return { ...body, complete: false, note, left: codings };
    }
    const next = await unwind(unwinder, body.bytes, limit);
    if (
      !next.complete &&
      next.bytes.length === 0 &&
      !next.cut &&
      body.bytes.length > 0 &&
      !begins(coding, body.bytes)
    ) {
      const note = `The body is not ${coding}, although its header says so; its bytes are shown as they are`;
      return { ...body, note, left: codings };
    }
    codings.pop();
    const { bytes: unwound, note = body.note } = next;
    body = { bytes: unwound, complete: next.complete && body.complete, ...(note === undefined ? {} : { note }) };
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

/** Whether the bytes begin as the coding does, so that they are a damaged body and not another kind of body. */
function begins(coding: string, bytes: Buffer): boolean {
  if (/^(x-)?gzip$/.test(coding)) return bytes[0] === 0x1f && bytes[1] === 0x8b;
  return coding === 'zstd' && bytes.length >= 4 && bytes.readUInt32LE() === 0xfd2fb528;
}

function unwind(stream: Transform, bytes: Buffer, limit: number): Promise<DecodedBody & { readonly cut?: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;
    const settle = (complete: boolean, note?: string, cut = false): void => {
      if (settled) return;
      settled = true;
      stream.destroy();
      resolve({ bytes: Buffer.concat(chunks), complete, cut, ...(note === undefined ? {} : { note }) });
    };
    stream.on('data', (chunk: Buffer) => {
      if (settled) return;
      const room = limit - size;
      chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      size += Math.min(chunk.length, room);
      if (chunk.length > room) settle(false, `Only the first ${limit} bytes are shown`);
    });
    stream.on('end', () => settle(true));
    stream.on('error', (error: NodeJS.ErrnoException) =>
      settle(false, `The body is cut or damaged: ${error.message}`, error.code === 'Z_BUF_ERROR'),
    );
    // Ended by a second call: the last write of a cut body would otherwise give an error and none of its bytes.
    stream.write(bytes, () => stream.end());
  });
}
