import { keyIdentity } from '../../../core/codec/keys.ts';
import { parseTyped } from '../../../core/codec/typed-parse.ts';
import type { Edit, Path } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { isMapping, isSequence, sameNode } from './typed-edit.ts';
import { inline, parsePlain, ValueError } from './value-text.ts';

/*
 * A value as plain JSON for bulk edits. What JSON cannot say is written as a short text in its place; on the way back
 * the typed value is put again wherever the text was left as it was, so that nothing unedited loses its type.
 */

export function toPlain(node: TypedNode): string {
  return JSON.stringify(plain(node), null, 2)?.replace(/"\u0001n([^"]*)"/g, '$1') ?? 'null';
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
      return `\u0001n${node.v}`;
    case 'float':
      return /^-?\d/.test(node.v) && !/inf|nan/i.test(node.v) ? `\u0001n${node.v}` : node.v;
    default:
      break;
  }
  if (isMapping(node) && node.v.every(([key]) => key.t === 'str')) {
    return Object.fromEntries(node.v.map(([key, value]) => [key.t === 'str' ? key.v : '', plain(value)]));
  }
  if (isSequence(node)) return node.v.map(plain);
  return inline(node, 10_000);
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
  if (base.t === 'decimal' && (next.t === 'str' || next.t === 'float' || next.t === 'int'))
    return { t: 'decimal', v: next.v };
  return next;
}

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
