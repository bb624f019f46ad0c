import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { concat, fromBase64, hasLoneSurrogate, latin1, utf8 } from '../bytes.ts';
import { type GraphNode, type Slot, toGraph } from '../graph.ts';
import { floatNode, floatOfHex } from '../nodes.ts';
import type { RubyNode } from './reader.ts';

/**
 * Writes values as `Marshal.dump` does. What comes from the old stream keeps its spelling (floats, encodings); numbers of
 * symbols and objects follow from what is there.
 */
export class MarshalWriter {
  readonly #origins: ReadonlyMap<TypedNode, RubyNode>;
  readonly #pieces: Uint8Array[] = [Uint8Array.of(4, 8)];
  readonly #symbols = new Map<string, number>();
  readonly #objects = new Map<GraphNode, number>();
  /** Numbers that links of the old stream name, by what they stood for. */
  readonly #old = new Map<RubyNode, number>();
  #count = 0;

  constructor(origins: ReadonlyMap<TypedNode, RubyNode> = new Map()) {
    this.#origins = origins;
  }

  bytes(): Uint8Array {
    return concat(this.#pieces);
  }

  value(node: GraphNode): void {
    const known = this.#objects.get(node);
    if (known !== undefined) {
      this.#text('@');
      this.#long(known);
      return;
    }
    if (node.leaf !== undefined) this.#leaf(node.leaf);
    else this.#object(node);
  }

  #leaf(leaf: TypedNode): void {
    const origin = this.#origins.get(leaf);
    const target = origin?.kind === 'link' ? origin.target : undefined;
    const number = target && this.#old.get(target);
    if (number !== undefined) {
      this.#text('@');
      this.#long(number);
      return;
    }
    const source = target ?? origin;
    switch (leaf.t) {
      case 'none':
        this.#text('0');
        return;
      case 'bool':
        this.#text(leaf.v ? 'T' : 'F');
        return;
      case 'int':
        this.#int(BigInt(leaf.v), source);
        return;
      case 'float':
      case 'number': {
        this.#remember(source);
        const value = leaf.t === 'float' ? floatOfHex(leaf.hex) : Number(leaf.v);
        this.#text('f');
        this.#string(latin1(source?.text ?? rubyFloat(value)));
        return;
      }
      case 'str':
        if (hasLoneSurrogate(leaf.v)) throw unrepresentable('text with half of a surrogate pair');
        this.#encoded(utf8(leaf.v), 'UTF-8', source);
        return;
      case 'bytes':
        this.#encoded(fromBase64(leaf.b64) ?? new Uint8Array(), 'ASCII-8BIT', source);
        return;
      case 'ruby-symbol':
        this.#symbol(leaf.v);
        return;
      case 'ruby-class': {
        this.#remember(source);
        this.#text(leaf.kind === 'class' ? 'c' : leaf.kind === 'module' ? 'm' : 'M');
        this.#string(latin1(leaf.v));
        return;
      }
      default:
        throw unrepresentable(leaf.t);
    }
  }

