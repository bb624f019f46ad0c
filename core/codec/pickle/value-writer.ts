import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { utf8 } from '../bytes.ts';
import type { Emitter } from './emitter.ts';
import { saveInstance } from './instance-writer.ts';
import { toPython2 } from './names.ts';
import { bytesOfLong } from './number-text.ts';
import { type Name, splitName } from './split-name.ts';
import { rawUnicodeLine, stringLine, utf8WithSurrogates } from './text-lines.ts';
import {
  collectShared,
  decoded,
  isAscii,
  isIdentifier,
  latin1Node,
  little,
  UNIQUE,
  unwritable,
} from './writer-parts.ts';

/** How the stream that is written looks. */
export interface Dialect {
  readonly protocol: number;
  readonly python: 2 | 3;
  /** `all`: every value that may recur goes into the memo, as CPython 3 does. `needed`: only what does recur. */
  readonly memo: 'all' | 'needed';
  /**
   * Python 2: how `str` nodes are written; `by-text` is `str` for ASCII and `unicode` for the rest, `utf8` and `latin1`
   * are `str` in that encoding.
   */
  readonly texts?: 'unicode' | 'by-text' | 'latin1' | 'utf8';
  /** Python 2 read with encoding `bytes`: `bytes` nodes are `str` of Python 2. */
  readonly oldBytes?: boolean;
}

const BATCH = 1000;
/** Deepest nesting of what is written; what can be read is not deeper. */
const DEEPEST = 1010;

type Members = Extract<TypedNode, { readonly t: 'list' | 'tuple' | 'set' | 'frozenset' }>;

/** Writes typed values with the opcodes CPython uses for them in a dialect. */
export class ValueWriter {
  readonly out: Emitter;
  readonly dialect: Dialect;
  private readonly shared = new Map<number, TypedNode>();
  /** Texts that CPython would hold as one object: dict keys and identifiers. */
  private readonly interned = new Map<string, object>();
  /** There is a `ref` somewhere, so values may contain themselves. */
  private references = false;
  /** Values being written. */
  private readonly open = new Set<TypedNode>();
  private depth = 0;
  /** The texts being written stand for bytes in Latin-1: as UTF-8 they would be other bytes. */
  private byteArgument = false;

  constructor(out: Emitter, dialect: Dialect) {
    this.out = out;
    this.dialect = dialect;
  }

  get protocol(): number {
    return this.dialect.protocol;
  }

  /** Learns the values behind the ids inside `root`, so that a `ref` can be written before its value is. */
  define(root: TypedNode) {
    if (collectShared(root, this.shared)) this.references = true;
  }

  save(node: TypedNode) {
    this.out.boundary();
    if (++this.depth > DEEPEST) throw unwritable(`the value is nested deeper than ${DEEPEST} levels`);
    this.value(node);
    this.depth--;
  }

  private value(node: TypedNode) {
    const { out } = this;
    const shared = node.t !== 'ref' && 'id' in node && node.id !== undefined ? this.shared.get(node.id) : undefined;
    if (shared !== undefined && out.has(shared)) return out.get(shared);
    if (!this.references) {
      this.fresh(node);
      return;
    }
    // A tuple that contains itself is written a second time inside; its members are met again while they are open.
    if (this.open.has(node) && out.has(node)) return out.get(node);
    const outer = this.open.has(node);
    this.open.add(node);
    this.fresh(node);
    if (!outer) this.open.delete(node);
  }

