import type { Path, PathStep } from '../model/path.ts';
import { problem } from '../model/problem.ts';
import type { TypedNode, TypedPair } from '../model/typed.ts';
import { keyIdentity } from './keys.ts';
import { listNode, strNode } from './nodes.ts';
import { fieldOf, idOf, shapeOf } from './shape.ts';
import { parseKey } from './typed-parse.ts';

/**
 * Paths as text. A text key stands after a dot (`cart.price`) or, when it is more than letters, digits, `_`, `$` and
 * `-`, in brackets as a JSON string (`a["x.y"]`); any other key as typed JSON (`seen[{"t":"int","v":"3"}]`); a position
 * as a bare number (`cart[0]`); a named part of an object after `@` (`user.@state.name`). The empty text is the root.
 */

const PLAIN = /^[\p{L}\p{N}_$-]+$/u;
const PART = /^[a-z_]+$/;

/** Reads a path; kind `bad-path` with `at`, the position in the text, when it is not one. */
export function parsePath(text: string): Path {
  const steps: PathStep[] = [];
  let i = 0;
  while (i < text.length) {
    if (text[i] === '[') {
      const end = closingBracket(text, i);
      steps.push(bracketStep(text.slice(i + 1, end), i + 1));
      i = end + 1;
    } else {
      if (text[i] === '.') i++;
      else if (steps.length > 0) throw badPath(text, i, 'Expected "." or "["');
      let end = i;
      while (end < text.length && text[end] !== '.' && text[end] !== '[') end++;
      const name = text.slice(i, end);
      if (name === '') throw badPath(text, i, 'A name is missing; write an empty key as [""]');
      if (name.startsWith('@')) {
        if (!PART.test(name.slice(1))) throw badPath(text, i, 'A part of an object looks like @state');
        steps.push({ kind: 'part', part: name.slice(1) });
      } else if (PLAIN.test(name)) {
        steps.push({ kind: 'key', key: strNode(name) });
      } else {
        throw badPath(text, i, `Write the key as [${JSON.stringify(name)}]`);
      }
      i = end;
    }
  }
  return steps;
}

/** Writes a path so that `parsePath` reads the same. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (step.kind === 'index') text += `[${step.index}]`;
    else if (step.kind === 'part') text += `${text === '' ? '' : '.'}@${step.part}`;
    else if (step.key.t !== 'str') text += `[${JSON.stringify(inOrder(step.key))}]`;
    else if (PLAIN.test(step.key.v)) text += `${text === '' ? '' : '.'}${step.key.v}`;
    else text += `[${JSON.stringify(step.key.v)}]`;
  }
  return text;
}

/** The fields in the order of the notation, so that one key has one text. */
function inOrder(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inOrder);
  if (typeof part !== 'object' || part === null) return part;
  const node = part as TypedNode;
  const id = 'id' in node ? { id: node.id } : {};
  const fields = shapeOf(node).fields.filter(({ name }) => fieldOf(node, name) !== undefined);
  return { t: node.t, ...id, ...Object.fromEntries(fields.map(({ name }) => [name, inOrder(fieldOf(node, name))])) };
}

/** Position of the `]` that closes the bracket at `open`, brackets and quotes inside it skipped. */
function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      i++;
      while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    } else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') {
      depth--;
      if (depth === 0) {
        if (character !== ']') break;
        return i;
      }
    }
  }
  throw badPath(text, open, 'This bracket is not closed');
}

function bracketStep(inner: string, at: number): PathStep {
  if (/^\d{1,15}$/.test(inner)) return { kind: 'index', index: Number(inner) };
  let value: unknown;
  try {
    value = JSON.parse(inner);
  } catch {
    throw badPath(inner, at, 'Expected a number, a JSON string or a typed JSON key in the brackets');
  }
  if (typeof value === 'string') return { kind: 'key', key: strNode(value) };
  try {
    return { kind: 'key', key: parseKey(value) };
  } catch (cause) {
    throw badPath(inner, at, (cause as Error).message);
  }
}

function badPath(text: string, at: number, message: string): Error {
  return problem('bad-path', `${message} in the path ${JSON.stringify(text.slice(0, 200))}`, { at });
}

