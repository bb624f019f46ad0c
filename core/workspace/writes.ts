import type { FlowPageData } from './page-layout.ts';

/**
 * One write to the workspace as plain data, so that another thread can carry it out. Doing one twice leaves what doing
 * it once leaves: after a failure all of a batch is done again.
 */
export type Write =
  | readonly ['flows', FlowPageData]
  | readonly ['bodies', BodiesData]
  | readonly ['no-body', ref: string]
  | readonly ['snapshot', SnapshotRow]
  | readonly ['session', SessionRow]
  | readonly ['data', s: number, pathsAndValues: readonly string[]]
  | readonly ['timeline', seq: number, s: number, at: number, flow: string | null, kind: string, more: string]
  | readonly ['edit', EditRow]
  | readonly ['setting', key: string, value: string | null]
  | readonly ['overrule', host: string, carrier: string, name: string, verdict: string | null]
  | readonly ['carrier', host: string, carrier: string, name: string, at: number, memo: string]
  | readonly ['rule', id: string, rule: string | null];

/** Bodies as plain data. Their bytes lie in shared memory and stay there until the batch is saved. */
export interface BodiesData {
  /** Their names, with line feeds between them. */
  readonly refs: string;
  /** Of how many pieces each consists. */
  readonly counts: Int32Array;
  /** For each piece: number of the buffer, first byte, end. */
  readonly places: Int32Array;
  readonly buffers: readonly SharedArrayBuffer[];
}

/** Tuples rather than objects: names of fields would be copied with each of them. */
export type SnapshotRow = readonly [
  id: string,
  storeId: string,
  recordId: string,
  at: number,
  lastUsed: number | null,
  hash: string,
  bytes: Uint8Array,
];

/** The columns of `session` in their order. */
export type SessionRow = readonly [
  s: number,
  host: string,
  carrier: string,
  name: string,
  id: string,
  state: string,
  score: number,
  shown: number,
  lastActivity: number,
  flows: number,
  storeId: string | null,
  recordId: string | null,
  text: string,
  summary: string,
  memo: string,
];

export type EditRow = readonly [
  id: string,
  at: number,
  sessionKey: string | null,
  storeId: string | null,
  recordId: string | null,
  phase: string,
  entry: string,
];