  #object(node: GraphNode): void {
    const origin = node.origin && this.#origins.get(node.origin);
    const name = String(node.scalars.get('class') ?? '');
    const slots = node.lists.get('v') ?? [];
    switch (node.t) {
      case 'list':
        this.#start(node, origin, '[');
        this.#all(slots, (slot) => this.value(slot.value));
        return;
      case 'dict':
      case 'ruby-hash': {
        const fallback = node.parts.get('default') ?? undefined;
        this.#start(node, origin, fallback === undefined ? '{' : '}');
        this.#all(slots, (slot) => this.#pair(slot));
        if (fallback !== undefined) this.value(fallback);
        return;
      }
      case 'set':
        this.#start(node, origin, 'o');
        this.#symbol('Set');
        this.#long(1);
        this.#symbol('@hash');
        this.#count++;
        // A hash whose default is false, as Ruby's Set has it; very old ones have none.
        this.#text(hasDefault(origin) ? '}' : '{');
        this.#all(slots, (slot) => {
          this.value(slot.value);
          this.#text('T');
        });
        if (hasDefault(origin)) this.#text('F');
        return;
      case 'ruby-object':
        this.#start(node, origin, 'o');
        this.#symbol(name);
        this.#variables(slots, (variable) =>
          variable.startsWith('@') || isBare(origin, variable) ? variable : `@${variable}`,
        );
        return;
      case 'ruby-struct':
        this.#start(node, origin, 'S');
        this.#symbol(name);
        this.#variables(slots, (variable) => variable);
        return;
      case 'ruby-string':
        this.#rubyString(node, origin);
        return;
      case 'ruby-regexp': {
        const own = origin?.ivars ?? [];
        if (own.length > 0 || origin === undefined) this.#text('I');
        this.#start(node, origin, '/');
        this.#string(utf8(String(node.scalars.get('v') ?? '')));
        this.#pieces.push(Uint8Array.of(Number(node.scalars.get('options') ?? 0)));
        if (own.length > 0 || origin === undefined)
          this.#encoding(own.some(([, value]) => value.kind === 'false') ? 'US-ASCII' : 'UTF-8');
        return;
      }
      case 'ruby-user':
        this.#user(node, origin, name);
        return;
      default:
        throw unrepresentable(node.t);
    }
  }

  #user(node: GraphNode, origin: RubyNode | undefined, name: string): void {
    const how = String(node.scalars.get('how'));
    const inner = node.parts.get('v');
    const extra = node.lists.get('ivars') ?? [];
    if (inner === null || inner === undefined) throw unrepresentable(node.t);
    if (extra.length > 0) this.#text('I');
    if (how === 'dump') {
      const content = inner.leaf?.t === 'bytes' ? fromBase64(inner.leaf.b64) : undefined;
      if (content === undefined) throw unrepresentable('text of a class that is not bytes');
      this.#text('u');
      this.#symbol(name);
      this.#string(content);
      if (extra.length > 0) this.#variables(extra, (variable) => variable);
      // The object has its number after what belongs to its text.
      this.#number(node, origin);
      return;
    }
    if (how === 'marshal') this.#start(node, origin, 'U');
    else if (how === 'subclass' || how === 'extended') this.#text(how === 'subclass' ? 'C' : 'e');
    else throw unrepresentable(`ruby-user with how ${how}`);
    this.#symbol(name);
    this.value(inner);
    if (extra.length > 0) this.#variables(extra, (variable) => variable);
  }

  #rubyString(node: GraphNode, origin: RubyNode | undefined): void {
    const inner = node.parts.get('v')?.leaf;
    const content = inner?.t === 'str' ? utf8(inner.v) : inner?.t === 'bytes' ? fromBase64(inner.b64) : undefined;
    if (content === undefined) throw unrepresentable(node.t);
    const encoding = String(node.scalars.get('encoding'));
    const extra = node.lists.get('ivars') ?? [];
    const variables = (encoding === 'ASCII-8BIT' ? 0 : 1) + extra.length;
    if (variables > 0) this.#text('I');
    this.#start(node, origin, '"');
    this.#string(content);
    if (variables === 0) return;
    this.#long(variables);
    if (encoding !== 'ASCII-8BIT') this.#encodingVariable(encoding);
    for (const { key, value } of extra) {
      this.#symbol(nameOf(key));
      this.value(value);
    }
  }

  #encoded(content: Uint8Array, encoding: string, source: RubyNode | undefined): void {
    if (encoding !== 'ASCII-8BIT') this.#text('I');
    this.#remember(source);
    this.#text('"');
    this.#string(content);
    if (encoding !== 'ASCII-8BIT') this.#encoding(encoding);
  }

  #encoding(encoding: string): void {
    this.#long(1);
    this.#encodingVariable(encoding);
  }

  #encodingVariable(encoding: string): void {
    if (encoding === 'UTF-8' || encoding === 'US-ASCII') {
      this.#symbol('E');
      this.#text(encoding === 'UTF-8' ? 'T' : 'F');
      return;
    }
    this.#symbol('encoding');
    this.#count++;
    this.#text('"');
    this.#string(latin1(encoding));
  }

  #start(node: GraphNode, origin: RubyNode | undefined, type: string): void {
    this.#number(node, origin);
    this.#text(type);
  }

  #number(node: GraphNode, origin: RubyNode | undefined): void {
    if (origin !== undefined) this.#old.set(origin, this.#count);
    this.#objects.set(node, this.#count++);
  }

  #remember(source: RubyNode | undefined): void {
    if (source !== undefined) this.#old.set(source, this.#count);
    this.#count++;
  }

  #all(slots: readonly Slot[], write: (slot: Slot) => void): void {
    this.#long(slots.length);
    for (const slot of slots) write(slot);
  }

  #pair({ key, value }: Slot): void {
    if (key === undefined) throw unrepresentable('member without a key');
    this.value(key);
    this.value(value);
  }

  #variables(slots: readonly Slot[], name: (variable: string) => string): void {
    this.#all(slots, ({ key, value }) => {
      this.#symbol(name(nameOf(key)));
      this.value(value);
    });
  }

  #int(value: bigint, source: RubyNode | undefined): void {
    // Ruby writes 31 bits as a small number, the rest as a large one.
    if (value >= -(2n ** 30n) && value < 2n ** 30n) {
      this.#text('i');
      this.#long(Number(value));
      return;
    }
    this.#remember(source);
    const size = value < 0n ? -value : value;
    let hex = size.toString(16);
    hex = hex.padStart(Math.ceil(hex.length / 4) * 4, '0');
    this.#text(value < 0n ? 'l-' : 'l+');
    this.#long(hex.length / 4);
    this.#pieces.push(new Uint8Array(Buffer.from(hex, 'hex').reverse()));
  }

  #symbol(name: string): void {
    const known = this.#symbols.get(name);
    if (known !== undefined) {
      this.#text(';');
      this.#long(known);
      return;
    }
    this.#symbols.set(name, this.#symbols.size);
    const ascii = !/[^\0-\x7f]/.test(name);
    this.#text(ascii ? ':' : 'I:');
    this.#string(utf8(name));
    if (!ascii) this.#encoding('UTF-8');
  }

  #string(bytes: Uint8Array): void {
    this.#long(bytes.length);
    this.#pieces.push(bytes);
  }

  #long(value: number): void {
    if (value === 0) this.#pieces.push(Uint8Array.of(0));
    else if (value > 0 && value < 123) this.#pieces.push(Uint8Array.of(value + 5));
    else if (value < 0 && value > -124) this.#pieces.push(Uint8Array.of((value - 5) & 255));
    else {
      const bytes: number[] = [];
      let left = value;
      while (left !== 0 && left !== -1) {
        bytes.push(left & 255);
        left >>= 8;
      }
      this.#pieces.push(Uint8Array.of((value < 0 ? -bytes.length : bytes.length) & 255, ...bytes));
    }
  }

  #text(text: string): void {
    this.#pieces.push(latin1(text));
  }
}

