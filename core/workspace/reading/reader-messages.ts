import type { Problem } from '../../model/problem.ts';
import type { SessionSummary } from '../../model/session.ts';
import type { FlowPageOf, FlowQuery } from '../flow-query.ts';
import type { SessionQuery } from '../session-query.ts';

/** What the reading thread is started with. */
export interface ReaderData {
  readonly file: string;
  readonly nativeBinding: string | undefined;
}

export interface SessionPageOf {
  readonly sessions: SessionSummary[];
  /** That the filter lets through, and that there are. */
  readonly total: number;
  readonly all: number;
}

/** What may be asked of the reading thread, and what it answers. */
export interface Reads {
  readonly flows: { readonly query: FlowQuery; readonly answer: FlowPageOf };
  readonly sessions: { readonly query: SessionQuery; readonly answer: SessionPageOf };
}

export type ReadKind = keyof Reads;

/** One question; `now` is what spans of time in a filter are measured from (ms since 1970). */
export interface Read<K extends ReadKind = ReadKind> {
  readonly id: number;
  readonly kind: K;
  readonly query: Reads[K]['query'];
  readonly now: number;
}

export type ToReader =
  | ({ readonly what: 'read' } & Read)
  /** Whoever asked does not want the answer any more. */
  | { readonly what: 'cancel'; readonly id: number }
  /** Rows were removed: counts that were kept are wrong. */
  | { readonly what: 'removed' };

export type FromReader =
  | { readonly id: number; readonly answer: Reads[ReadKind]['answer'] }
  | { readonly id: number; readonly problem: Problem };
