import { keyIdentity } from '../../../core/codec/keys.ts';
import { children } from '../../../core/codec/path.ts';
import type { Edit, Path, PathStep } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { isMapping, isSequence } from './typed-edit.ts';

/** Where a row's value comes from: the record as read, or a value inside of a staged edit. */
export type Origin = { readonly from: 'base' } | { readonly from: 'staged'; readonly edit: number; readonly sub: Path };

/** One line of the tree, in the order of the screen. */
export interface TreeRow {
  /** Names the row among its tree: stable while values change. */
  readonly id: string;
  /** Path in the base (for new members: the path under which they are inserted). */
  readonly path: Path;
  readonly step: PathStep | null;
  readonly depth: number;
  readonly node: TypedNode;
  /** The value before a staged `set`. */
  readonly before?: TypedNode;
  readonly origin: Origin;
  readonly status: 'same' | 'set' | 'inserted' | 'deleted';
  /** Index of the staged edit that made the status. */
  readonly edit?: number;
  readonly renamedTo?: TypedNode;
  readonly movedTo?: number;
  readonly children: number;
  readonly expanded: boolean;
  readonly position: number;
  readonly siblings: number;
  readonly parent: TypedNode | null;
}

export function stepId(step: PathStep): string {
  if (step.kind === 'index') return `[${step.index}`;
  if (step.kind === 'part') return `@${step.part}`;
  return step.key.t === 'str' && step.key.cp === undefined ? `.${step.key.v}` : `:${keyIdentity(step.key)}`;
}

export function pathId(path: Path): string {
  return path.map((step) => `/${stepId(step)}`).join('');
}

/** How many members a value shows; without walking them for the common containers. */
export function childCount(node: TypedNode): number {
  if (isSequence(node) && node.t !== 'deque') return node.v.length;
  if (isMapping(node) && node.t !== 'defaultdict') return node.v.length;
  if (!HAS_CHILDREN.has(node.t)) return 0;
  let n = 0;
  for (const _ of children(node)) n++;
  return n;
}

const HAS_CHILDREN = new Set<TypedNode['t']>(['deque', 'defaultdict', 'object', 'reduce', 'enum', 'persistent']);

