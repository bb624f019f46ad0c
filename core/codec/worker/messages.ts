import type { Edit, Path } from '../../model/path.ts';
import type { Problem } from '../../model/problem.ts';
import type { DecodedData, EditedData } from '../codec.ts';
import type { Span } from '../layer.ts';
import type { Limits } from '../limits.ts';

/** Options of `decode` that can be sent to another thread; cancelling ends the thread instead. */
export interface SentOptions {
  readonly as?: readonly string[];
  readonly limits?: Limits;
  readonly secrets?: readonly string[];
  readonly name?: string;
  readonly companions?: Readonly<Record<string, string>>;
  readonly stamp?: 'keep' | 'now';
}

/** One piece of work for the worker. */
export type Job =
  | { readonly kind: 'decode'; readonly bytes: Uint8Array; readonly options: SentOptions }
  | { readonly kind: 'peel'; readonly bytes: Uint8Array; readonly options: SentOptions }
  | {
      readonly kind: 'edit';
      readonly bytes: Uint8Array;
      readonly edits: readonly Edit[];
      readonly options: SentOptions;
    }
  | { readonly kind: 'span'; readonly bytes: Uint8Array; readonly path: Path; readonly options: SentOptions };

/** What each kind of job gives. */
export interface JobResults {
  readonly decode: DecodedData;
  /** With the bytes at each depth. */
  readonly peel: DecodedData & { readonly inputs: readonly Uint8Array[] };
  readonly edit: EditedData;
  readonly span: { readonly inner: Span; readonly outer: Span | undefined } | undefined;
}

export type Answer =
  | { readonly ok: true; readonly result: JobResults[Job['kind']] }
  | { readonly ok: false; readonly problem: Problem; readonly bug: boolean };
