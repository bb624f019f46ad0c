import type { Problem } from './problem.ts';
import type { RecordView } from './session.ts';
import type { SignatureView } from './signature.ts';
import type { TypedNode } from './typed.ts';

/** One layer of the peel path, with its settings as they were found. */
export interface PeelStep {
  /** As it is given to name it: `pickle:latin1`. */
  readonly id: string;
  readonly title: string;
  /** Why it was taken for this layer; empty when the user named it. */
  readonly reasons: readonly string[];
  /** The layer's settings: line length, compression level, protocol … */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly lossless: boolean;
  /** Length of its input in bytes, and base64 of the first `kept` of them. */
  readonly bytes: number;
  readonly base64: string;
  readonly kept: number;
  readonly warnings: RecordView['warnings'];
  readonly signature?: SignatureView;
}

/** Bytes taken apart: what each layer is and holds, down to the value. */
export interface Peel {
  readonly revision?: string;
  readonly steps: readonly PeelStep[];
  /** The layers, with the one that failed when one did. */
  readonly layers: readonly string[];
  readonly value: TypedNode | null;
  readonly lossless: boolean;
  readonly error?: Problem;
  /** Of the whole: one that does not fit, else the outermost. Absent: nothing is signed. */
  readonly signature?: SignatureView;
}

/** From the first byte to the one after the last. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** Where a value stands: in the innermost bytes, and at each depth as far as the layers allow it (compression does not). */
export interface ValueSpan {
  readonly revision: string;
  readonly inner: ByteSpan | null;
  readonly outer: ByteSpan | null;
}

/** A layer that a user can name. */
export interface LayerInfo {
  readonly id: string;
  readonly title: string;
  /** `bytes`: another layer must follow; `value`: the innermost. */
  readonly kind: 'bytes' | 'value';
}