/** `expanded` answers for a row's id; the staged edits are laid over the base without changing it. */
export function flattenTree(
  base: TypedNode,
  edits: readonly Edit[],
  expanded: (id: string, depth: number, count: number) => boolean,
): TreeRow[] {
  const overlay = overlayOf(edits);
  const rows: TreeRow[] = [];
  const rootSet = overlay.get('')?.set;

  const visit = (row: Omit<TreeRow, 'children' | 'expanded'>, baseId: string | null): void => {
    const count = row.status === 'deleted' ? 0 : childCount(row.node);
    const inserts = baseId === null || row.status !== 'same' ? [] : (overlay.get(baseId)?.inserts ?? []);
    const members = count + inserts.length;
    const open = members > 0 && expanded(row.id, row.depth, members);
    rows.push({ ...row, children: members, expanded: open });
    if (!open) return;
    let position = 0;
    const siblings = members;
    const child = (step: PathStep, node: TypedNode) => {
      position++;
      const id = `${row.id}/${stepId(step)}`;
      const common = { id, step, depth: row.depth + 1, position, siblings, parent: row.node };
      if (row.origin.from === 'staged') {
        const origin = { ...row.origin, sub: [...row.origin.sub, step] };
        visit({ ...common, path: [...row.path, step], node, origin, status: 'same' }, null);
        return;
      }
      const place = overlay.get(id);
      const path = [...row.path, step];
      const renamed = place?.rename === undefined ? {} : { renamedTo: place.rename };
      const moved = place?.move === undefined ? {} : { movedTo: place.move };
      if (place?.deleted !== undefined) {
        visit({ ...common, path, node, origin: row.origin, status: 'deleted', edit: place.deleted }, null);
      } else if (place?.set !== undefined) {
        const { index, value } = place.set;
        const origin: Origin = { from: 'staged', edit: index, sub: [] };
        visit(
          { ...common, ...renamed, ...moved, path, node: value, before: node, origin, status: 'set', edit: index },
          null,
        );
      } else {
        const edit = place?.renameEdit ?? place?.moveEdit;
        const mark = edit === undefined ? {} : { edit };
        visit({ ...common, ...renamed, ...moved, ...mark, path, node, origin: row.origin, status: 'same' }, id);
      }
    };
    const insertsAt = new Map<number, typeof inserts>();
    for (const insert of inserts) {
      const at = insert.step.kind === 'index' ? insert.step.index : Number.POSITIVE_INFINITY;
      insertsAt.set(at, [...(insertsAt.get(at) ?? []), insert]);
    }
    const placeInserts = (at: number) => {
      for (const insert of insertsAt.get(at) ?? []) {
        position++;
        visit(
          {
            id: `${row.id}/+${insert.index}`,
            path: [...row.path, insert.step],
            step: insert.step,
            depth: row.depth + 1,
            node: insert.value,
            origin: { from: 'staged', edit: insert.index, sub: [] },
            status: 'inserted',
            edit: insert.index,
            position,
            siblings,
            parent: row.node,
          },
          null,
        );
      }
      insertsAt.delete(at);
    };
    let index = 0;
    for (const [step, node] of children(row.node)) {
      if (inserts.length > 0 && step.kind === 'index') placeInserts(index);
      child(step, node);
      index++;
    }
    for (const at of [...insertsAt.keys()]) placeInserts(at);
  };

  const rootOrigin: Origin =
    rootSet === undefined ? { from: 'base' } : { from: 'staged', edit: rootSet.index, sub: [] };
  visit(
    {
      id: '',
      path: [],
      step: null,
      depth: 0,
      node: rootSet?.value ?? base,
      ...(rootSet === undefined ? {} : { before: base, edit: rootSet.index }),
      origin: rootOrigin,
      status: rootSet === undefined ? 'same' : 'set',
      position: 1,
      siblings: 1,
      parent: null,
    },
    rootSet === undefined ? '' : null,
  );
  return rows;
}

interface Place {
  set?: { index: number; value: TypedNode };
  deleted?: number;
  rename?: TypedNode;
  renameEdit?: number;
  move?: number;
  moveEdit?: number;
  inserts?: { index: number; step: PathStep; value: TypedNode }[];
}

function overlayOf(edits: readonly Edit[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const at = (path: Path): Place => {
    const id = pathId(path);
    const place = places.get(id) ?? {};
    places.set(id, place);
    return place;
  };
  edits.forEach((edit, index) => {
    if (edit.op === 'set') at(edit.path).set = { index, value: edit.value };
    else if (edit.op === 'delete') at(edit.path).deleted = index;
    else if (edit.op === 'rename') Object.assign(at(edit.path), { rename: edit.key, renameEdit: index });
    else if (edit.op === 'move') Object.assign(at(edit.path), { move: edit.to, moveEdit: index });
    else {
      const step = edit.path.at(-1);
      const parent = at(edit.path.slice(0, -1));
      if (step !== undefined) parent.inserts = [...(parent.inserts ?? []), { index, step, value: edit.value }];
    }
  });
  return places;
}

/** Ids of every container, for "expand all", as far as `limit` rows. */
export function containerIds(base: TypedNode, limit: number): Set<string> {
  const ids = new Set<string>();
  let rows = 1;
  const open: { node: TypedNode; id: string }[] = [{ node: base, id: '' }];
  for (let next = open.pop(); next !== undefined && rows < limit; next = open.pop()) {
    const count = childCount(next.node);
    if (count === 0) continue;
    ids.add(next.id);
    rows += count;
    const at: { node: TypedNode; id: string }[] = [];
    for (const [step, node] of children(next.node)) at.push({ node, id: `${next.id}/${stepId(step)}` });
    open.push(...at.reverse());
  }
  return ids;
}
