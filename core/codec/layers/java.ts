import type { Edit } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { concat } from '../bytes.ts';
import { JavaReader } from '../java/reader.ts';
import { type JavaPlace, JavaTyped } from '../java/typed.ts';
import type { Layer, LayerContext, ValueDecoded } from '../layer.ts';
import { floatOfHex } from '../nodes.ts';
import { formatPath, getAt } from '../path.ts';
import { NEVER_NEW_VALUE } from '../signed/never.ts';

/** Java serialisation (Spring Session's attributes). Texts and numbers are changed in place; objects stay as they are. */
export const java: Layer = {
  id: 'java',
  title: 'Java serialisation',
  recognise(bytes) {
    if (bytes[0] !== 0xac || bytes[1] !== 0xed || bytes[2] !== 0 || bytes[3] !== 5) return undefined;
    return { score: 0.97, reasons: ['Starts with the mark of Java serialisation, AC ED 00 05'] };
  },
  decode,
  make: NEVER_NEW_VALUE,
};

function decode(bytes: Uint8Array, context: LayerContext): ValueDecoded {
  const typed = new JavaTyped(bytes);
  const value = typed.of(new JavaReader(bytes, context.budget).root());
  return {
    kind: 'value',
    value,
    // The mark and a stream that is read to its end leave no doubt, even of a single text.
    evidence: 'structure',
    warnings: [],
    facts: { version: 5 },
    lossless: true,
    spanOf(path) {
      const node = getAt(value, path);
      return node && typed.spans.get(node);
    },
    edit: (edits) => edit(bytes, value, typed, edits),
  };
}

function edit(bytes: Uint8Array, root: TypedNode, typed: JavaTyped, edits: readonly Edit[]): Uint8Array {
  const changes = edits.map((one) => {
    const node = getAt(root, one.path);
    const place = node && typed.places.get(node);
    if (one.op !== 'set' || place === undefined) throw inPlaceOnly(one);
    return { place, bytes: written(one.value, place, one) };
  });
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { place, bytes: made } of changes.sort((a, b) => a.place.start - b.place.start)) {
    pieces.push(bytes.subarray(at, place.start), made);
    at = place.end;
  }
  pieces.push(bytes.subarray(at));
  return concat(pieces);
}

function inPlaceOnly({ path }: Edit): Error {
  return problem('java-unrepresentable', `${formatPath(path) || 'The value'} cannot be changed in place`, {
    remedy: 'Only texts and numbers that stand once in the stream can be changed; objects cannot be added or removed',
  });
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  B: [-128n, 127n],
  S: [-32768n, 32767n],
  I: [-(2n ** 31n), 2n ** 31n - 1n],
  J: [-(2n ** 63n), 2n ** 63n - 1n],
};

function written(value: TypedNode, { type }: JavaPlace, edited: Edit): Uint8Array {
  if (type === 'string' && value.t === 'str') return textBytes(value.v);
  const view = new DataView(new ArrayBuffer(8));
  const part = (length: number) => new Uint8Array(view.buffer, 0, length);
  const range = RANGES[type];
  if (range !== undefined && value.t === 'int') {
    const number = BigInt(value.v);
    if (number < range[0] || number > range[1]) {
      throw problem('java-unrepresentable', `${value.v.slice(0, 40)} is beyond the type that the class has for it`);
    }
    view.setBigInt64(0, number << BigInt(64 - { B: 8, S: 16, I: 32, J: 64 }[type as 'B']));
    return part({ B: 1, S: 2, I: 4, J: 8 }[type as 'B']).slice();
  }
  if (type === 'Z' && value.t === 'bool') return Uint8Array.of(value.v ? 1 : 0);
  if (type === 'C' && value.t === 'java-char' && value.v.length === 1) {
    view.setUint16(0, value.v.charCodeAt(0));
    return part(2);
  }
  if ((type === 'D' || type === 'F') && value.t === 'float') {
    const number = floatOfHex(value.hex);
    if (type === 'D') view.setFloat64(0, number);
    else view.setFloat32(0, number);
    return part(type === 'D' ? 8 : 4);
  }
  throw inPlaceOnly(edited);
}

/** A stream that holds one text and nothing else. */
export function javaText(text: string): Uint8Array {
  return concat([Uint8Array.of(0xac, 0xed, 0, 5), textBytes(text)]);
}

/** A text with its length in front, in modified UTF-8: zero as two bytes, surrogates one by one. */
function textBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0 && unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 63));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63));
  }
  const short = bytes.length < 0x10000;
  const head = new DataView(new ArrayBuffer(short ? 3 : 9));
  head.setUint8(0, short ? 0x74 : 0x7c);
  if (short) head.setUint16(1, bytes.length);
  else head.setBigUint64(1, BigInt(bytes.length));
  return concat([new Uint8Array(head.buffer), Uint8Array.from(bytes)]);
}
