/**
 * The table of all opcodes of protocols 0 to 5: what the disassembly and the editor read. One line each:
 * code, name | argument | values taken from the stack -> values left on it | protocol that brought it.
 */

/** How the argument of an opcode is written. `countN` is a length of N bytes with that many bytes after it. */
export type ArgumentForm =
  | 'none'
  | 'line'
  | 'lines'
  | 'uint1'
  | 'uint2'
  | 'uint4'
  | 'uint8'
  | 'int4'
  | 'float8'
  | 'count1'
  | 'count4'
  | 'count8';

export interface Opcode {
  readonly code: number;
  readonly name: string;
  readonly argument: ArgumentForm;
  /** What the counted bytes are. */
  readonly content: 'long' | 'latin1' | 'bytes' | 'utf8' | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly protocol: number;
}

const TABLE = `
  0x28 MARK | none | - -> mark | 0
  0x29 EMPTY_TUPLE | none | - -> tuple | 1
  0x2e STOP | none | any -> - | 0
  0x30 POP | none | any -> - | 0
  0x31 POP_MARK | none | mark stackslice -> - | 1
  0x32 DUP | none | any -> any any | 0
  0x42 BINBYTES | count4 bytes | - -> bytes | 3
  0x43 SHORT_BINBYTES | count1 bytes | - -> bytes | 3
  0x46 FLOAT | line | - -> float | 0
  0x47 BINFLOAT | float8 | - -> float | 1
  0x49 INT | line | - -> int_or_bool | 0
  0x4a BININT | int4 | - -> int | 1
  0x4b BININT1 | uint1 | - -> int | 1
  0x4c LONG | line | - -> int | 0
  0x4d BININT2 | uint2 | - -> int | 1
  0x4e NONE | none | - -> None | 0
  0x50 PERSID | line | - -> any | 0
  0x51 BINPERSID | none | any -> any | 1
  0x52 REDUCE | none | any any -> any | 0
  0x53 STRING | line | - -> bytes_or_str | 0
  0x54 BINSTRING | count4 latin1 | - -> bytes_or_str | 1
  0x55 SHORT_BINSTRING | count1 latin1 | - -> bytes_or_str | 1
  0x56 UNICODE | line | - -> str | 0
  0x58 BINUNICODE | count4 utf8 | - -> str | 1
  0x5d EMPTY_LIST | none | - -> list | 1
  0x61 APPEND | none | list any -> list | 0
  0x62 BUILD | none | any any -> any | 0
  0x63 GLOBAL | lines | - -> any | 0
  0x64 DICT | none | mark stackslice -> dict | 0
  0x65 APPENDS | none | list mark stackslice -> list | 1
  0x67 GET | line | - -> any | 0
  0x68 BINGET | uint1 | - -> any | 1
  0x69 INST | lines | mark stackslice -> any | 0
  0x6a LONG_BINGET | uint4 | - -> any | 1
  0x6c LIST | none | mark stackslice -> list | 0
  0x6f OBJ | none | mark any stackslice -> any | 1
  0x70 PUT | line | - -> - | 0
  0x71 BINPUT | uint1 | - -> - | 1
  0x72 LONG_BINPUT | uint4 | - -> - | 1
  0x73 SETITEM | none | dict any any -> dict | 0
  0x74 TUPLE | none | mark stackslice -> tuple | 0
  0x75 SETITEMS | none | dict mark stackslice -> dict | 1
  0x7d EMPTY_DICT | none | - -> dict | 1
  0x80 PROTO | uint1 | - -> - | 2
  0x81 NEWOBJ | none | any any -> any | 2
  0x82 EXT1 | uint1 | - -> any | 2
  0x83 EXT2 | uint2 | - -> any | 2
  0x84 EXT4 | int4 | - -> any | 2
  0x85 TUPLE1 | none | any -> tuple | 2
  0x86 TUPLE2 | none | any any -> tuple | 2
  0x87 TUPLE3 | none | any any any -> tuple | 2
  0x88 NEWTRUE | none | - -> bool | 2
  0x89 NEWFALSE | none | - -> bool | 2
  0x8a LONG1 | count1 long | - -> int | 2
  0x8b LONG4 | count4 long | - -> int | 2
  0x8c SHORT_BINUNICODE | count1 utf8 | - -> str | 4
  0x8d BINUNICODE8 | count8 utf8 | - -> str | 4
  0x8e BINBYTES8 | count8 bytes | - -> bytes | 4
  0x8f EMPTY_SET | none | - -> set | 4
  0x90 ADDITEMS | none | set mark stackslice -> set | 4
  0x91 FROZENSET | none | mark stackslice -> frozenset | 4
  0x92 NEWOBJ_EX | none | any any any -> any | 4
  0x93 STACK_GLOBAL | none | str str -> any | 4
  0x94 MEMOIZE | none | any -> any | 4
  0x95 FRAME | uint8 | - -> - | 4
  0x96 BYTEARRAY8 | count8 bytes | - -> bytearray | 5
  0x97 NEXT_BUFFER | none | - -> buffer | 5
  0x98 READONLY_BUFFER | none | buffer -> buffer | 5
`;

