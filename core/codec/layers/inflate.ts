import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import pako from 'pako';
import { problem } from '../../model/problem.ts';
import type { LayerContext } from '../layer.ts';

export type Compression = 'zlib' | 'gzip' | 'deflate' | 'brotli';

export interface Inflated {
  readonly bytes: Uint8Array;
  /** How many input bytes the stream took. */
  readonly consumed: number;
}

const READERS = { zlib: inflateSync, gzip: gunzipSync, deflate: inflateRawSync, brotli: brotliDecompressSync } as const;

/**
 * Decompresses one stream within the budget. Kinds: `limit-inflated` beyond it, `<compression>-truncated` and
 * `<compression>-damaged` with `at`.
 */
export function inflate(bytes: Uint8Array, kind: Compression, context: LayerContext): Inflated {
  const { budget } = context;
  budget.check();
  const most = budget.inflatable;
  if (most <= 0) budget.inflate(1);
  try {
    const made = READERS[kind](bytes, { maxOutputLength: most, info: true } as never) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    budget.inflate(made.buffer.length);
    const { buffer } = made;
    const result = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
    return { bytes: result, consumed: made.engine.bytesWritten };
  } catch (cause) {
    throw refusal(bytes, kind, context.chosen ? most : 0, cause as NodeJS.ErrnoException, most);
  }
}

function refusal(
  bytes: Uint8Array,
  kind: Compression,
  searched: number,
  cause: NodeJS.ErrnoException,
  most: number,
): Error {
  if (cause.code === 'ERR_BUFFER_TOO_LARGE') {
    return problem('limit-inflated', `The data grows beyond ${most} bytes when decompressed`, { at: 0 });
  }
  if (cause.code === 'Z_BUF_ERROR') {
    return problem(`${kind}-truncated`, `The ${kind} data ends too early`, { at: bytes.length });
  }
  if (cause.code === undefined) return cause;
  // Finding the place means inflating again, which a guess does not pay for.
  const at = kind === 'brotli' || searched === 0 ? 0 : placeOfDamage(bytes, kind, searched);
  return problem(`${kind}-damaged`, `The ${kind} data is damaged: ${cause.message}`, { at, cause });
}

/** Node does not say where it stopped; pako does. */
function placeOfDamage(bytes: Uint8Array, kind: 'zlib' | 'gzip' | 'deflate', most: number): number {
  const reader = new pako.Inflate(kind === 'deflate' ? { raw: true } : {}) as pako.Inflate & {
    strm: { next_in: number };
  };
  let length = 0;
  reader.onData = (chunk) => {
    length += (chunk as Uint8Array).length;
    if (length > most) throw new RangeError('Too much');
  };
  try {
    reader.push(bytes, true);
  } catch {
    // Only the place matters.
  }
  return Math.min(reader.strm.next_in, bytes.length);
}
