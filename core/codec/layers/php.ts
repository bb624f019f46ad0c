import type { Path } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { concat, fromBase64, fromLatin1, latin1, utf8 } from '../bytes.ts';
import { applyToGraph } from '../edit-typed.ts';
import { memberBytes } from '../focus.ts';
import { type GraphNode, toGraph } from '../graph.ts';
import type { Layer, LayerContext, Recognition, ValueDecoded } from '../layer.ts';
import { getAt } from '../path.ts';
import { type PhpMember, PhpReader } from '../php/reader.ts';
import { PhpTyped } from '../php/typed.ts';
import { inPhp, PhpWriter, writePhp } from '../php/writer.ts';
import { NEVER_NEW } from '../signed/never.ts';

/** Characters that begin a value, and what may follow them. */
const VALUE = /^(N;|[bidrR]:|[sSaOCE]:\d)/;

/** One value as `serialize` writes it; also a session of the handler `php_serialize`, and Laravel's. */
export const phpSerialize: Layer = {
  id: 'php-serialize',
  title: 'PHP serialize',
  recognise(bytes) {
    const first = bytes[0];
    if (first !== 0x61 && first !== 0x4f && first !== 0x43 && first !== 0x45) return undefined;
    const head = fromLatin1(bytes.subarray(0, 16));
    if (!/^(a:\d+:\{|[OC]:\d+:"|E:\d+:")/.test(head)) return undefined;
    return { score: 0.95, reasons: ['Begins like a serialised array or object of PHP'] };
  },
  decode(bytes, context) {
    const reader = new PhpReader(bytes, context.budget);
    const node = reader.value();
    if (reader.at < bytes.length) throw problem('php-damaged', 'Something follows the value', { at: reader.at });
    const typed = new PhpTyped();
    const value = typed.of(node);
    const evidence =
      node.kind === 'array' || node.kind === 'object' || node.kind === 'serialized' ? 'structure' : 'none';
    return decoded(bytes, typed, value, evidence, { handler: 'php_serialize' }, (root, writer) => writer.value(root));
  },
  make: { kind: 'value', write: writePhp },
};

/** A session of PHP's own handler `php`: `name|value` one after another. */
export const phpSession: Layer = {
  id: 'php-session',
  title: 'PHP session',
  recognise: (bytes) => sessionLook(bytes, nameEnd(bytes, 0)),
  decode: (bytes, context) => decodeSession(bytes, context, 'php'),
  make: { kind: 'value', write: (value) => writeSession(value, 'php') },
};

/** A session of the handler `php_binary`: a byte of length, the name, the value. */
export const phpBinary: Layer = {
  id: 'php-binary',
  title: 'PHP session (php_binary)',
  recognise(bytes) {
    const length = bytes[0] ?? 0;
    if (length === 0 || length > 127) return undefined;
    return sessionLook(bytes, length + 1);
  },
  decode: (bytes, context) => decodeSession(bytes, context, 'php_binary'),
  make: { kind: 'value', write: (value) => writeSession(value, 'php_binary') },
};

/** A serialised text that holds serialised data once more: Laravel's caches, and `encrypt`. */
export const phpString: Layer = {
  id: 'php-string',
  title: 'Serialised twice (PHP)',
  recognise(bytes) {
    if (bytes[0] !== 0x73 || bytes[1] !== 0x3a) return undefined;
    if (!/^s:\d+:"(a:\d+:\{|O:\d+:"|s:\d+:")/.test(fromLatin1(bytes.subarray(0, 40)))) return undefined;
    return { score: 0.94, reasons: ['A serialised text that begins like serialised data'] };
  },
  decode(bytes, context) {
    const { argument: _, ...rest } = context;
    const whole = phpSerialize.decode(bytes, rest);
    const text = whole.kind === 'value' && whole.value.t === 'str' ? whole.value.v : '';
    const data =
      whole.kind === 'value' && whole.value.t === 'bytes'
        ? fromLatin1(fromBase64(whole.value.b64) ?? new Uint8Array())
        : text;
    if (whole.kind !== 'value' || !VALUE.test(data)) {
      throw problem('layer-form', 'This is not a serialised text with serialised data in it', { at: 0 });
    }
    return memberBytes(bytes, whole, [], { proven: false, inside: ['php-string', 'php-serialize'] });
  },
  make: NEVER_NEW,
};

type Handler = 'php' | 'php_binary';

function nameEnd(bytes: Uint8Array, from: number): number {
  const bar = bytes.indexOf(0x7c, from);
  return bar < 0 ? -1 : bar + 1;
}

function sessionLook(bytes: Uint8Array, at: number): Recognition | undefined {
  if (at < 1 || at > 4096 || !VALUE.test(fromLatin1(bytes.subarray(at, at + 4)))) return undefined;
  const last = bytes[bytes.length - 1];
  if (last !== 0x3b && last !== 0x7d) return undefined;
  return { score: 0.93, reasons: ['Begins with a name and a serialised value of PHP'] };
}

function decodeSession(bytes: Uint8Array, context: LayerContext, handler: Handler): ValueDecoded {
  const reader = new PhpReader(bytes, context.budget);
  const members: PhpMember[] = [];
  while (reader.at < bytes.length) {
    const start = reader.at;
    const length = bytes[start] ?? 0;
    const end = handler === 'php' ? nameEnd(bytes, start) - 1 : start + 1 + length;
    if (end < start || (handler === 'php_binary' && (length === 0 || length > 127 || end >= bytes.length))) {
      throw problem('php-damaged', 'The name of a variable is expected here', { at: start });
    }
    const name = bytes.subarray(handler === 'php' ? start : start + 1, end);
    reader.at = handler === 'php' ? end + 1 : end;
    members.push({ key: { start, end: reader.at, bytes: name }, node: reader.value() });
  }
  const typed = new PhpTyped();
  const value = typed.session(members);
  const evidence = members.length > 0 ? 'structure' : 'none';
  return decoded(bytes, typed, value, evidence, { handler }, (root, writer) => writeMembers(root, writer, handler));
}

function writeMembers(root: GraphNode, writer: PhpWriter, handler: Handler): void {
  if (root.t !== 'php-array' && root.t !== 'dict' && (root.t !== 'list' || root.lists.get('v')?.length !== 0)) {
    throw problem('php-unrepresentable', 'A session is a mapping from names to values');
  }
  for (const { key, value } of root.lists.get('v') ?? []) {
    writer.raw(nameBytes(key?.leaf, handler));
    writer.value(value);
  }
}

function nameBytes(key: TypedNode | undefined, handler: Handler): Uint8Array {
  const name = key?.t === 'str' ? utf8(key.v) : key?.t === 'bytes' ? fromBase64(key.b64) : undefined;
  if (name === undefined || name.length === 0) {
    throw problem('php-unrepresentable', 'PHP drops session variables whose name is a number or empty');
  }
  if (handler === 'php_binary') {
    if (name.length > 127) throw problem('php-unrepresentable', 'php_binary takes names of up to 127 bytes');
    return concat([Uint8Array.of(name.length), name]);
  }
  if (name.includes(0x7c)) {
    throw problem('php-unrepresentable', 'PHP writes an empty session when a name holds "|"', {
      remedy: 'Use a name without it',
    });
  }
  return concat([name, latin1('|')]);
}

function writeSession(value: TypedNode, handler: Handler): Uint8Array {
  const writer = new PhpWriter();
  writeMembers(toGraph(inPhp(value)), writer, handler);
  return writer.bytes();
}

function decoded(
  bytes: Uint8Array,
  typed: PhpTyped,
  value: TypedNode,
  evidence: ValueDecoded['evidence'],
  facts: ValueDecoded['facts'],
  write: (root: GraphNode, writer: PhpWriter) => void,
): ValueDecoded {
  return {
    kind: 'value',
    value,
    evidence,
    warnings: [],
    facts,
    lossless: true,
    spanOf(path: Path) {
      if (path.length === 0) return { start: 0, end: bytes.length };
      const node = getAt(value, path);
      return node && typed.spans.get(node);
    },
    edit(edits) {
      const writer = new PhpWriter(bytes, typed.spans);
      write(applyToGraph(value, edits), writer);
      return writer.bytes();
    },
    dialect: inPhp,
  };
}
