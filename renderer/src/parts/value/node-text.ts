import type { TypedNode } from '../../../../core/model/typed.ts';
import { inline } from '../../state/value-text.ts';

const HOLDERS = new Set([
  'dict',
  'storage',
  'ordereddict',
  'counter',
  'defaultdict',
  'list',
  'tuple',
  'set',
  'frozenset',
  'deque',
]);

/** Whether members can be added to a value of this kind. */
export function canHold(node: TypedNode): boolean {
  return HOLDERS.has(node.t);
}

/** What copying a value gives: a string as it is, anything else on one line as the tree shows it. */
export function copyText(node: TypedNode): string {
  return node.t === 'str' ? node.v : inline(node, 1_000_000);
}
