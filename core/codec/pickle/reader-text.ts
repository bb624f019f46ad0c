import * as K from './node.ts';
import { PickleNode, textNode } from './node.ts';
import type { ReaderState } from './reader-state.ts';
import { refuse } from './refusal.ts';
import { latin1, strictUtf8, utf8Text } from './text.ts';

/** `str` of Python 2 as the option `encoding` says. */
export function oldString(
  r: ReaderState,
  b: Uint8Array,
  from: number,
  to: number,
  at: number,
  end: number,
): PickleNode {
  const encoding = r.options.encoding ?? 'ASCII';
  const inStream = b === r.bytes;
  if (encoding === 'bytes') {
    const node = new PickleNode(K.BYTES, at, end, from, to);
    if (!inStream) node.more = { bytes: b.subarray(from, to) };
    return node;
  }
  let i = from;
  while (i < to && (b[i] as number) < 0x80) i++;
  if (i === to && inStream) return new PickleNode(K.ASCII, at, end, from, to);
  if (i < to && encoding === 'ASCII') {
    const byte = (b[i] as number).toString(16);
    const message = `'ascii' codec can't decode byte 0x${byte} in position ${i - from}: ordinal not in range(128)`;
    throw refuse('UnicodeDecodeError', message, at);
  }
  const text = i < to && encoding === 'utf8' ? strictUtf8(b, from, to) : undefined;
  return textNode(K.TEXT, at, end, text ?? latin1(b, from, to));
}

/** The text of a value that is exactly a `str`. */
export function textOf(r: ReaderState, node: PickleNode): string | undefined {
  if (node.kind === K.ASCII) return r.text.slice(node.lo, node.hi);
  if (node.kind === K.UTF8) return utf8Text(r.bytes, node.lo, node.hi);
  return node.kind === K.TEXT ? node.more?.text : undefined;
}