  private fresh(node: TypedNode) {
    const { out, protocol } = this;
    switch (node.t) {
      case 'none':
        return out.byte(0x4e);
      case 'bool':
        if (protocol >= 2) return out.byte(node.v ? 0x88 : 0x89);
        return out.ascii(node.v ? 'I01\n' : 'I00\n');
      case 'int':
        return this.int(node.v);
      case 'float':
        return this.float(node.hex, node.v);
      case 'str':
        return this.text(node.v, node.cp, false);
      case 'bytes':
        return this.byteString(node);
      case 'bytearray':
        return this.byteArray(node);
      case 'tuple':
        return this.tuple(node);
      case 'list':
        out.bytes(protocol >= 1 ? [0x5d] : [0x28, 0x6c]);
        this.memo(node);
        return this.appends(node.v);
      case 'dict':
        out.bytes(protocol >= 1 ? [0x7d] : [0x28, 0x64]);
        this.memo(node);
        return this.setItems(node.v);
      case 'set':
      case 'frozenset':
        return this.set(node);
      case 'ref':
        return this.ref(node.id);
      case 'global':
        return this.global(splitName(node.name));
      default:
        return saveInstance(this, node);
    }
  }

  /** Puts the value just written in the memo, as the dialect's habit is. Ids of typed nodes are the keys. */
  memo(node: TypedNode | undefined) {
    if (node === undefined) {
      if (this.dialect.memo === 'all') this.out.put(undefined);
      return;
    }
    const id = node.t !== 'ref' && 'id' in node ? node.id : undefined;
    const key = id !== undefined ? this.shared.get(id) : this.references || UNIQUE.has(node.t) ? node : undefined;
    if (this.dialect.memo === 'all' || id !== undefined) this.out.put(key);
  }

  /** Takes a value that Python has only once (an enumeration member, UTC) from the memo if it was written before. */
  again(what: string, node: TypedNode): boolean {
    if (this.dialect.memo !== 'all') return false;
    const known = this.interned.get(`\n\n${what}`);
    if (known !== undefined && this.out.has(known)) {
      this.out.get(known);
      return true;
    }
    this.interned.set(`\n\n${what}`, node);
    return false;
  }

  private ref(id: number) {
    const target = this.shared.get(id);
    if (target === undefined) throw unwritable(`there is no value with id ${id}`);
    if (this.out.has(target)) this.out.get(target);
    else this.value(target);
  }

  private int(text: string) {
    if (!/^-?\d+$/.test(text)) throw unwritable(`"${text}" is not an integer`);
    const { out, protocol } = this;
    const small = text.length < 12 ? Number(text) : Number.NaN;
    if (small >= -2147483648 && small <= 2147483647) {
      if (protocol === 0) return out.ascii(`I${small}\n`);
      if (small >= 0 && small < 256) {
        out.byte(0x4b);
        return out.byte(small);
      }
      if (small >= 0 && small < 65536) return out.bytes([0x4d, small & 255, small >> 8]);
      out.byte(0x4a);
      return out.uint(small >>> 0, 4);
    }
    if (protocol < 2) return out.ascii(`L${BigInt(text)}L\n`);
    const bytes = bytesOfLong(BigInt(text));
    if (bytes.length < 256) return out.bytes([0x8a, bytes.length, ...bytes]);
    out.byte(0x8b);
    out.uint(bytes.length, 4);
    out.bytes(bytes);
  }

  private float(hex: string, repr: string) {
    if (!/^[0-9a-f]{16}$/i.test(hex)) throw unwritable(`"${hex}" are not the bits of a float`);
    if (this.protocol === 0) return this.out.ascii(`F${repr}\n`);
    this.out.byte(0x47);
    for (let i = 0; i < 16; i += 2) this.out.byte(Number.parseInt(hex.slice(i, i + 2), 16));
  }

