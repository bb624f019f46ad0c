import { problem } from '../../model/problem.ts';
import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { concat, fromBase64, fromUtf8, hasLoneSurrogate, toBase64, utf8 } from '../bytes.ts';
import { applyToGraph } from '../edit-typed.ts';
import { type GraphNode, type Slot, toGraph } from '../graph.ts';
import type { Layer, LayerContext, Span, ValueDecoded, Warning } from '../layer.ts';
import type { Budget } from '../limits.ts';
import { floatNode, floatNodeOfHex, floatOfHex } from '../nodes.ts';
import { getAt } from '../path.ts';

/**
 * MessagePack. Nothing marks it reliably (most bytes begin some value of it), so that it is never guessed: a framework's
 * layout or the user names it.
 */
export const msgpack: Layer = {
  id: 'msgpack',
  title: 'MessagePack',
  recognise: () => undefined,
  decode,
  make: { kind: 'value', write: (value) => write(toGraph(value), new Map(), new Uint8Array()) },
};

/** Where a value stands; `head`: the bytes before its members or its content. */
interface Origin extends Span {
  readonly head: Span;
}

function decode(bytes: Uint8Array, { budget }: LayerContext): ValueDecoded {
  const reader = new Reader(bytes, budget);
  const value = reader.whole();
  const { origins, warnings } = reader;
  const container = 'v' in value && Array.isArray(value.v) && value.v.length > 0;
  return {
    kind: 'value',
    value,
    evidence: !container ? 'none' : value.t === 'dict' ? 'structure' : 'container',
    warnings,
    facts: {},
    lossless: true,
    spanOf(path) {
      const node = getAt(value, path);
      return node && origins.get(node);
    },
    edit: (edits) => (edits.length === 0 ? bytes : write(applyToGraph(value, edits), origins, bytes)),
  };
}

const MOST_WARNINGS = 50;

class Reader {
  readonly origins = new Map<TypedNode, Origin>();
  readonly warnings: Warning[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: Budget;
  #at = 0;
  #nodes = 0;

  constructor(bytes: Uint8Array, budget: Budget) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = budget;
  }