function hasDefault(origin: RubyNode | undefined): boolean {
  const hash = origin?.ivars?.[0]?.[1];
  return hash === undefined || hash.default !== undefined;
}

/** Variables of some built-ins (Range) have no @ in front. */
function isBare(origin: RubyNode | undefined, name: string): boolean {
  return origin?.ivars?.some(([variable]) => variable === name) === true;
}

function nameOf(key: GraphNode | undefined): string {
  if (key?.leaf?.t !== 'str') throw unrepresentable('variable whose name is no text');
  return key.leaf.v;
}

/** A value as `Marshal.dump` writes it. */
export function writeMarshal(value: TypedNode): Uint8Array {
  const writer = new MarshalWriter();
  writer.value(toGraph(inRuby(value)));
  return writer.bytes();
}

/** A value in Ruby's kinds. */
export function inRuby(value: TypedNode): TypedNode {
  switch (value.t) {
    case 'number':
      return floatNode(Number(value.v));
    case 'float':
      return floatNode(floatOfHex(value.hex));
    case 'list':
    case 'set':
      return { ...value, v: value.v.map(inRuby) };
    case 'dict':
    case 'ruby-hash':
    case 'ruby-object':
    case 'ruby-struct':
      return { ...value, v: value.v.map(([key, inner]) => [inRuby(key), inRuby(inner)] as const) };
    default:
      return value;
  }
}

function unrepresentable(kind: string): Error {
  return problem('marshal-unrepresentable', `Ruby has no ${kind}`, {
    remedy: 'Use nil, true, false, a number, text, bytes, a symbol, a list or a mapping',
  });
}

/** The shortest digits that read back, as Marshal writes them: `3`, `1.5`, `1e20`. */
function rubyFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(exponentText) + 1;
  if (point < -3 || point > digits.length) {
    return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${point - 1}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length === point) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
