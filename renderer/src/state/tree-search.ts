import { children } from '../../../core/codec/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { childCount, stepId } from './tree-rows.ts';
import { inline, keyText } from './value-text.ts';

const MAX_HITS = 1_000;

/** Row ids whose key or own value contains the text (letter case aside), in the order of the tree. */
export function searchTree(base: TypedNode, query: string): string[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [];
  const hits: string[] = [];
  const open: { node: TypedNode; id: string; key: string }[] = [{ node: base, id: '', key: '' }];
  for (let next = open.pop(); next !== undefined && hits.length < MAX_HITS; next = open.pop()) {
    const { node, id, key } = next;
    const count = childCount(node);
    if (key.toLowerCase().includes(wanted) || (count === 0 && inline(node, 2_000).toLowerCase().includes(wanted))) {
      hits.push(id);
    }
    if (count === 0) continue;
    const members: typeof open = [];
    for (const [step, child] of children(node)) {
      const name = step.kind === 'key' ? keyText(step.key) : step.kind === 'part' ? step.part : '';
      members.push({ node: child, id: `${id}/${stepId(step)}`, key: name });
    }
    open.push(...members.reverse());
  }
  return hits;
}

/** Ids of the rows that must be open for a row to be seen: every prefix that is a row of the base. */
export function ancestorsOf(base: TypedNode, id: string): string[] {
  const ids: string[] = [];
  let at: TypedNode | undefined = base;
  let here = '';
  while (at !== undefined && here !== id) {
    ids.push(here);
    let found: { node: TypedNode; id: string } | undefined;
    for (const [step, child] of children(at)) {
      const childId = `${here}/${stepId(step)}`;
      if (id === childId || id.startsWith(`${childId}/`)) found = { node: child, id: childId };
    }
    at = found?.node;
    here = found?.id ?? id;
  }
  return ids;
}
