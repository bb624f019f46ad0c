import { getAt } from '../../../core/codec/path.ts';
import type { Edit } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { insertAt, isMapping, replaceAt, sameNode } from '../state/typed-edit.ts';

/** Applies staged edits to a value; good enough for sample data (the engine's own does far more). */
export function applyEdits(value: TypedNode, edits: readonly Edit[]): TypedNode {
  return edits.reduce((node, edit) => {
    const last = edit.path.at(-1);
    const parentPath = edit.path.slice(0, -1);
    const parent = getAt(node, parentPath);
    switch (edit.op) {
      case 'set':
        return replaceAt(node, edit.path, edit.value);
      case 'delete':
        return replaceAt(node, edit.path, undefined);
      case 'insert':
        return parent === undefined || last === undefined
          ? node
          : replaceAt(node, parentPath, insertAt(parent, last, edit.value));
      case 'rename': {
        if (parent === undefined || !isMapping(parent) || last?.kind !== 'key') return node;
        const v = parent.v.map(([key, member]) => [sameNode(key, last.key) ? edit.key : key, member] as const);
        return replaceAt(node, parentPath, { ...parent, v });
      }
      default:
        return node;
    }
  }, value);
}