/**
 * The members of a node with the step that leads to each, in the order of the value: members of a sequence or mapping,
 * then the named parts. Lists of an object that are no value of their own (`items`, `entries`, `args`, …) come as a
 * list, dict or tuple node. A `ref` has no children: follow it with `findObject`.
 */
export function* children(node: TypedNode): Generator<[PathStep, TypedNode]> {
  const shape = shapeOf(node);
  for (const field of shape.fields) {
    const value = fieldOf(node, field.name);
    if (field.name === 'v' && shape.members !== 'none') {
      if (shape.members === 'mapping') {
        for (const [key, member] of value as readonly TypedPair[]) yield [{ kind: 'key', key }, member];
      } else {
        let index = 0;
        for (const member of value as readonly TypedNode[]) yield [{ kind: 'index', index: index++ }, member];
      }
    } else {
      const part = partNode(node, field.name);
      if (part !== undefined) yield [{ kind: 'part', part: field.name }, part];
    }
  }
}

/** A named part of a node as a node; undefined when it has none of that name. */
export function partNode(node: TypedNode, name: string): TypedNode | undefined {
  const shape = shapeOf(node);
  const field = shape.fields.find((one) => one.name === name);
  const value = field === undefined ? undefined : fieldOf(node, name);
  if (field === undefined || value === undefined || value === null) return undefined;
  if (name === 'v' && shape.members !== 'none') return undefined;
  switch (field.type) {
    case 'node':
    case 'node?':
      return value as TypedNode;
    case 'text|node':
      return typeof value === 'string' ? undefined : (value as TypedNode);
    case 'nodes':
    case 'nodes|node':
      if (!Array.isArray(value)) return value as TypedNode;
      return name === 'items' ? listNode(value) : { t: 'tuple', v: value };
    case 'pairs':
    case 'pairs|node':
      return Array.isArray(value) ? { t: 'dict', v: value } : (value as TypedNode);
    default:
      return undefined;
  }
}

/** One step into a node (not a `ref`); undefined when nothing is there. The last of equal keys counts. */
function stepInto(node: TypedNode, step: PathStep): TypedNode | undefined {
  if (step.kind === 'part') return partNode(node, step.part);
  const members = shapeOf(node).members;
  if (step.kind === 'index') {
    if (members !== 'sequence' && members !== 'set') return undefined;
    return (fieldOf(node, 'v') as readonly TypedNode[])[step.index];
  }
  if (members !== 'mapping') return undefined;
  const pairs = fieldOf(node, 'v') as readonly TypedPair[];
  const text = step.key.t === 'str' ? step.key.v : undefined;
  if (text !== undefined) return pairs.findLast(([key]) => key.t === 'str' && key.v === text)?.[1];
  const wanted = keyIdentity(step.key);
  return pairs.findLast(([key]) => key.t !== 'str' && keyIdentity(key) === wanted)?.[1];
}

/**
 * The value at a path. A `ref` on the way is followed to the object it stands for; one at the end is given as it is.
 * Short forms are understood: see `resolvePath`.
 */
export function getAt(root: TypedNode, path: Path): TypedNode | undefined {
  return walk(root, path)?.node;
}

/**
 * The path in full, or undefined when nothing is there. Short forms that a user writes become exact ones:
 * `seen[3]` in a mapping is the int key 3, `user.name` in an object is the attribute `user.@state.name` (or an entry of
 * its mapping), `things[0]` in an object is an item of its list.
 */
export function resolvePath(root: TypedNode, path: Path): Path | undefined {
  return walk(root, path)?.path;
}

/** Like `resolvePath` for a place that need not exist yet: only the way to it must. */
export function resolveNewPath(root: TypedNode, path: Path): Path | undefined {
  const last = path.at(-1);
  if (last === undefined) return [];
  const parent = walk(root, path.slice(0, -1));
  if (parent === undefined) return undefined;
  const node = deref(root, parent.node);
  const ways = node === undefined ? undefined : shortForms(root, node, last).find((form) => canHold(node, form));
  return ways === undefined ? undefined : [...parent.path, ...ways];
}

