import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { fromBase64 } from '../bytes.ts';

/** Puts the nodes that carry an id into `shared`; tells whether there is any `ref`. */
export function collectShared(root: TypedNode, shared: Map<number, TypedNode>): boolean {
  let references = false;
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const node = stack.pop() as TypedNode | readonly unknown[];
    if (Array.isArray(node)) {
      for (const item of node) if (hasParts(item)) stack.push(item);
      continue;
    }
    const typed = node as TypedNode;
    if (typed.t === 'ref') references = true;
    else if ('id' in typed && typed.id !== undefined) shared.set(typed.id, typed);
    if ('v' in typed && hasParts(typed.v)) stack.push(typed.v);
    if (PLAIN.has(typed.t)) continue;
    for (const part of Object.values(typed))
      if (hasParts(part) && part !== (typed as { v?: unknown }).v) stack.push(part);
  }
  return references;
}

/** A node that cannot be written. */
export function unwritable(why: string): Error {
  return problem('pickle-unwritable', `This value cannot be written as pickle: ${why}`);
}

/** Nodes whose only parts are in `v`. */
const PLAIN = new Set(['list', 'tuple', 'set', 'frozenset', 'dict', 'storage', 'ordereddict', 'counter', 'ref']);
/** Nodes that stand for something that Python has only once. */
export const UNIQUE = new Set(['enum', 'timezone']);

/** Whether something may hold nodes inside. */
function hasParts(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { t } = part as { t?: string };
  return t !== 'str' && t !== 'int' && t !== 'none' && t !== 'bool' && t !== 'float' && t !== 'bytes';
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Texts of this shape are interned by CPython's compiler, so equal ones are mostly one object. */
export function isIdentifier(text: string): boolean {
  if (text.length === 0 || text.length > 40) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i) | 32;
    const letter = (unit >= 97 && unit <= 122) || text.charCodeAt(i) === 95;
    if (!letter && (i === 0 || unit < 48 || unit > 57)) return false;
  }
  return true;
}

export function decoded(b64: string): Uint8Array {
  const bytes = fromBase64(b64);
  if (bytes === undefined) throw unwritable('the bytes are not base64');
  return bytes;
}

export function latin1Node(bytes: Uint8Array): TypedNode {
  let v = '';
  for (const byte of bytes) v += String.fromCharCode(byte);
  return { t: 'str', v };
}

export function little(value: number, size: number): number[] {
  const bytes: number[] = [];
  for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  return bytes;
}
