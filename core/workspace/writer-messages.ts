import type { Problem } from '../model/problem.ts';
import type { Removed, RetentionLimits } from './retention.ts';
import type { Outcome } from './writer.ts';
import type { Write } from './writes.ts';

/** What the writing thread is started with. */
export interface WriterData {
  readonly file: string;
  readonly nativeBinding: string | undefined;
  readonly limits: RetentionLimits;
  readonly port: import('node:worker_threads').MessagePort;
  /** Shared counter: raised with each answer, so that one who waits for it without an event loop can be woken. */
  readonly answered: Int32Array<SharedArrayBuffer>;
}

export type Ask =
  | { readonly kind: 'write'; readonly writes: readonly Write[]; readonly durable: boolean }
  | { readonly kind: 'tidy'; readonly now: number }
  | { readonly kind: 'close' };

/** One for each Ask, in order; `broken` comes instead when the thread cannot work. */
export type Answer =
  | { readonly kind: 'written'; readonly outcome: Outcome }
  | { readonly kind: 'tidied'; readonly removed: Removed | undefined }
  | { readonly kind: 'closed' }
  | { readonly kind: 'broken'; readonly problem: Problem };
