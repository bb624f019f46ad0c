import type { Edit, Path } from '../../model/path.ts';
import { ProblemError, problem } from '../../model/problem.ts';
import type { ProblemKind } from '../../model/problem-kinds.ts';
import type { TypedNode } from '../../model/typed.ts';
import { concat } from '../bytes.ts';
import { applyToTyped, resolveEdits } from '../edit-typed.ts';
import { children, findObject, formatPath, getAt } from '../path.ts';
import { idOf } from '../shape.ts';
import { typedEqual } from '../typed-equal.ts';
import { dialectOf, type StreamDialect } from './dialect.ts';
import { EditPlan } from './edit-plan.ts';
import { Emitter } from './emitter.ts';
import { withoutSharedEmpties } from './empties.ts';
import type { PickleOptions } from './options.ts';
import { readPickle } from './reader.ts';
import { pythonException } from './refusal.ts';
import { TypedTree } from './typed-tree.ts';
import { ValueWriter } from './value-writer.ts';

/** The stream after some edits, and whether everything that was not edited kept its bytes. */
export interface EditedPickle {
  readonly bytes: Uint8Array;
  /** `rewritten`: the whole value was written again in the manner of the stream (unusual streams only). */
  readonly how: 'unchanged' | 'in-place' | 'rewritten';
}

/**
 * Applies edits to a stream. Bytes that are not edited stay; memo numbers, frames and lengths follow; protocol, Python
 * version and memo habit of the original are kept. What was written is read back and compared with what was asked for.
 * Throws kind `shared-value` when a value to be set also stands elsewhere and the edit does not say which occurrences
 * are meant, `pickle-unwritable` for a value that pickle cannot hold, `pickle-edit-not-exact` when the result would be
 * another one, `pickle-not-whole` for a stream that a limit kept from being read, and what `resolveEdits` throws.
 */
export function editPickle(bytes: Uint8Array, edits: readonly Edit[], options: PickleOptions = {}): Uint8Array {
  return editPickleTelling(bytes, edits, options).bytes;
}

/** As `editPickle`, and tells how it was done. */
export function editPickleTelling(
  bytes: Uint8Array,
  edits: readonly Edit[],
  options: PickleOptions = {},
): EditedPickle {
  const r = readPickle(bytes, options, true);
  const root = new TypedTree(r).root();
  const full = resolveEdits(root, edits);
  if (full.length === 0) return { bytes, how: 'unchanged' };
  if (r.stopped !== undefined || r.memoFull) {
    throw problem(
      'pickle-not-whole',
      `The stream was not read to its end (limit: ${r.stopped ?? 'memo'}), so it is not edited`,
      {
        remedy: 'Raise the limit',
      },
    );
  }
  for (const edit of full) requireChoice(root, edit);
  const expected = withoutSharedEmpties(applyToTyped(root, full));
  const dialect = dialectOf(bytes, r.end, options.encoding ?? 'ASCII');
  const patched = inPlace(() => new EditPlan(r, new Emitter(dialect.form, dialect.nextMemo), dialect).run(full));
  if (patched !== undefined && difference(patched, expected, options) === undefined)
    return { bytes: patched, how: 'in-place' };
  const rewritten = concat([rewrite(expected, dialect), bytes.subarray(r.end)]);
  const why = difference(rewritten, expected, options);
  if (why === undefined) return { bytes: rewritten, how: 'rewritten' };
  throw problem('pickle-edit-not-exact', `The edited value cannot be written so that it reads back the same: ${why}`);
}

/** The edit cannot be made among the bytes that are there: the value is written again. */
const NOT_IN_PLACE: ReadonlySet<ProblemKind> = new Set<ProblemKind>(['pickle-not-in-place', 'pickle-memo']);

function inPlace(run: () => Uint8Array): Uint8Array | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProblemError && NOT_IN_PLACE.has(error.problem.kind)) return undefined;
    throw error;
  }
}

/** Why a stream does not read as expected; undefined when it does. */
function difference(bytes: Uint8Array, expected: TypedNode, options: PickleOptions): string | undefined {
  try {
    const value = new TypedTree(readPickle(bytes, options, false)).root();
    return typedEqual(value, expected) ? undefined : 'Python would see another value';
  } catch (error) {
    if (error instanceof ProblemError && pythonException(error.problem.kind) !== undefined)
      return error.problem.message;
    throw error;
  }
}

/** The whole value again, in the dialect of the stream. */
function rewrite(value: TypedNode, dialect: StreamDialect): Uint8Array {
  const out = new Emitter(dialect.form);
  if (dialect.protocol >= 2) out.bytes([0x80, dialect.protocol]);
  out.frames(dialect.protocol >= 4);
  const writer = new ValueWriter(out, dialect);
  writer.define(value);
  writer.save(value);
  out.byte(0x2e);
  return out.take();
}

function requireChoice(root: TypedNode, edit: Edit): void {
  if (edit.op !== 'set' || edit.occurrences !== undefined) return;
  const old = getAt(root, edit.path);
  const id = old === undefined ? undefined : old.t === 'ref' ? old.id : idOf(old);
  if (id === undefined) return;
  const places = placesOf(root, id).map((path) => formatPath(path) || 'the root');
  if (places.length < 2) return;
  throw problem('shared-value', `The value at ${formatPath(edit.path)} also stands elsewhere: ${places.join(', ')}`, {
    remedy: 'Say with "occurrences" whether this one or all of them are meant',
    where: places.join(', '),
  });
}

const MOST_PLACES = 100;

/** The paths of all occurrences of a shared value; each object is looked into once. */
function placesOf(root: TypedNode, id: number): Path[] {
  const found: Path[] = [];
  const open: [TypedNode, Path][] = [[root, []]];
  const target = findObject(root, id);
  for (let next = open.pop(); next !== undefined && found.length < MOST_PLACES; next = open.pop()) {
    const [node, path] = next;
    if (node === target || (node.t === 'ref' && node.id === id)) found.push(path);
    if (node.t === 'ref') continue;
    const inner = [...children(node)].reverse();
    for (const [step, child] of inner) open.push([child, [...path, step]]);
  }
  return found;
}
