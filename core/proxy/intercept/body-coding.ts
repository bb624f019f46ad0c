import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { problem } from '../../model/problem.ts';

const LIMIT = 64 << 20;

interface Coding {
  encode(bytes: Uint8Array): Promise<Buffer>;
  decode(bytes: Uint8Array): Promise<Buffer>;
}

const bounded = { maxOutputLength: LIMIT };

const gzip: Coding = {
  encode: (bytes) => promisify(zlib.gzip)(bytes),
  decode: (bytes) => promisify(zlib.gunzip)(bytes, bounded),
};

/** The content codings that are both read and written here. */
const CODINGS: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: {
    encode: (bytes) => promisify(zlib.deflate)(bytes),
    // Some servers send deflate without zlib's frame.
    decode: (bytes) => promisify(zlib.inflate)(bytes, bounded).catch(() => promisify(zlib.inflateRaw)(bytes, bounded)),
  },
  br: {
    encode: (bytes) => promisify(zlib.brotliCompress)(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
    decode: (bytes) => promisify(zlib.brotliDecompress)(bytes, bounded),
  },
  ...(typeof zlib.zstdCompress === 'function'
    ? {
        zstd: {
          encode: (bytes: Uint8Array) => promisify(zlib.zstdCompress)(bytes),
          decode: (bytes: Uint8Array) => promisify(zlib.zstdDecompress)(bytes, bounded),
        },
      }
    : {}),
};

function listed(contentEncoding: string | undefined): string[] {
  return (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** Whether a user's text can be put back into this coding. */
export function canEncode(contentEncoding: string | undefined): boolean {
  return listed(contentEncoding).every((coding) => CODINGS[coding] !== undefined);
}

/** Removes all codings for editing. @throws ProblemError `bad-body` when it is damaged, too large or in another coding */
export async function decodeWhole(bytes: Uint8Array, contentEncoding: string | undefined): Promise<Buffer> {
  let body: Buffer = Buffer.from(bytes);
  for (const name of listed(contentEncoding).reverse()) {
    try {
      body = await known(name).decode(body);
    } catch (error) {
      throw problem('bad-body', `The body cannot be read as ${name}: ${(error as Error).message}`, {
        remedy: 'It can be passed on unchanged, or replaced by another.',
      });
    }
  }
  return body;
}

/** Applies all codings again, in their order. @throws ProblemError `bad-body` for a coding that is not written here */
export async function encodeWhole(bytes: Uint8Array, contentEncoding: string | undefined): Promise<Buffer> {
  let body: Buffer = Buffer.from(bytes);
  for (const name of listed(contentEncoding)) body = await known(name).encode(body);
  return body;
}

function known(name: string): Coding {
  const coding = CODINGS[name];
  if (coding === undefined) throw problem('bad-body', `The content coding ${name.slice(0, 40)} is not written here`);
  return coding;
}