  /** A text; `shared` says that an equal text in the same space of names is the same object in CPython. */
  text(text: string, cp: readonly number[] | undefined, shared: boolean, space = '') {
    const { out, protocol, dialect } = this;
    const intern = dialect.memo === 'all' && (shared || isIdentifier(text));
    let key: object | undefined;
    if (intern) {
      const name = space === '' ? text : space + text;
      const known = this.interned.get(name);
      if (known !== undefined && out.has(known)) return out.get(known);
      key = {};
      this.interned.set(name, key);
    }
    if (dialect.python === 2 && dialect.texts !== 'unicode' && this.oldText(text)) {
      if (dialect.memo === 'all') out.put(key);
      return;
    }
    if (protocol > 0 && cp === undefined && isAscii(text)) {
      const short = protocol >= 4 && text.length < 256;
      out.asciiCounted(short ? 0x8c : 0x58, short ? 1 : 4, text);
    } else if (protocol === 0) {
      out.byte(0x56);
      out.bytes(rawUnicodeLine(text, cp));
    } else {
      const bytes = cp === undefined ? utf8(text) : utf8WithSurrogates(cp);
      if (protocol >= 4 && bytes.length < 256) out.counted([0x8c, bytes.length], bytes);
      else out.counted([0x58, ...little(bytes.length, 4)], bytes);
    }
    if (dialect.memo === 'all') out.put(key);
  }

