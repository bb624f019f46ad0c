import type { Flow } from '../model/flow.ts';
import type { Problem } from '../model/problem.ts';

/** What the thread that reads HARs is started with. */
export interface HarWorkerData {
  readonly prefix: string;
  readonly name: string;
  /** Where entries without a date stand, in milliseconds since 1970. */
  readonly now: number;
}

export type ToHarWorker = { readonly what: 'text'; readonly text: string } | { readonly what: 'end' };

/** The answer to each message. Flows name their bodies by their place in `bodies`. */
export type FromHarWorker =
  | {
      readonly flows: readonly Flow[];
      readonly bodies: readonly Uint8Array[];
      /** With the last one. */
      readonly notes?: readonly string[];
    }
  | { readonly problem: Problem };
