import type { Edit, Path, PathStep } from '../model/path.ts';
import { problem } from '../model/problem.ts';
import type { TypedNode } from '../model/typed.ts';
import { fieldsOf, fromGraph, type GraphNode, innerOf, repeated, type Slot, toGraph } from './graph.ts';
import { keyIdentity, pythonKey } from './keys.ts';
import { formatPath, resolveNewPath, resolvePath } from './path.ts';
import { shapeOf } from './shape.ts';

/**
 * The edits with full paths (`resolvePath`), checked against the value and each other. Kinds: `no-such-place`,
 * `key-exists`, `bad-edit`, `edits-conflict` (two edits of one batch meet at the same place).
 */
export function resolveEdits(root: TypedNode, edits: readonly Edit[]): Edit[] {
  const full = edits.map((edit): Edit => {
    const path = edit.op === 'insert' ? resolveNewPath(root, edit.path) : resolvePath(root, edit.path);
    const made = path ?? (edit.op === 'set' ? resolveNewPart(root, edit.path) : undefined);
    if (made === undefined) throw noPlace(edit.path);
    if (made.length === 0 && edit.op !== 'set') throw problem('bad-edit', `The whole value cannot be ${DONE[edit.op]}`);
    return { ...edit, path: made };
  });
  conflicts(full);
  return full;
}

const DONE = { insert: 'inserted', delete: 'deleted', rename: 'renamed', move: 'moved', set: 'set' } as const;

/** `set` of an optional part that is not there yet, like the state of an object. */
function resolveNewPart(root: TypedNode, path: Path): Path | undefined {
  const full = resolveNewPath(root, path);
  return full?.at(-1)?.kind === 'part' ? full : undefined;
}

function conflicts(edits: readonly Edit[]): void {
  const done = new Map<string, Edit['op'][]>();
  const gone = new Set<string>();
  for (const { op, path } of edits) {
    if (op === 'insert') continue;
    const text = formatPath(path);
    const others = done.get(text) ?? [];
    if (others.some((other) => !compatible(other, op))) throw conflict(text);
    done.set(text, [...others, op]);
    if (op === 'set' || op === 'delete') gone.add(text);
  }
  if (gone.size === 0) return;
  for (const { path } of edits) {
    for (let length = 0; length < path.length; length++) {
      if (gone.has(formatPath(path.slice(0, length)))) throw conflict(formatPath(path));
    }
  }
}

function conflict(text: string): Error {
  return problem('edits-conflict', `Two edits meet at ${text || 'the root'}`, {
    remedy: 'Apply them one after the other',
  });
}

function compatible(one: Edit['op'], other: Edit['op']): boolean {
  return one !== other && one !== 'delete' && other !== 'delete';
}

/**
 * The value after the edits, exactly as a user would expect them: what a codec must have written. Paths are those of
 * the value before; a shared object is changed for all that share it, unless the edit says `this` occurrence.
 */
export function applyToTyped(root: TypedNode, edits: readonly Edit[]): TypedNode {
  return fromGraph(applyToGraph(root, edits));
}

/** As `applyToTyped`, as a graph whose untouched nodes know what they were made of: for writers that keep old bytes. */
export function applyToGraph(root: TypedNode, edits: readonly Edit[]): GraphNode {
  const graph: Slot = { value: toGraph(root) };
  const shared = repeated(graph.value);
  const targets = resolveEdits(root, edits).map((edit) => target(graph, edit, shared));
  for (const run of targets) run();
  return graph.value;
}

/** Finds the place of one edit before any is applied, and gives what is to be done there. */
function target(root: Slot, edit: Edit, shared: ReadonlySet<GraphNode>): () => void {
  const last = edit.path.at(-1);
  if (last === undefined) {
    return () => {
      if (edit.op === 'set') root.value = toGraph(edit.value);
    };
  }
  const holder = follow(root.value, edit.path.slice(0, -1));
  if (holder === undefined) throw noPlace(edit.path);
  if (last.kind === 'part') return partTarget(holder, last.part, edit);
  const slots = holder.slots;
  if (slots === undefined) throw noPlace(edit.path);
  if (edit.op === 'insert') return insertTarget(slots, last, edit);
  const slot = slotAt(slots, last);
  if (slot === undefined) throw noPlace(edit.path);
  switch (edit.op) {
    case 'set':
      return setTarget(root, slot, edit, shared);
    case 'delete':
      return () => remove(slots, slot);
    case 'rename': {
      if (slot.key === undefined) throw problem('bad-edit', `${formatPath(edit.path)} has a position, not a key`);
      const taken = slots.some((other) => other !== slot && other.key !== undefined && sameKey(other.key, edit.key));
      if (taken) throw keyExists(edit.key, edit.path);
      return () => {
        slot.key = toGraph(edit.key);
      };
    }
    case 'move':
      return () => {
        remove(slots, slot);
        slots.splice(edit.to, 0, slot);
      };
  }
}

function setTarget(
  root: Slot,
  slot: Slot,
  edit: Extract<Edit, { op: 'set' }>,
  shared: ReadonlySet<GraphNode>,
): () => void {
  const old = slot.value;
  if (!shared.has(old)) {
    return () => {
      slot.value = toGraph(edit.value);
    };
  }
  if (edit.occurrences === undefined) {
    throw problem('shared-value', `The value at ${formatPath(edit.path)} also stands elsewhere`, {
      remedy: 'Say whether this occurrence or all of them are meant',
    });
  }
  return () => {
    const fresh = toGraph(edit.value);
    if (edit.occurrences === 'this') slot.value = fresh;
    else replaceAll(root, old, fresh);
  };
}

