import {
  createDecodePool as createPool,
  type DecodePool,
  type DecodePoolOptions,
} from '../codec/worker/decode-pool.ts';
import { LAYERS } from './layers.ts';

export type { DecodePool } from '../codec/worker/decode-pool.ts';

/** A pool of decoding threads that know the layers of all frameworks. */
export function createDecodePool(options: Partial<Omit<DecodePoolOptions, 'layers'>> = {}): DecodePool {
  return createPool({ workerUrl: new URL('./decode-worker.ts', import.meta.url), ...options, layers: LAYERS });
}
