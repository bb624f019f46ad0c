import type { Edit, Path } from '../model/path.ts';
import { type Problem, ProblemError, problem } from '../model/problem.ts';
import type { TypedNode } from '../model/typed.ts';
import { diff } from './diff.ts';
import { applyToTyped, resolveEdits } from './edit-typed.ts';
import { keyIdentity } from './keys.ts';
import type { Companions, Facts, Layer, Signature, Span, Warning } from './layer.ts';
import { open } from './open.ts';
import { getAt, resolvePath } from './path.ts';
import type { DecodeOptions, Opened, OpenedStep } from './peel.ts';
import { LAYERS, layerById } from './registry.ts';
import { typedEqual } from './typed-equal.ts';

export type { Companions, Facts, Layer, Signature, Span, Warning } from './layer.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';

export type { DecodeOptions } from './peel.ts';
export { LAYERS } from './registry.ts';

/** What is known of one layer, for display. */
export interface DecodedStep {
  /** As it is given in `as`. */
  readonly id: string;
  readonly title: string;
  /** Why it was taken for this layer; empty when the user named it. */
  readonly reasons: readonly string[];
  readonly facts: Facts;
  readonly lossless: boolean;
  /** Length of its input in bytes. */
  readonly bytes: number;
  readonly signature?: Signature;
}

/** Everything about some bytes that can be sent to another thread. */
export interface DecodedData {
  /** Outermost first; usable as `as`. With an error, those that were taken off and the one that failed. */
  readonly layers: readonly string[];
  readonly value: TypedNode | null;
  readonly warnings: readonly Warning[];
  /** Writing the unedited value back from scratch gives the same bytes. */
  readonly lossless: boolean;
  /** Why there is no value; or, beside a value, why the program that wrote the bytes would refuse to load it. */
  readonly error?: Problem;
  readonly steps: readonly DecodedStep[];
  /** Of all signatures the one that says most: one that does not fit, else the outermost. Absent: nothing is signed. */
  readonly signature?: Signature;
}

/** What `decode` found: layers, value, signature, warnings, and what went wrong. */
export interface Decoded extends DecodedData {
  /** The input of each step: the bytes as they are at that depth. */
  readonly inputs: readonly Uint8Array[];
  /**
   * Where a value stands: in the innermost bytes, and in the outer ones where each layer allows it (compression does
   * not). Undefined when there is nothing at the path. Paths may be short (`resolvePath`).
   */
  spanOf(path: Path): { readonly inner: Span; readonly outer: Span | undefined } | undefined;
}

/**
 * Takes bytes apart into layers and a typed value. The layers are guessed unless `as` names them. What the bytes are
 * never throws: see `error`. Throws ProblemErrors of kind `bad-layers` and `bad-layer` for a wrong choice, `cancelled`
 * when the signal fired. Nothing is ever executed, and everything stays within the limits.
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  return decodedOf(open(bytes, options));
}

function decodedOf(opened: Opened): Decoded {
  const { steps, value, failed } = opened;
  const error = opened.error ?? value?.refusal;
  const root = value?.value ?? null;
  const spelled = steps.map((step) => step.spelled);
  return {
    layers: failed === undefined ? spelled : [...spelled, failed],
    value: root,
    warnings: steps.flatMap(({ decoded, spelled: layer }) => decoded.warnings.map((one) => ({ ...one, layer }))),
    lossless: error === undefined && steps.every((step) => step.decoded.lossless),
    ...(error && { error }),
    steps: steps.map(describe),
    ...withSignature(signatureOf(steps)),
    inputs: steps.map((step) => step.input),
    spanOf(path) {
      const full = root === null ? undefined : resolvePath(root, path);
      const inner = full && value?.spanOf(full);
      return inner && { inner, outer: outerSpan(steps, inner) };
    },
  };
}

function describe(step: OpenedStep): DecodedStep {
  return {
    id: step.spelled,
    title: step.layer.title,
    reasons: step.recognition?.reasons ?? [],
    facts: step.decoded.facts,
    lossless: step.decoded.lossless,
    bytes: step.input.length,
    ...withSignature(step.decoded.signature),
  };
}

function withSignature(signature: Signature | undefined): { signature?: Signature } {
  return signature === undefined ? {} : { signature };
}

function signatureOf(steps: readonly OpenedStep[]): Signature | undefined {
  const all = steps.flatMap(({ decoded }) => decoded.signature ?? []);
  return all.find(({ state }) => state === 'invalid') ?? all[0];
}

function outerSpan(steps: readonly OpenedStep[], inner: Span): Span | undefined {
  let span: Span | undefined = inner;
  for (const { decoded } of steps.toReversed()) {
    if (decoded.kind === 'bytes') span = span && decoded.outerSpan(span);
  }
  return span;
}

/** What `decode` found, without functions, so that it can be sent to another thread. */
export function toData(decoded: Decoded): DecodedData {
  const { spanOf: _, inputs: __, ...data } = decoded;
  return data;
}