function replaceAll(root: Slot, old: GraphNode, fresh: GraphNode): void {
  if (root.value === old) root.value = fresh;
  const seen = new Set<GraphNode>();
  const open = [root.value];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const [name, part] of node.parts) if (part === old) node.parts.set(name, fresh);
    for (const slots of node.lists.values()) {
      for (const slot of slots) {
        if (slot.value === old) slot.value = fresh;
        if (slot.key === old) slot.key = fresh;
      }
    }
    for (const inner of innerOf(node)) open.push(inner);
  }
}

function insertTarget(slots: Slot[], last: PathStep, edit: Extract<Edit, { op: 'insert' }>): () => void {
  if (last.kind === 'key') {
    const { key } = last;
    if (slots.some((slot) => slot.key !== undefined && sameKey(slot.key, key))) throw keyExists(key, edit.path);
    return () => {
      slots.push({ key: toGraph(key), value: toGraph(edit.value) });
    };
  }
  const index = last.kind === 'index' ? last.index : 0;
  if (index > slots.length) throw noPlace(edit.path);
  const anchor = slots[index];
  return () => {
    const at = anchor === undefined ? -1 : slots.indexOf(anchor);
    slots.splice(at < 0 ? slots.length : at, 0, { value: toGraph(edit.value) });
  };
}

function partTarget(holder: Holder, part: string, edit: Edit): () => void {
  const { node } = holder;
  const field = node && fieldsOf(node).find((one) => one.name === part);
  if (node === undefined || field === undefined) throw noPlace(edit.path);
  if (edit.op === 'delete') {
    if (!field.optional && field.type !== 'node?') throw badPart(part, 'be deleted');
    return () => {
      node.lists.delete(part);
      if (field.optional) node.parts.delete(part);
      else node.parts.set(part, null);
    };
  }
  if (edit.op === 'rename' || edit.op === 'move') throw badPart(part, `be ${DONE[edit.op]}`);
  const fresh = toGraph(edit.value);
  const members = fresh.lists.get('v');
  const pairs = members !== undefined && shapeOf(edit.value).members === 'mapping';
  if (field.type === 'nodes' && (members === undefined || pairs)) throw badPart(part, `become ${edit.value.t}`);
  if (field.type === 'pairs' && !pairs) throw badPart(part, `become ${edit.value.t}`);
  const asList = field.type.startsWith('pairs') ? pairs : field.type.startsWith('nodes') && !pairs;
  return () => {
    node.parts.delete(part);
    node.lists.delete(part);
    node.scalars.delete(part);
    if (members !== undefined && asList) node.lists.set(part, members);
    else node.parts.set(part, fresh);
  };
}

function badPart(part: string, what: string): Error {
  return problem('bad-edit', `The part @${part} of an object cannot ${what}`);
}

/** A container on the way: an object, or one of the lists that an object consists of. */
interface Holder {
  readonly node?: GraphNode;
  readonly slots?: Slot[];
}

function follow(root: GraphNode, path: Path): Holder | undefined {
  let here: Holder = holderOf(root);
  for (const step of path) {
    if (step.kind === 'part') {
      const slots = here.node?.lists.get(step.part);
      const part = here.node?.parts.get(step.part);
      if (slots !== undefined && step.part !== 'v') here = { slots };
      else if (part !== undefined && part !== null) here = holderOf(part);
      else return undefined;
      continue;
    }
    const slot: Slot | undefined = here.slots === undefined ? undefined : slotAt(here.slots, step);
    if (slot === undefined) return undefined;
    here = holderOf(slot.value);
  }
  return here;
}

function holderOf(node: GraphNode): Holder {
  const slots = shapeOf({ t: node.t } as TypedNode).members === 'none' ? undefined : node.lists.get('v');
  return slots === undefined ? { node } : { node, slots };
}

function slotAt(slots: readonly Slot[], step: PathStep): Slot | undefined {
  if (step.kind === 'index') return slots[step.index];
  if (step.kind !== 'key') return undefined;
  const wanted = keyIdentity(step.key);
  if (step.key.t === 'str') {
    const { v } = step.key;
    return slots.findLast((slot) => textOf(slot.key) === v);
  }
  return slots.findLast((slot) => slot.key !== undefined && keyIdentity(fromGraph(slot.key)) === wanted);
}

function sameKey(key: GraphNode, other: TypedNode): boolean {
  const one = pythonKey(fromGraph(key));
  return one !== undefined && one === pythonKey(other);
}

/** Removes a member, and with it the earlier ones of the same key that JSON allows. */
function remove(slots: Slot[], slot: Slot): void {
  slots.splice(slots.indexOf(slot), 1);
  const text = textOf(slot.key);
  if (text === undefined) return;
  for (let i = slots.length - 1; i >= 0; i--) if (textOf(slots[i]?.key) === text) slots.splice(i, 1);
}

function textOf(key: GraphNode | undefined): string | undefined {
  return key?.leaf?.t === 'str' ? key.leaf.v : undefined;
}

function noPlace(path: Path): Error {
  return problem('no-such-place', `There is nothing at ${formatPath(path) || 'the root'}`);
}

function keyExists(key: TypedNode, path: Path): Error {
  const parent = formatPath(path.slice(0, -1));
  const name = key.t === 'str' ? JSON.stringify(key.v) : JSON.stringify(key);
  return problem('key-exists', `The key ${name} is already in ${parent === '' ? 'the mapping' : parent}`, {
    remedy: 'Set its value instead',
  });
}