function walk(root: TypedNode, path: Path): { node: TypedNode; path: PathStep[] } | undefined {
  let node: TypedNode = root;
  const full: PathStep[] = [];
  for (const step of path) {
    const here = deref(root, node);
    if (here === undefined) return undefined;
    let found: TypedNode | undefined;
    for (const form of shortForms(root, here, step)) {
      found = form.reduce<TypedNode | undefined>((at, one, i) => {
        const next = i === 0 || at === undefined ? at : deref(root, at);
        return next === undefined ? undefined : stepInto(next, one);
      }, here);
      if (found === undefined) continue;
      full.push(...form);
      break;
    }
    if (found === undefined) return undefined;
    node = found;
  }
  return { node, path: full };
}

/** The exact step first, then what a user may have meant by it. */
function shortForms(root: TypedNode, node: TypedNode, step: PathStep): PathStep[][] {
  const forms: PathStep[][] = [[step]];
  const members = shapeOf(node).members;
  if (step.kind === 'index' && members === 'mapping') {
    forms.push([{ kind: 'key', key: { t: 'int', v: String(step.index) } }]);
  }
  if (node.t === 'php-reference') forms.push([{ kind: 'part', part: 'v' }, step]);
  if (node.t === 'php-object' && step.kind === 'key' && step.key.t === 'str') {
    const { v } = step.key;
    const key = node.v.find(([one]) => one.t === 'php-property' && one.v === v)?.[0];
    if (key !== undefined) forms.push([{ kind: 'key', key }]);
  }
  if ((node.t === 'dict' || node.t === 'ruby-hash') && step.kind === 'key' && step.key.t === 'str') {
    const { v } = step.key;
    forms.push([{ kind: 'key', key: { t: 'ruby-symbol', v } }]);
    // Ruby writes a text that was before, also as a key, as a link to it.
    const text = node.v.findLast(([key]) => rubyText(deref(root, key)) === v)?.[0];
    if (text !== undefined) forms.push([{ kind: 'key', key: text }]);
  }
  if (node.t === 'object' || node.t === 'reduce') {
    const items: PathStep = { kind: 'part', part: 'items' };
    const parts = step.kind === 'key' ? ['entries', 'state', 'slots'] : [];
    if (step.kind === 'index') forms.push([items, step]);
    for (const part of parts) forms.push([{ kind: 'part', part }, step]);
  }
  return forms;
}

/** The text of a string of Ruby that carries more than its text; undefined for anything else. */
export function rubyText(node: TypedNode | undefined): string | undefined {
  return node?.t === 'ruby-string' && node.v.t === 'str' ? node.v.v : undefined;
}

/** Whether the last step of a form can name a new member. */
function canHold(node: TypedNode, form: readonly PathStep[]): boolean {
  let at: TypedNode | undefined = node;
  for (const step of form.slice(0, -1)) at = at === undefined ? undefined : stepInto(at, step);
  const last = form.at(-1);
  if (at === undefined || last === undefined) return false;
  const { members, fields } = shapeOf(at);
  if (last.kind === 'key') return members === 'mapping';
  if (last.kind === 'index') return members === 'sequence' || members === 'set';
  return fields.some((field) => field.name === last.part);
}

const indexes = new WeakMap<TypedNode, Map<number, TypedNode>>();

/** The object that carries `id` inside `root`. The first search of a root is remembered with it. */
export function findObject(root: TypedNode, id: number): TypedNode | undefined {
  let index = indexes.get(root);
  if (index === undefined) {
    index = new Map();
    const open: TypedNode[] = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const own = idOf(node);
      if (own !== undefined) index.set(own, node);
      for (const inner of innerNodes(node)) open.push(inner);
    }
    indexes.set(root, index);
  }
  return index.get(id);
}

/** The object behind a `ref`, any other node as it is. */
export function deref(root: TypedNode, node: TypedNode): TypedNode | undefined {
  return node.t === 'ref' ? findObject(root, node.id) : node;
}

/** Every node directly inside a node, keys included, without steps. */
export function* innerNodes(node: TypedNode): Generator<TypedNode> {
  for (const field of shapeOf(node).fields) {
    const value = fieldOf(node, field.name);
    if (typeof value !== 'object' || value === null || field.type === 'codepoints') continue;
    if (!Array.isArray(value)) yield value as TypedNode;
    else if (field.type.startsWith('pairs')) for (const pair of value as readonly TypedPair[]) yield* pair;
    else yield* value as readonly TypedNode[];
  }
}
