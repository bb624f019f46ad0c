import type { MemoForm } from './emitter.ts';
import { extentOf, unsigned } from './opcodes.ts';
import type { Dialect } from './value-writer.ts';

/** How the writer of a stream wrote: what an edit has to keep. */
export interface StreamDialect extends Dialect {
  readonly form: MemoForm;
  /** First memo number that no PUT of the stream uses. */
  readonly nextMemo: number;
}

const OLD_STRINGS = new Set([0x53, 0x54, 0x55]);
const PUTS = new Set([0x70, 0x71, 0x72, 0x94]);
/** Opcodes whose values CPython's pickler puts in the memo, each time. */
const MEMOIZED = new Set([
  0x5d, 0x7d, 0x8f, 0x8c, 0x58, 0x8d, 0x56, 0x53, 0x54, 0x55, 0x42, 0x43, 0x52, 0x81, 0x93, 0x63,
]);

/** Reads the habits of a stream from its opcodes, up to `end`. */
export function dialectOf(bytes: Uint8Array, end: number, encoding: string): StreamDialect {
  let named = 0;
  let protocol = 0;
  let old = 0;
  let puts = 0;
  let memoized = 0;
  let counted = false;
  let text = false;
  let nextMemo = 0;
  for (let at = 0; at < end; ) {
    const extent = extentOf(bytes, at);
    if (extent === undefined) break;
    const code = extent.opcode.code;
    if (code === 0x80) named = Math.max(named, bytes[at + 1] ?? 0);
    else protocol = Math.max(protocol, extent.opcode.protocol);
    if (OLD_STRINGS.has(code)) old++;
    if (MEMOIZED.has(code)) memoized++;
    if (PUTS.has(code)) {
      puts++;
      if (code === 0x94) counted = true;
      else if (code === 0x70) {
        text = true;
        const line = String.fromCharCode(...bytes.subarray(at + 1, Math.min(extent.end - 1, at + 20)));
        nextMemo = Math.max(nextMemo, Number.parseInt(line, 10) + 1 || 0);
      } else nextMemo = Math.max(nextMemo, unsigned(bytes, at + 1, code === 0x71 ? 1 : 4) + 1);
    }
    at = extent.end;
  }
  const level = named > 0 ? named : Math.min(protocol, 5);
  const python = old > 0 && level <= 2 ? 2 : 3;
  return {
    protocol: level,
    python,
    memo: puts >= memoized && puts > 0 ? 'all' : 'needed',
    texts: encoding === 'bytes' ? 'unicode' : encoding === 'latin1' || encoding === 'utf8' ? encoding : 'by-text',
    oldBytes: python === 2 && encoding === 'bytes',
    form: counted || (puts === 0 && level >= 4) ? 'memoize' : text || level === 0 ? 'text' : 'binary',
    nextMemo,
  };
}
