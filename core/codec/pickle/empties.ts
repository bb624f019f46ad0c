import type { TypedNode } from '../../model/typed.ts';

/**
 * Python has one empty tuple and one empty frozenset, so they have no identity of their own: an edit that empties a
 * shared one leaves values that are not shared any more.
 */
export function withoutSharedEmpties(root: TypedNode): TypedNode {
  const empties = new Map<number, TypedNode>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null) continue;
    if (Array.isArray(part)) {
      for (const inner of part) open.push(inner);
      continue;
    }
    const node = part as TypedNode;
    if ((node.t === 'tuple' || node.t === 'frozenset') && node.v.length === 0 && node.id !== undefined) {
      empties.set(node.id, { t: node.t, v: [] });
    }
    if (node.t !== 'str') for (const inner of Object.values(node)) open.push(inner);
  }
  return empties.size === 0 ? root : (replaced(root, empties) as TypedNode);
}

function replaced(part: unknown, empties: ReadonlyMap<number, TypedNode>): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((inner) => replaced(inner, empties));
  const node = part as TypedNode;
  const id = node.t === 'ref' || 'id' in node ? node.id : undefined;
  const empty = id === undefined ? undefined : empties.get(id);
  if (empty !== undefined) return empty;
  return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, replaced(inner, empties)]));
}
