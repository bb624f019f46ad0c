import { createHash } from 'node:crypto';
import { DEFAULT_LIMITS, type Limits } from '../codec/limits.ts';
import { type DecodePool, STEPS_HERE } from '../codec/worker/decode-pool.ts';
import type { SentOptions } from '../codec/worker/messages.ts';
import type { DecodedRecord, RecordCodec } from '../editing/ports.ts';
import { type DecodedData, decode } from '../frameworks/codec.ts';
import { toProblem } from '../model/problem.ts';
import type { TypedNode } from '../model/typed.ts';

/** Inputs up to this many bytes are decoded at once: that takes a few milliseconds at most. */
const SMALL_BYTES = 32 * 1024;
const HERE: Limits = { ...DEFAULT_LIMITS, steps: STEPS_HERE };
/** Decoded values of so many large inputs are kept: the same bytes are asked for by watch, editor and window. */
const KEPT = 4;

/** What takes part in decoding besides the bytes. */
export type RecordDecoding = Pick<SentOptions, 'as' | 'secrets' | 'name' | 'companions'>;

/**
 * Bytes of a record as far as they can be understood, in this thread. What takes too many steps for it has no value and
 * the error `limit-steps`. Never throws.
 */
export function decodeRecord(bytes: Uint8Array, options: RecordDecoding = {}): DecodedRecord {
  try {
    return recordOf(decode(bytes, { limits: HERE, ...options }));
  } catch (error) {
    return unreadable(error);
  }
}

/** What is inside a cookie's value, for an id that it carries among other things; null when it is just text. */
export function decodeCookieValue(raw: string, options: RecordDecoding = {}): TypedNode | null {
  const { value } = decodeRecord(Buffer.from(raw, 'latin1'), options);
  return value;
}

export interface EngineCodecOptions {
  readonly pool: DecodePool;
  /** A large input is being decoded; `signal` tells the codec that the user has cancelled it. */
  readonly task: <T>(title: string, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

/**
 * The codec as the engine uses it: small inputs at once, large ones in another thread, with progress and cancel. The
 * last large values are kept, and bytes that are being decoded are not decoded twice.
 */
export class EngineCodec implements RecordCodec {
  readonly #options: EngineCodecOptions;
  readonly #large = new Map<string, Promise<DecodedRecord>>();

  constructor(options: EngineCodecOptions) {
    this.#options = options;
  }

  /** Never throws, never rejects. */
  decode(
    bytes: Uint8Array,
    as?: readonly string[],
    secrets: readonly string[] = [],
  ): DecodedRecord | Promise<DecodedRecord> {
    const options: RecordDecoding = { secrets, ...(as && { as }) };
    if (bytes.length <= SMALL_BYTES) {
      const decoded = decodeRecord(bytes, options);
      if (decoded.error?.kind !== 'limit-steps') return decoded;
    }
    const digest = createHash('sha256').update(bytes);
    for (const secret of secrets) digest.update(`\0${secret}`);
    const name = `${digest.digest('base64')} ${as?.join('/') ?? ''}`;
    const known = this.#large.get(name);
    this.#large.delete(name);
    const decoding = known ?? this.#decode(bytes, name, options);
    this.#large.set(name, decoding);
    for (const oldest of this.#large.keys()) {
      if (this.#large.size <= KEPT) break;
      this.#large.delete(oldest);
    }
    return decoding;
  }

  /** The value alone; null when there is none. */
  async value(bytes: Uint8Array): Promise<TypedNode | null> {
    return (await this.decode(bytes)).value;
  }

  edit: RecordCodec['edit'] = (bytes, edits, as, secrets = []) => {
    const { pool, task } = this.#options;
    if (bytes.length <= SMALL_BYTES) return pool.applyEdits(bytes, edits, { secrets, ...(as && { as }) });
    return task(`Writing ${sizeText(bytes.length)}`, (signal) =>
      pool.applyEdits(bytes, edits, { signal, secrets, ...(as && { as }) }),
    );
  };

  async #decode(bytes: Uint8Array, name: string, options: RecordDecoding): Promise<DecodedRecord> {
    const { pool, task } = this.#options;
    try {
      return recordOf(
        await task(`Decoding ${sizeText(bytes.length)}`, (signal) => pool.decode(bytes, { signal, ...options })),
      );
    } catch (error) {
      // What was cancelled or failed for want of memory may be tried again.
      this.#large.delete(name);
      return unreadable(error);
    }
  }
}

function recordOf({ layers, value, lossless, warnings, error, signature }: DecodedData): DecodedRecord {
  return {
    layers,
    value,
    lossless,
    warnings: warnings.map(({ code, message, severity, at, layer }) => ({
      code,
      message,
      severity,
      ...(at === undefined ? {} : { at }),
      ...(layer === undefined ? {} : { layer }),
    })),
    ...(error === undefined ? {} : { error }),
    ...(signature === undefined ? {} : { signature }),
  };
}

function unreadable(error: unknown): DecodedRecord {
  return { layers: [], value: null, lossless: false, warnings: [], error: toProblem(error) };
}

function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
