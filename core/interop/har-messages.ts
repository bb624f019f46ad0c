import type { Flow } from '../model/flow.ts';
import type { Problem } from '../model/problem.ts';
import type { FrameView } from '../model/proxy-settings.ts';

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

/** What the thread that writes HARs is started with. */
export interface HarWriterData {
  readonly version: string;
  readonly withSecrets: boolean;
}

/** A flow with what it names: bodies as they are kept, frames with whole payloads. */
export interface FlowToWrite {
  readonly flow: Flow;
  /** By their names; those that are gone are missing. */
  readonly bodies: readonly (readonly [ref: string, bytes: Uint8Array])[];
  readonly frames?: { readonly frames: readonly FrameView[]; readonly total: number };
}

export type ToHarWriter = { readonly what: 'flows'; readonly flows: readonly FlowToWrite[] } | { readonly what: 'end' };

/** The answer to each message. */
export type FromHarWriter =
  | { readonly text: string /** With the last one. */; readonly notes?: readonly string[] }
  | { readonly problem: Problem };