/** Every opcode by its byte; undefined where no opcode has that byte. */
export const OPCODES: readonly (Opcode | undefined)[] = readTable();

function readTable(): (Opcode | undefined)[] {
  const all: (Opcode | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const row of TABLE.trim().split('\n')) {
    const [head = '', argument = '', effect = '', protocol = ''] = row.split('|').map((part) => part.trim());
    const [code = '', name = ''] = head.split(' ');
    const [form = 'none', content] = argument.split(' ');
    const [before, after] = effect
      .split('->')
      .map((side) => side.split(' ').filter((word) => word !== '' && word !== '-'));
    const number = Number(code);
    all[number] = {
      code: number,
      name,
      argument: form as ArgumentForm,
      content: content as Opcode['content'],
      before: before ?? [],
      after: after ?? [],
      protocol: Number(protocol),
    };
  }
  return all;
}

const FIXED: Readonly<Record<ArgumentForm, number>> = {
  none: 0,
  line: 0,
  lines: 0,
  uint1: 1,
  uint2: 2,
  uint4: 4,
  uint8: 8,
  int4: 4,
  float8: 8,
  count1: 1,
  count4: 4,
  count8: 8,
};

/** Where the argument's content begins and where the opcode ends; undefined when the stream ends before. */
export function extentOf(bytes: Uint8Array, at: number): { opcode: Opcode; from: number; end: number } | undefined {
  const opcode = OPCODES[bytes[at] ?? -1];
  if (opcode === undefined) return undefined;
  const from = at + 1 + FIXED[opcode.argument];
  let end = from;
  if (opcode.argument === 'line' || opcode.argument === 'lines') {
    end = bytes.indexOf(10, from) + 1;
    if (end > 0 && opcode.argument === 'lines') end = bytes.indexOf(10, end) + 1;
    if (end === 0) return undefined;
  } else if (opcode.argument.startsWith('count')) {
    end = from + unsigned(bytes, at + 1, FIXED[opcode.argument]);
  }
  return end > bytes.length ? undefined : { opcode, from, end };
}

/** Little-endian number; above 2^53 only its size is right. */
export function unsigned(bytes: Uint8Array, from: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[from + i] ?? 0);
  return value;
}

const SIZES = Int8Array.from(OPCODES, (opcode) => {
  if (opcode === undefined) return -1;
  if (opcode.argument === 'line') return 100;
  if (opcode.argument === 'lines') return 101;
  const width = FIXED[opcode.argument];
  return opcode.argument.startsWith('count') ? 20 + width : width;
});

/** Offset after the opcode at `at`, as `extentOf` tells it; -1 when it is no opcode or cut off. */
export function endOfOpcode(bytes: Uint8Array, at: number): number {
  const size = SIZES[bytes[at] ?? 0] as number;
  let end = at + 1 + size;
  if (size < 0) return -1;
  if (size >= 100) {
    end = bytes.indexOf(10, at + 1) + 1;
    if (end > 0 && size === 101) end = bytes.indexOf(10, end) + 1;
    if (end === 0) return -1;
  } else if (size >= 20) {
    end = at + 1 + size - 20 + unsigned(bytes, at + 1, size - 20);
  }
  return end > bytes.length ? -1 : end;
}

/** The number that a PUT or GET of any form names. */
export function memoNumber(bytes: Uint8Array, pos: number, end: number): number {
  if (bytes[pos] === 0x71 || bytes[pos] === 0x68) return bytes[pos + 1] as number;
  if (bytes[pos] !== 0x70 && bytes[pos] !== 0x67) return unsigned(bytes, pos + 1, 4);
  return Number.parseInt(String.fromCharCode(...bytes.subarray(pos + 1, Math.min(end, pos + 20))), 10);
}