  /** `str` of Python 2; false when the text does not fit in one. */
  private oldText(text: string): boolean {
    if (this.dialect.texts === 'utf8') {
      if (this.byteArgument || !text.isWellFormed()) return false;
      this.oldBytes(utf8(text));
      return true;
    }
    const most = this.dialect.texts === 'latin1' ? 255 : 127;
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > most) return false;
    this.oldBytes(Uint8Array.from(text, (unit) => unit.charCodeAt(0)));
    return true;
  }

  private oldBytes(bytes: Uint8Array) {
    if (this.protocol === 0) this.out.bytes(stringLine(bytes));
    else if (bytes.length < 256) this.out.counted([0x55, bytes.length], bytes);
    else this.out.counted([0x54, ...little(bytes.length, 4)], bytes);
  }

  private byteString(node: TypedNode & { t: 'bytes' }) {
    const { out, protocol } = this;
    const bytes = decoded(node.b64);
    if (this.dialect.oldBytes === true) {
      this.oldBytes(bytes);
      if (this.dialect.memo === 'all') out.put(undefined);
      return;
    }
    if (protocol < 3) {
      if (bytes.length === 0) return this.call(['builtins', 'bytes'], [], undefined);
      this.byteArgument = true;
      this.call(['_codecs', 'encode'], [latin1Node(bytes), { t: 'str', v: 'latin1' }], undefined);
      this.byteArgument = false;
      return;
    }
    if (bytes.length < 256) out.counted([0x43, bytes.length], bytes);
    else out.counted([0x42, ...little(bytes.length, 4)], bytes);
    this.memo(node);
  }

  private byteArray(node: TypedNode & { t: 'bytearray' }) {
    const bytes = decoded(node.b64);
    if (this.protocol >= 5) {
      this.out.counted([0x96, ...little(bytes.length, 8)], bytes);
      return this.memo(node);
    }
    const name: Name = ['builtins', 'bytearray'];
    if (bytes.length === 0) return this.call(name, [], node);
    return this.call(name, [{ t: 'bytes', b64: node.b64 }], node);
  }

  private tuple(node: Members) {
    const { out, protocol } = this;
    const size = node.v.length;
    const counted = protocol >= 2 && size <= 3;
    if (size === 0) return out.bytes(protocol >= 1 ? [0x29] : [0x28, 0x74]);
    if (!counted) out.byte(0x28);
    for (const item of node.v) this.save(item);
    const key = node.id === undefined ? undefined : this.shared.get(node.id);
    if (key !== undefined && out.has(key)) {
      // The tuple contains itself through one of its members, and was written there.
      if (counted) out.bytes(new Uint8Array(size).fill(0x30));
      else out.bytes(protocol >= 1 ? [0x31] : new Uint8Array(size + 1).fill(0x30));
      return out.get(key);
    }
    out.byte(counted ? 0x84 + size : 0x74);
    this.memo(node);
  }

  private set(node: Members) {
    const { out } = this;
    if (this.protocol < 4) return this.call(['builtins', node.t], [{ t: 'list', v: node.v }], node);
    if (node.t === 'frozenset') {
      out.byte(0x28);
      for (const item of node.v) this.save(item);
      out.byte(0x91);
      return this.memo(node);
    }
    out.byte(0x8f);
    this.memo(node);
    for (let i = 0; i < node.v.length; i += BATCH) {
      out.byte(0x28);
      for (const item of node.v.slice(i, i + BATCH)) this.save(item);
      out.byte(0x90);
    }
  }

  /** Members after their list: one by one in protocol 0, in batches after that. */
  appends(items: readonly TypedNode[]) {
    for (let i = 0; i < items.length; ) {
      const batch = this.protocol === 0 || items.length === 1 ? 1 : Math.min(BATCH, items.length - i);
      const marked = this.protocol > 0 && items.length > 1;
      if (marked) this.out.byte(0x28);
      for (const item of items.slice(i, i + batch)) this.save(item);
      this.out.byte(marked ? 0x65 : 0x61);
      i += batch;
    }
  }

  setItems(pairs: readonly TypedPair[]) {
    for (let i = 0; i < pairs.length; ) {
      const batch = this.protocol === 0 || pairs.length === 1 ? 1 : Math.min(BATCH, pairs.length - i);
      const marked = this.protocol > 0 && pairs.length > 1;
      if (marked) this.out.byte(0x28);
      for (const [key, value] of pairs.slice(i, i + batch)) {
        this.key(key);
        this.save(value);
      }
      this.out.byte(marked ? 0x75 : 0x73);
      i += batch;
    }
  }

  /** A key of a dict: an equal text that was written before is taken from the memo. */
  key(node: TypedNode) {
    if (node.t !== 'str') return this.save(node);
    this.out.boundary();
    this.text(node.v, node.cp, true);
  }

  /** The reference to a class or function. */
  global([module, name]: Name) {
    const { out, protocol, dialect } = this;
    if (/\n/.test(module + name)) throw unwritable('a name holds a line break');
    const keyText = `\n${module}\n${name}`;
    const known = this.interned.get(keyText);
    if (known !== undefined && out.has(known)) return out.get(known);
    const key = {};
    this.interned.set(keyText, key);
    if (protocol >= 4) {
      this.out.boundary();
      this.text(module, undefined, true, 'module\n');
      this.out.boundary();
      this.text(name, undefined, true, 'name\n');
      out.byte(0x93);
    } else if (name.includes('.')) {
      const dot = name.lastIndexOf('.');
      this.attribute([module, name.slice(0, dot)], name.slice(dot + 1));
    } else {
      const [shownModule, shownName] = protocol < 3 ? toPython2(module, name) : [module, name];
      out.byte(0x63);
      out.bytes(utf8(`${shownModule}\n${shownName}\n`));
    }
    if (dialect.memo === 'all') out.put(key);
  }

  /** `getattr(parent, name)`, without the memo of its result. */
  attribute(parent: Name, name: string) {
    this.global(['builtins', 'getattr']);
    this.argumentTuple([() => this.global(parent), () => this.save({ t: 'str', v: name })]);
    this.out.byte(0x52);
  }

  /** `func(*args)`: the function, its arguments, REDUCE and the memo. */
  call(name: Name, args: readonly TypedNode[], node: TypedNode | undefined) {
    this.out.boundary();
    this.global(name);
    this.out.boundary();
    this.argumentTuple(args.map((arg) => () => this.save(arg)));
    this.out.byte(0x52);
    this.memo(node);
  }

  /** A tuple whose members are written by functions. */
  argumentTuple(parts: readonly (() => void)[]) {
    const { out, protocol, dialect } = this;
    if (parts.length === 0) return out.bytes(protocol >= 1 ? [0x29] : [0x28, 0x74]);
    const counted = protocol >= 2 && parts.length <= 3;
    if (!counted) out.byte(0x28);
    for (const part of parts) part();
    out.byte(counted ? 0x84 + parts.length : 0x74);
    if (dialect.memo === 'all') out.put(undefined);
  }
}
