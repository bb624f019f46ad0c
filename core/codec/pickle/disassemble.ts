import { floatAt, longOf } from './number-text.ts';
import { extentOf, OPCODES, type Opcode, unsigned } from './opcodes.ts';
import { brokenUtf8, latin1, utf8Text } from './text.ts';

/** One opcode for the raw view. */
export interface DisassembledLine {
  readonly at: number;
  readonly end: number;
  /** Name of the opcode, or `?` for a byte that is none. */
  readonly name: string;
  /** The argument for people, cut at 200 characters; empty when there is none. */
  readonly argument: string;
  /** Open MARKs before this opcode, for indenting. */
  readonly depth: number;
  /** Why the reading ends here, if it does before STOP. */
  readonly error?: string;
}

const SHOWN = 200;
const TO_MARK = new Set([
  'APPENDS',
  'SETITEMS',
  'ADDITEMS',
  'LIST',
  'TUPLE',
  'DICT',
  'FROZENSET',
  'POP_MARK',
  'INST',
  'OBJ',
]);

/** Every opcode up to STOP or to the first byte that cannot be read; never throws. At most `most` lines. */
export function disassemble(bytes: Uint8Array, most = 100_000): readonly DisassembledLine[] {
  const lines: DisassembledLine[] = [];
  let depth = 0;
  for (let at = 0; at < bytes.length && lines.length < most; ) {
    const extent = extentOf(bytes, at);
    if (extent === undefined) {
      const name = OPCODES[bytes[at] as number]?.name;
      const error = name === undefined ? 'no opcode has this byte' : 'the argument is cut off';
      lines.push({ at, end: bytes.length, name: name ?? '?', argument: '', depth, error });
      break;
    }
    const { opcode, from, end } = extent;
    if (TO_MARK.has(opcode.name) && depth > 0) depth--;
    lines.push({ at, end, name: opcode.name, argument: argumentText(bytes, opcode, at, from, end), depth });
    if (opcode.name === 'MARK') depth++;
    if (opcode.name === 'STOP') break;
    at = end;
  }
  return lines;
}

function argumentText(b: Uint8Array, opcode: Opcode, at: number, from: number, end: number): string {
  const stop = Math.min(end, from + SHOWN);
  switch (opcode.argument) {
    case 'none':
      return '';
    case 'line':
      return cut(latin1(b, from, Math.min(end - 1, from + SHOWN)), end - 1 - from);
    case 'lines':
      return cut(latin1(b, from, Math.min(end - 1, from + SHOWN)).replace('\n', ' '), end - 1 - from);
    case 'int4':
      return String(unsigned(b, at + 1, 4) | 0);
    case 'float8':
      return floatAt(b, at + 1).v;
    case 'uint1':
    case 'uint2':
    case 'uint4':
    case 'uint8':
      return String(unsigned(b, at + 1, from - at - 1));
    default:
      break;
  }
  if (opcode.content === 'long') return end - from <= 100 ? String(longOf(b, from, end)) : `${end - from} bytes`;
  if (opcode.content === 'utf8' && brokenUtf8(b, from, end) < 0) {
    const text = utf8Text(b, from, stop < end ? wholeCharacters(b, from, stop) : end);
    return cut(JSON.stringify(text), end - from);
  }
  return cut(JSON.stringify(latin1(b, from, stop)), end - from);
}

/** An offset at or before `stop` that is not inside a UTF-8 sequence. */
function wholeCharacters(b: Uint8Array, from: number, stop: number): number {
  let i = stop;
  while (i > from && ((b[i] as number) & 0xc0) === 0x80) i--;
  return i;
}

function cut(text: string, length: number): string {
  return length > SHOWN ? `${text} … (${length} bytes)` : text;
}
