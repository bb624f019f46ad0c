import type { Path } from '../../model/path.ts';
import type { TypedNode } from '../../model/typed.ts';
import { type DangerFinding, findDangers } from './danger.ts';
import type { PickleOptions } from './options.ts';
import { readPickle } from './reader.ts';
import type { ReaderState } from './reader-state.ts';
import type { Refusal } from './refusal.ts';
import { type Span, spanAt } from './spans.ts';
import { TypedTree } from './typed-tree.ts';

export type { DangerFinding } from './danger.ts';
export { disassemble } from './disassemble.ts';
export { editPickle } from './edit.ts';
export type { PickleOptions } from './options.ts';
export { pythonException, type Refusal } from './refusal.ts';
export type { Span } from './spans.ts';
export { encodePickle } from './writer.ts';

/** One pickle as read. The typed value and the findings are made on first use. */
export interface PickleDecoded {
  readonly value: TypedNode;
  /** The highest protocol named in the stream; 0 when it names none and uses no opcode of protocol 1. */
  readonly protocol: number;
  /** Offset after STOP; what follows is never read by `pickle.loads`. */
  readonly end: number;
  /** What a user should know about the stream, in order of its bytes. */
  readonly warnings: readonly PickleWarning[];
  /** What `pickle.loads` would raise although the value can be shown here; undefined when it would load it. */
  readonly refusal: Refusal | undefined;
  /** The bytes that make the value at a path; undefined when there is no such value. */
  spanOf(path: Path): Span | undefined;
  readonly danger: readonly DangerFinding[];
}

export interface PickleWarning {
  /** `refused-by-python`, `trailing-bytes` or `limit`. */
  readonly what: string;
  readonly message: string;
  readonly at: number;
}

/**
 * Reads one pickle (protocols 0 to 5, of Python 2 or 3) and runs nothing. Throws a ProblemError of kind
 * `pickle-<python exception>` with the byte offset in `at` where CPython's C unpickler would raise that exception for
 * the stream itself, and kind `cancelled` when the signal fires.
 */
export function decodePickle(bytes: Uint8Array, options: PickleOptions = {}): PickleDecoded {
  return new Decoded(readPickle(bytes, options, false));
}

/** What loading the stream would call or import, each with a severity and the reason. Throws as `decodePickle`. */
export function analysePickle(bytes: Uint8Array, options: PickleOptions = {}): readonly DangerFinding[] {
  return findDangers(readPickle(bytes, options, false));
}

class Decoded implements PickleDecoded {
  private readonly state: ReaderState;
  private tree: TypedNode | undefined;
  private findings: readonly DangerFinding[] | undefined;

  constructor(state: ReaderState) {
    this.state = state;
  }

  get value(): TypedNode {
    this.tree ??= new TypedTree(this.state).root();
    return this.tree;
  }

  get protocol(): number {
    return this.state.highest;
  }

  get end(): number {
    return this.state.end;
  }

  get refusal(): Refusal | undefined {
    void this.value;
    return this.state.refusal;
  }

  get warnings(): readonly PickleWarning[] {
    const warnings: PickleWarning[] = [];
    const { refusal } = this;
    if (refusal !== undefined) {
      const message = `Python refuses this with ${refusal.exception}: ${refusal.message}`;
      warnings.push({ what: 'refused-by-python', message, at: refusal.at });
    }
    const rest = this.state.bytes.length - this.end;
    if (rest > 0) {
      warnings.push({ what: 'trailing-bytes', message: `${rest} bytes after the end are never read`, at: this.end });
    }
    return warnings;
  }

  get danger(): readonly DangerFinding[] {
    this.findings ??= findDangers(this.state);
    return this.findings;
  }

  spanOf(path: Path): Span | undefined {
    return spanAt(this.state, path);
  }
}
