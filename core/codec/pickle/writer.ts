import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { Emitter } from './emitter.ts';
import { ValueWriter } from './value-writer.ts';

export type { TypedPair };

export interface EncodeOptions {
  /** Default 4, what Python 3.8 to 3.13 write for a session. */
  readonly protocol?: 0 | 1 | 2 | 3 | 4 | 5;
  /** 2: ASCII text as `str` of Python 2 (protocol 2 at most). Default 3. */
  readonly python?: 2 | 3;
}

/**
 * A typed value as pickle, with the opcodes, memo and frames that CPython's C pickler writes. Throws a ProblemError of
 * kind `pickle-unwritable` for nodes that stand for no value (`limit`, a `ref` without its value) or are malformed.
 */
export function encodePickle(value: TypedNode, options: EncodeOptions = {}): Uint8Array {
  const python = options.python ?? 3;
  const protocol = options.protocol ?? (python === 2 ? 2 : 4);
  const form = protocol >= 4 ? 'memoize' : protocol >= 1 ? 'binary' : 'text';
  const emitter = new Emitter(form);
  if (protocol >= 2) emitter.bytes([0x80, protocol]);
  emitter.frames(protocol >= 4);
  const writer = new ValueWriter(emitter, { protocol, python, memo: 'all' });
  writer.define(value);
  writer.save(value);
  emitter.byte(0x2e);
  return emitter.take();
}