  whole(): TypedNode {
    const value = this.#value(0);
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw problem('layer-form', `${rest} bytes follow the end of the value`, { at: this.#at });
    return value;
  }

  #value(depth: number): TypedNode {
    const { limits } = this.#budget;
    if (depth > limits.depth) throw problem('limit-depth', `Nested deeper than ${limits.depth}`, { at: this.#at });
    if (++this.#nodes > limits.nodes)
      throw problem('limit-nodes', `More than ${limits.nodes} values`, { at: this.#at });
    this.#budget.spend(10);
    const start = this.#at;
    const mark = this.#byte();
    const node = this.#marked(mark, start, depth);
    const origin = this.origins.get(node);
    this.origins.set(node, { start, end: this.#at, head: origin?.head ?? { start, end: this.#at } });
    return node;
  }

  #marked(mark: number, start: number, depth: number): TypedNode {
    if (mark < 0x80) return { t: 'int', v: String(mark) };
    if (mark >= 0xe0) return { t: 'int', v: String(mark - 0x100) };
    if (mark < 0x90) return this.#map(mark & 15, start, depth);
    if (mark < 0xa0) return this.#list(mark & 15, start, depth);
    if (mark < 0xc0) return this.#text(mark & 31);
    switch (mark) {
      case 0xc0:
        return { t: 'none' };
      case 0xc2:
      case 0xc3:
        return { t: 'bool', v: mark === 0xc3 };
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return { t: 'bytes', b64: toBase64(this.#take(this.#size(mark - 0xc4))) };
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#size(mark - 0xc7), start);
      case 0xca:
        return floatNode(this.#viewed(4).getFloat32(0));
      case 0xcb: {
        const view = this.#viewed(8);
        return floatNodeOfHex(view.getBigUint64(0).toString(16).padStart(16, '0'));
      }
      case 0xcc:
      case 0xcd:
      case 0xce:
        return { t: 'int', v: String(this.#size(mark - 0xcc)) };
      case 0xcf:
        return { t: 'int', v: String(this.#viewed(8).getBigUint64(0)) };
      case 0xd0:
        return { t: 'int', v: String(this.#viewed(1).getInt8(0)) };
      case 0xd1:
        return { t: 'int', v: String(this.#viewed(2).getInt16(0)) };
      case 0xd2:
        return { t: 'int', v: String(this.#viewed(4).getInt32(0)) };
      case 0xd3:
        return { t: 'int', v: String(this.#viewed(8).getBigInt64(0)) };
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(2 ** (mark - 0xd4), start);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#size(mark - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#list(this.#size(mark - 0xdc + 1), start, depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#size(mark - 0xde + 1), start, depth);
      default:
        throw problem('layer-form', 'The byte c1 begins no value of MessagePack', { at: start });
    }
  }

  #list(count: number, start: number, depth: number): TypedNode {
    const head = { start, end: this.#at };
    this.#enough(count);
    const v: TypedNode[] = [];
    for (let i = 0; i < count; i++) v.push(this.#value(depth + 1));
    return this.#headed({ t: 'list', v }, head);
  }

  #map(count: number, start: number, depth: number): TypedNode {
    const head = { start, end: this.#at };
    this.#enough(2 * count);
    const v: TypedPair[] = [];
    for (let i = 0; i < count; i++) v.push([this.#value(depth + 1), this.#value(depth + 1)]);
    return this.#headed({ t: 'dict', v }, head);
  }

  #headed(node: TypedNode, head: Span): TypedNode {
    this.origins.set(node, { start: head.start, end: this.#at, head });
    return node;
  }

  /** Texts that are no UTF-8 are shown as bytes; unchanged they stay as they are. */
  #text(size: number): TypedNode {
    const at = this.#at;
    const bytes = this.#take(size);
    const text = fromUtf8(bytes);
    if (text !== undefined) return { t: 'str', v: text };
    if (this.warnings.length < MOST_WARNINGS) {
      this.warnings.push({
        code: 'msgpack-no-utf8',
        message: 'A text is no UTF-8 and is shown as bytes',
        severity: 'warning',
        at,
      });
    }
    return { t: 'bytes', b64: toBase64(bytes) };
  }

  /** A value of an application's own type: its number and its bytes. */
  #extension(size: number, start: number): TypedNode {
    const code = this.#viewed(1).getInt8(0);
    const data: TypedNode = { t: 'bytes', b64: toBase64(this.#take(size)) };
    this.origins.set(data, { start, end: this.#at, head: { start, end: this.#at } });
    const pair = (name: string, value: TypedNode): TypedPair => [{ t: 'str', v: name }, value];
    return {
      t: 'object',
      class: EXTENSION,
      state: { t: 'dict', v: [pair('code', { t: 'int', v: String(code) }), pair('data', data)] },
    };
  }

  /** A count must not promise more values than there are bytes. */
  #enough(values: number): void {
    if (values > this.#bytes.length - this.#at) throw this.#short();
  }

  #size(power: number): number {
    const view = this.#viewed(2 ** power);
    return power === 0 ? view.getUint8(0) : power === 1 ? view.getUint16(0) : view.getUint32(0);
  }

  #byte(): number {
    return this.#viewed(1).getUint8(0);
  }

  #viewed(size: number): DataView {
    if (size > this.#bytes.length - this.#at) throw this.#short();
    const view = new DataView(this.#view.buffer, this.#view.byteOffset + this.#at, size);
    this.#at += size;
    return view;
  }

  #take(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#at) throw this.#short();
    this.#budget.spend(size >> 3);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  #short(): Error {
    return problem('layer-form', 'The bytes end within a value', { at: this.#bytes.length });
  }
}

/** The class under which values of an application's own types are shown. */
const EXTENSION = 'msgpack.ExtType';

/** The shortest form for what is new; values and counts of the old bytes keep theirs. */
function write(root: GraphNode, origins: ReadonlyMap<TypedNode, Origin>, old: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  const value = (node: GraphNode): void => {
    const origin = node.origin && origins.get(node.origin);
    if (node.leaf !== undefined) {
      pieces.push(origin === undefined ? leafBytes(node.leaf) : old.subarray(origin.start, origin.end));
      return;
    }
    const slots = node.lists.get('v');
    if ((node.t === 'list' || node.t === 'dict') && slots !== undefined) {
      const before =
        node.origin?.t === node.t && 'v' in node.origin ? (node.origin.v as readonly unknown[]).length : -1;
      const same = origin !== undefined && before === slots.length;
      pieces.push(same ? old.subarray(origin.head.start, origin.head.end) : countBytes(node.t, slots.length));
      for (const slot of slots) members(slot);
      return;
    }
    if (node.t === 'object' && node.scalars.get('class') === EXTENSION) {
      pieces.push(extensionBytes(node, origin, origins, old));
      return;
    }
    throw unwritable(node.t);
  };
  const members = ({ key, value: inner }: Slot): void => {
    if (key !== undefined) value(key);
    value(inner);
  };
  value(root);
  return concat(pieces);
}

function extensionBytes(
  node: GraphNode,
  origin: Origin | undefined,
  origins: ReadonlyMap<TypedNode, Origin>,
  old: Uint8Array,
): Uint8Array {
  const fields = node.parts.get('state')?.lists.get('v') ?? [];
  const leaf = (name: string) => fields.find(({ key }) => key?.leaf?.t === 'str' && key.leaf.v === name)?.value.leaf;
  const code = leaf('code');
  const data = leaf('data');
  if (code?.t !== 'int' || data?.t !== 'bytes') throw unwritable('a value of an own type without its code and data');
  const number = Number(code.v);
  if (!Number.isInteger(number) || number < -128 || number > 127) throw unwritable(`the type ${code.v}`);
  const content = fromBase64(data.b64) ?? new Uint8Array();
  const kept = origins.get(data);
  if (origin !== undefined && kept?.start === origin.start) {
    const whole = old.slice(origin.start, origin.end);
    whole[whole.length - content.length - 1] = number & 0xff;
    return whole;
  }
  const fixed = [1, 2, 4, 8, 16].indexOf(content.length);
  const head =
    fixed >= 0 ? Uint8Array.of(0xd4 + fixed) : sized([0xc7, 0xc8, 0xc9], content.length, 'a value of an own type');
  return concat([head, Uint8Array.of(number & 0xff), content]);
}

function countBytes(t: 'list' | 'dict', count: number): Uint8Array {
  if (count < 16) return Uint8Array.of((t === 'list' ? 0x90 : 0x80) + count);
  return sized(t === 'list' ? [undefined, 0xdc, 0xdd] : [undefined, 0xde, 0xdf], count, t);
}

function leafBytes(leaf: TypedNode): Uint8Array {
  switch (leaf.t) {
    case 'none':
      return Uint8Array.of(0xc0);
    case 'bool':
      return Uint8Array.of(leaf.v ? 0xc3 : 0xc2);
    case 'int':
      return intBytes(BigInt(leaf.v));
    case 'float':
      return made(0xcb, 8, (view) => view.setFloat64(1, floatOfHex(leaf.hex)));
    case 'number':
      return made(0xcb, 8, (view) => view.setFloat64(1, Number(leaf.v)));
    case 'str': {
      if (hasLoneSurrogate(leaf.v)) throw unwritable('text with half of a surrogate pair');
      const bytes = utf8(leaf.v);
      const head =
        bytes.length < 32 ? Uint8Array.of(0xa0 + bytes.length) : sized([0xd9, 0xda, 0xdb], bytes.length, 'a text');
      return concat([head, bytes]);
    }
    case 'bytes': {
      const bytes = fromBase64(leaf.b64) ?? new Uint8Array();
      return concat([sized([0xc4, 0xc5, 0xc6], bytes.length, 'bytes'), bytes]);
    }
    default:
      throw unwritable(leaf.t);
  }
}

function intBytes(value: bigint): Uint8Array {
  if (value >= -32n && value < 128n) return Uint8Array.of(Number(value) & 0xff);
  const size = [8, 16, 32, 64].findIndex((bits) =>
    value < 0n ? value >= -(1n << BigInt(bits - 1)) : value < 1n << BigInt(bits),
  );
  if (size < 0) throw unwritable('a whole number of more than 64 bits');
  return made((value < 0n ? 0xd0 : 0xcc) + size, 2 ** size, (view) => {
    const all = BigInt.asUintN(64, value);
    for (let i = 0; i < 2 ** size; i++) view.setUint8(2 ** size - i, Number((all >> BigInt(8 * i)) & 0xffn));
  });
}

/** A mark and a length in the fewest bytes; marks for 8, 16 and 32 bits. */
function sized(marks: readonly (number | undefined)[], length: number, what: string): Uint8Array {
  const power = length < 0x100 && marks[0] !== undefined ? 0 : length < 0x1_0000 ? 1 : 2;
  const mark = marks[power];
  if (mark === undefined || length > 0xffff_ffff) throw unwritable(`${what} of ${length}`);
  return made(mark, 2 ** power, (view) => {
    if (power === 0) view.setUint8(1, length);
    else if (power === 1) view.setUint16(1, length);
    else view.setUint32(1, length);
  });
}

function made(mark: number, size: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(1 + size);
  bytes[0] = mark;
  fill(new DataView(bytes.buffer));
  return bytes;
}

function unwritable(what: string): Error {
  return problem('layer-unsupported', `MessagePack cannot say ${what}`, {
    remedy: 'It has none, booleans, numbers, texts, bytes, lists and mappings',
  });
}
