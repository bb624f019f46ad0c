import { ProblemError } from '../model/problem.ts';
import { isLimit } from '../model/problem-kinds.ts';
import { guess } from './guess.ts';
import { DEFAULT_LIMITS, makeBudget } from './limits.ts';
import { type BaseContext, type DecodeOptions, type Opened, peel } from './peel.ts';
import { LAYERS } from './registry.ts';
import { readSecret } from './secrets.ts';

/**
 * Takes the layers off, guessed or named. Does not throw for what the bytes are; throws a ProblemError for a wrong
 * choice of layers (`bad-layer`, `bad-layers`) and when cancelled.
 */
export function open(bytes: Uint8Array, options: DecodeOptions = {}): Opened {
  const limits = options.limits ?? DEFAULT_LIMITS;
  if (bytes.length > limits.bytes) {
    const message = `The input has ${bytes.length} bytes; the limit is ${limits.bytes}`;
    return { steps: [], error: { kind: 'limit-bytes', message, at: limits.bytes } };
  }
  const base: BaseContext = {
    budget: makeBudget(limits, options.signal, options.now),
    layers: options.layers ?? LAYERS,
    keys: (options.secrets ?? []).map(readSecret),
    companions: options.companions ?? {},
    stamp: options.stamp ?? 'keep',
    time: options.time ?? Date.now(),
    ...(options.name !== undefined && { name: options.name }),
  };
  try {
    return options.as === undefined ? guess(bytes, base) : peel(bytes, options.as, base);
  } catch (error) {
    if (error instanceof ProblemError && isLimit(error.problem.kind)) return { steps: [], error: error.problem };
    throw error;
  }
}
