import { keyIdentity } from '../../../core/codec/keys.ts';
import { parseTyped } from '../../../core/codec/typed-parse.ts';
import type { Edit, Path } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { isMapping, isSequence, sameNode } from './typed-edit.ts';
import { editText, inline, isEnterable, parsePlain, parseValue, ValueError } from './value-text.ts';

/*
 * A value as plain JSON for bulk edits. What JSON cannot say is written as a short text in its place; on the way back
 * the typed value is put again wherever the text was left as it was, so that nothing unedited loses its type.
 */

export function toPlain(node: TypedNode): string {
  return JSON.stringify(plain(node), null, 2);
}

/** A number with its own digits, where the runtime can print one; a double otherwise. */
function digits(text: string): unknown {
  const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };
  return rawJSON === undefined ? Number(text) : rawJSON(text);
}

function plain(node: TypedNode): unknown {
  switch (node.t) {
    case 'none':
      return null;
    case 'bool':
      return node.v;
    case 'str':
      return node.v;
    case 'int':
      return digits(node.v);
    case 'float':
      return /^-?\d[\d.e+-]*$/.test(node.v) ? digits(node.v) : node.v;
    default:
      break;
  }
  if (isMapping(node) && node.v.every(([key]) => key.t === 'str')) {
    return Object.fromEntries(node.v.map(([key, value]) => [key.t === 'str' ? key.v : '', plain(value)]));
  }
  if (isSequence(node)) return node.v.map(plain);
  return editText(node) ?? inline(node, 10_000);
}

/** The value that an edited text stands for, with the types of `base` wherever they still fit. */
export function fromPlainText(text: string, base: TypedNode): TypedNode {
  return retype(parsePlain(text), base);
}

function retype(next: TypedNode, base: TypedNode | undefined): TypedNode {
  if (base === undefined) return next;
  if (toPlain(next) === toPlain(base)) return base;
  if (isMapping(base) && isMapping(next)) {
    const before = new Map(base.v.map(([key, value]) => [key.t === 'str' ? key.v : '', value]));
    return { ...base, v: next.v.map(([key, value]) => [key, retype(value, before.get(key.t === 'str' ? key.v : ''))]) };
  }
  if (isSequence(base) && isSequence(next)) {
    return { ...base, v: next.v.map((value, index) => retype(value, base.v[index])) };
  }
  if (PLAIN.has(base.t) || isSequence(base) || (isMapping(base) && base.v.every(([key]) => key.t === 'str')))
    return next;
  const written = next.t === 'str' || next.t === 'int' || next.t === 'float' ? next.v : undefined;
  if (written !== undefined && isEnterable(base.t) && editText(base) !== undefined) {
    return parseValue(base.t, written, base);
  }
  throw new ValueError(`${inline(base, 40)}: ${base.t} needs typed JSON`);
}

const PLAIN = new Set<TypedNode['t']>(['none', 'bool', 'str', 'int', 'float']);

export function fromTypedText(text: string): TypedNode {
  try {
    return parseTyped(JSON.parse(text));
  } catch (error) {
    throw new ValueError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The edits that turn `base` into `next`, place by place, so that everything else stays byte for byte. A sequence whose
 * length changed, and a mapping whose keys changed their order, is replaced as a whole.
 */
export function editsBetween(base: TypedNode, next: TypedNode, path: Path = []): Edit[] {
  if (sameNode(base, next)) return [];
  if (
    base.t === next.t &&
    isSequence(base) &&
    isSequence(next) &&
    base.v.length === next.v.length &&
    base.t !== 'set'
  ) {
    return base.v.flatMap((member, index) =>
      editsBetween(member, next.v[index] ?? member, [...path, { kind: 'index', index }]),
    );
  }
  if (base.t === next.t && isMapping(base) && isMapping(next)) {
    const before = new Map(base.v.map(([key, value]) => [keyIdentity(key), value]));
    const after = new Map(next.v.map(([key, value]) => [keyIdentity(key), value]));
    const keptBefore = [...before.keys()].filter((key) => after.has(key));
    const keptAfter = [...after.keys()].filter((key) => before.has(key));
    if (keptBefore.join('\n') === keptAfter.join('\n')) {
      const edits: Edit[] = [];
      for (const [key] of base.v) {
        if (!after.has(keyIdentity(key))) edits.push({ op: 'delete', path: [...path, { kind: 'key', key }] });
      }
      for (const [key, value] of next.v) {
        const here: Path = [...path, { kind: 'key', key }];
        const old = before.get(keyIdentity(key));
        if (old === undefined) edits.push({ op: 'insert', path: here, value });
        else edits.push(...editsBetween(old, value, here));
      }
      return edits;
    }
  }
  return [{ op: 'set', path, value: next }];
}
