import type { Edit, Path } from '../model/path.ts';
import { problem } from '../model/problem.ts';
import type { TypedNode } from '../model/typed.ts';
import { fromBase64, fromUtf8, sameBytes, toBase64, utf8 } from './bytes.ts';
import type { BytesDecoded, Layer, LayerContext, ValueDecoded } from './layer.ts';
import { strNode } from './nodes.ts';
import { deref, findObject, formatPath, getAt, innerNodes, parsePath, resolvePath } from './path.ts';
import { NEVER_NEW, NEVER_NEW_VALUE } from './signed/never.ts';

/*
 * Values inside values: some formats wrap the session in a list or a mapping of their own, or write it as text into a
 * member of one. Editing stays the outer format's: only the place differs.
 */

/** One part of a value as the value itself. Kind `no-such-place` when there is nothing at the path. */
function focusValue(whole: ValueDecoded, path: Path): ValueDecoded {
  const full = resolvePath(whole.value, path);
  const found = full && getAt(whole.value, full);
  const node = found && deref(whole.value, found);
  if (full === undefined || node === undefined) throw nothing(path);
  if (hasForeignRefs(node)) throw problem('shared-value', 'The part shares objects with the rest of the value');
  const inside = (inner: Path): Path => [...full, ...inner];
  return {
    ...whole,
    value: node,
    spanOf: (inner) => whole.spanOf(inside(inner)),
    edit: (edits) => whole.edit(edits.map((edit): Edit => ({ ...edit, path: inside(edit.path) }))),
  };
}

function hasForeignRefs(root: TypedNode): boolean {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.t === 'ref' && findObject(root, node.id) === undefined) return true;
    for (const inner of innerNodes(node)) open.push(inner);
  }
  return false;
}

/** The text or byte string at a path as bytes of their own: what is in it is another layer's business. */
export function memberBytes(
  outer: Uint8Array,
  whole: ValueDecoded,
  path: Path,
  more: Pick<BytesDecoded, 'proven'> & Partial<Pick<BytesDecoded, 'inside' | 'habits' | 'warnings' | 'facts'>>,
): BytesDecoded {
  const full = resolvePath(whole.value, path);
  const node = full && getAt(whole.value, full);
  const bytes = node?.t === 'str' ? utf8(node.v) : node?.t === 'bytes' ? fromBase64(node.b64) : undefined;
  if (full === undefined || bytes === undefined) throw nothing(path);
  return {
    kind: 'bytes',
    bytes,
    warnings: whole.warnings,
    facts: {},
    lossless: true,
    ...more,
    encode(next) {
      if (sameBytes(next, bytes)) return outer;
      const text = fromUtf8(next);
      const value: TypedNode =
        node?.t === 'str' && text !== undefined ? strNode(text) : { t: 'bytes', b64: toBase64(next) };
      return whole.edit([{ op: 'set', path: full, value }]);
    },
    outerSpan: () => undefined,
  };
}

/** A layer `ID:PATH` that shows one part of a value of `inner`. It is only used where a format says so. */
export function itemLayer(id: string, title: string, inner: Layer): Layer {
  return {
    id,
    title,
    recognise: () => undefined,
    decode: (bytes, context) => focusValue(valueIn(inner, bytes, context), pathOf(id, context)),
    make: NEVER_NEW_VALUE,
  };
}

/** A layer `ID:PATH` that takes the text at a place of a value of `inner` as bytes. */
export function memberLayer(id: string, title: string, inner: Layer): Layer {
  return {
    id,
    title,
    recognise: () => undefined,
    decode: (bytes, context) =>
      memberBytes(bytes, valueIn(inner, bytes, context), pathOf(id, context), { proven: false }),
    make: NEVER_NEW,
  };
}

function valueIn(layer: Layer, bytes: Uint8Array, context: LayerContext): ValueDecoded {
  const { argument: _, ...rest } = context;
  const decoded = layer.decode(bytes, rest);
  if (decoded.kind !== 'value') throw new TypeError(`${layer.id} holds a value`);
  return decoded;
}

function pathOf(id: string, { argument }: LayerContext): Path {
  if (argument === undefined) throw problem('bad-layer', `${id} needs a path: ${id}:user.name`);
  return parsePath(argument);
}

function nothing(path: Path): Error {
  return problem('no-such-place', `There is nothing at ${formatPath(path) || 'the root'}`);
}
