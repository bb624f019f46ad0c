import type { TypedNode, TypedPair } from '../model/typed.ts';
import { visible } from '../model/visible.ts';
import { fromBase64 } from './bytes.ts';
import { fieldOf, shapeOf } from './shape.ts';

const NAMES: Partial<Record<TypedNode['t'], string>> = {
  none: 'NoneType',
  storage: 'Storage',
  ordereddict: 'OrderedDict',
  counter: 'Counter',
  zoneinfo: 'ZoneInfo',
  decimal: 'Decimal',
  fraction: 'Fraction',
  uuid: 'UUID',
  reduce: 'call',
  ref: 'reference',
  limit: 'beyond a limit',
  persistent: 'persistent id',
  extension: 'extension code',
};

/** The type as Python would name it: `list`, `NoneType`, `Decimal`, `shop.models.User`. */
export function describeType(node: TypedNode): string {
  if (node.t === 'object' || node.t === 'enum') return visible(node.class);
  if (node.t === 'reduce' && typeof node.func === 'string') return visible(node.func);
  return NAMES[node.t] ?? node.t;
}

/** Number of members of a container, characters of a text (code points), bytes of bytes; undefined for the rest. */
export function sizeOf(node: TypedNode): number | undefined {
  if (node.t === 'str') return [...node.v].length;
  if (node.t === 'bytes' || node.t === 'bytearray') return fromBase64(node.b64)?.length;
  if (node.t === 'object') return node.entries?.length ?? node.items?.length;
  return shapeOf(node).members === 'none' ? undefined : (fieldOf(node, 'v') as readonly unknown[]).length;
}

/** The value on one line, at most `maxChars` characters, cut with `…`; the work does not grow with the value. */
export function summarise(node: TypedNode, maxChars: number): string {
  const out = new Line(maxChars);
  write(node, out, 0);
  return out.text();
}

class Line {
  #text = '';
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#text.length > this.#max;
  }

  add(text: string): void {
    // Names of classes, functions and zones stand without quotes, as they came.
    if (!this.full) this.#text += visible(text.slice(0, this.#max + 1));
  }

  text(): string {
    if (!this.full) return this.#text;
    const cut = this.#text.slice(0, Math.max(0, this.#max - 1)).replace(/[\ud800-\udbff]$/, '');
    return `${cut}…`;
  }
}

const BRACKETS: Partial<Record<TypedNode['t'], [string, string]>> = {
  list: ['[', ']'],
  tuple: ['(', ')'],
  set: ['{', '}'],
  dict: ['{', '}'],
};

function write(node: TypedNode, out: Line, depth: number): void {
  if (out.full) return;
  const text = depth > 40 ? '…' : leafText(node);
  if (text !== undefined) out.add(text);
  else if (shapeOf(node).members !== 'none') writeMembers(node, out, depth);
  else writeCompound(node, out, depth);
}

function writeMembers(node: TypedNode, out: Line, depth: number): void {
  const [open, close] = BRACKETS[node.t] ?? [`${describeType(node)}(`, ')'];
  const value = fieldOf(node, 'v');
  out.add(open);
  if (shapeOf(node).members === 'mapping') writePairs(value as readonly TypedPair[], out, depth);
  else writeItems(value as readonly TypedNode[], out, depth);
  if (node.t === 'tuple' && node.v.length === 1) out.add(',');
  out.add(close);
}

function writeCompound(node: TypedNode, out: Line, depth: number): void {
  if (node.t === 'object') writeObject(node, out, depth);
  else if (node.t === 'enum') {
    out.add(`${node.class}(`);
    write(node.value, out, depth + 1);
    out.add(')');
  } else if (node.t === 'reduce') {
    out.add(`${typeof node.func === 'string' ? node.func : '<call>'}(`);
    if (Array.isArray(node.args)) writeItems(node.args, out, depth);
    out.add(')');
  } else if (node.t === 'persistent') {
    out.add('<persistent id ');
    write(node.pid, out, depth + 1);
    out.add('>');
  }
}

/** The text of a node that holds no others; undefined for one that does. */
function leafText(node: TypedNode): string | undefined {
  switch (node.t) {
    case 'none':
      return 'None';
    case 'bool':
      return node.v ? 'True' : 'False';
    case 'str':
      return quote(node.v.slice(0, 2000));
    case 'set':
      return node.v.length === 0 ? 'set()' : undefined;
    case 'bytes':
    case 'bytearray':
      return `${node.t}(${sizeOf(node) ?? 0} B)`;
    case 'complex':
      return `complex(${node.re.v}, ${node.im.v})`;
    case 'timedelta':
      return `timedelta(${node.days} d, ${node.seconds} s, ${node.microseconds} µs)`;
    case 'timezone':
      return `timezone(${node.name ?? `${node.offset_us / 1e6} s`})`;
    case 'zoneinfo':
      return `ZoneInfo(${node.key})`;
    case 'fraction':
      return `Fraction(${node.num}, ${node.den})`;
    case 'range':
      return `range(${node.start}, ${node.stop}, ${node.step})`;
    case 'decimal':
    case 'uuid':
      return `${describeType(node)}(${quote(node.v)})`;
    case 'datetime':
    case 'time':
    case 'date':
      return node.v.replace('T', ' ').replace(/\.0{6}$/, '');
    case 'enum':
      return node.name === undefined ? undefined : `${node.class}.${node.name}`;
    case 'global':
      return `<${node.name}>`;
    case 'ref':
      return `<same as #${node.id}>`;
    case 'limit':
      return `<${node.note}>`;
    case 'extension':
      return `<extension code ${node.code}>`;
    case 'buffer':
      return '<out-of-band buffer>';
    case 'int':
    case 'float':
    case 'number':
      return node.v;
    default:
      return undefined;
  }
}

function writeObject(node: Extract<TypedNode, { t: 'object' }>, out: Line, depth: number): void {
  out.add(`${node.class.split('.').at(-1)}(`);
  if (node.base !== undefined) write(node.base, out, depth + 1);
  if (node.items !== undefined) writeItems(node.items, out, depth);
  if (node.entries !== undefined) writePairs(node.entries, out, depth);
  const state = node.state?.t === 'dict' ? node.state : node.slots?.t === 'dict' ? node.slots : undefined;
  if (state !== undefined) writePairs(state.v, out, depth, '=');
  out.add(')');
}

function writeItems(items: readonly TypedNode[], out: Line, depth: number): void {
  for (let i = 0; i < items.length && !out.full; i++) {
    if (i > 0) out.add(', ');
    write(items[i] as TypedNode, out, depth + 1);
  }
}

function writePairs(pairs: readonly TypedPair[], out: Line, depth: number, sign = ': '): void {
  for (let i = 0; i < pairs.length && !out.full; i++) {
    const [key, value] = pairs[i] as TypedPair;
    if (i > 0) out.add(', ');
    if (key.t === 'str' && /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key.v)) out.add(key.v);
    else write(key, out, depth + 1);
    out.add(sign);
    write(value, out, depth + 1);
  }
}

/** Text in single quotes with what cannot be seen escaped; bidirectional controls are escaped too. */
function quote(text: string): string {
  const shown = text.replace(/[\\'\p{C}\u2028\u2029]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\r') return '\\r';
    if (character === "'" || character === '\\') return `\\${character}`;
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
  return `'${shown}'`;
}