/**
 * The bytes after some edits: taken apart, edited in the innermost format, put together again in the manner of the
 * original, then read back and compared. Paths are those of the value before; short ones are understood. Throws a
 * ProblemError when the bytes cannot be read, a place does not exist, the format cannot say a value, or (kind
 * `edit-not-exact`) what was written is not exactly what was asked for.
 */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[], options: DecodeOptions = {}): Uint8Array {
  return applyEditsFully(bytes, edits, options).bytes;
}

/** What an edit gives besides the new bytes. */
export interface EditedData {
  readonly bytes: Uint8Array;
  /** Cookies that must change together with this value. */
  readonly companions: Companions;
  /** Of the new value, as it was read back. */
  readonly signature?: Signature;
}

/** As `applyEdits`, with the cookies that belong to the value and the state of its signature. */
export function applyEditsFully(bytes: Uint8Array, edits: readonly Edit[], options: DecodeOptions = {}): EditedData {
  const opened = open(bytes, options);
  if (opened.value === undefined) throw new ProblemError(opened.error ?? { kind: 'internal', message: 'No value' });
  const { value: root } = opened.value;
  const { dialect } = opened.value;
  // No change means no change: what already is as asked for is not written again.
  const full = resolveEdits(root, edits)
    .filter((edit) => !isAlready(root, edit))
    .map((edit) => (dialect === undefined ? edit : inDialect(edit, dialect)))
    .filter((edit) => !isAlready(root, edit));
  if (full.length === 0) return { bytes, companions: {}, ...withSignature(signatureOf(opened.steps)) };
  const expected = applyToTyped(root, full);
  let made = opened.value.edit(full);
  let companions: Companions = {};
  for (const { decoded } of opened.steps.toReversed()) {
    if (decoded.kind !== 'bytes') continue;
    made = decoded.encode(made);
    companions = { ...companions, ...decoded.companions?.(made) };
  }
  const as = opened.steps.map((step) => step.spelled);
  const back = open(made, { ...options, as, companions: changedCompanions(options.companions ?? {}, companions) });
  if (back.value === undefined) throw notExact(back.error?.message ?? 'it cannot be read back');
  requireSame(expected, back.value.value, full);
  return { bytes: made, companions, ...withSignature(signatureOf(back.steps)) };
}

function changedCompanions(before: Readonly<Record<string, string>>, changes: Companions): Record<string, string> {
  const all = { ...before, ...changes };
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== null));
}

/** The new values of an edit in the kinds of the format. */
function inDialect(edit: Edit, dialect: (value: TypedNode) => TypedNode): Edit {
  return edit.op === 'set' || edit.op === 'insert' ? { ...edit, value: dialect(edit.value) } : edit;
}

/** A scalar that is to become what it is, a key that keeps its name. */
function isAlready(root: TypedNode, edit: Edit): boolean {
  if (edit.op === 'rename') {
    const last = edit.path.at(-1);
    return last?.kind === 'key' && keyIdentity(last.key) === keyIdentity(edit.key);
  }
  if (edit.op !== 'set') return false;
  const now = getAt(root, edit.path);
  return now !== undefined && now.t !== 'ref' && typedEqual(now, edit.value);
}

function requireSame(expected: TypedNode, actual: TypedNode, edits: readonly Edit[]): void {
  if (typedEqual(expected, actual)) return;
  const lines = diff(expected, actual, { max: 20 });
  // A format may have its own place for a new key (sorted objects): only the order may differ, and only there.
  const inserts = edits.some((edit) => edit.op === 'insert');
  if (inserts && lines.length > 0 && lines.every((line) => line.at.endsWith('@order'))) return;
  throw notExact(`it differs at ${lines[0]?.at || 'the root'}`);
}

function notExact(why: string): Error {
  return problem(
    'edit-not-exact',
    `Nothing was changed: what would have been written is not what was asked for; ${why}`,
  );
}

/** New bytes for a value in the usual form of the layers, outermost first: `encodeNew(value, ['base64', 'pickle'])`. */
export function encodeNew(value: TypedNode, layers: readonly string[], known: readonly Layer[] = LAYERS): Uint8Array {
  const makers = layers.map((id) => {
    const layer = layerById(id, known);
    if (layer === undefined) throw problem('bad-layers', `There is no layer "${id}"`);
    return layer.make;
  });
  const last = makers.at(-1);
  if (last?.kind !== 'value') throw problem('bad-layers', 'The last layer must be one that holds a value');
  let bytes = last.write(value);
  for (const maker of makers.slice(0, -1).reverse()) {
    if (maker.kind !== 'bytes') throw problem('bad-layers', 'Only the last layer can hold a value');
    bytes = maker.wrap(bytes);
  }
  return bytes;
}
