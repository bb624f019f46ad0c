import { fromBase64, fromUtf8, toBase64, utf8 } from '../../codec/bytes.ts';
import type { Layer, LayerContext, ValueDecoded, Warning } from '../../codec/layer.ts';
import { java, javaText } from '../../codec/layers/java.ts';
import { json } from '../../codec/layers/json.ts';
import { dictNode, strNode } from '../../codec/nodes.ts';
import { formatPath } from '../../codec/path.ts';
import { NEVER_NEW_VALUE } from '../../codec/signed/never.ts';
import { areJoinedValues, joinValues, type PlacedValue, splitValues } from '../../model/named-values.ts';
import type { Edit, Path } from '../../model/path.ts';
import { ProblemError, problem } from '../../model/problem.ts';
import { isLimit } from '../../model/problem-kinds.ts';
import type { TypedNode } from '../../model/typed.ts';

/**
 * A session of Spring Session: each attribute is a value of its own, serialised by Java unless the application chose
 * JSON. Shown as one mapping; an edit writes the attributes that it touches and leaves the others as they are.
 */
export const springAttributes: Layer = {
  id: 'spring-attributes',
  title: 'Attributes of Spring Session',
  recognise(bytes) {
    if (!areJoinedValues(bytes)) return undefined;
    return { score: 0.99, reasons: ['Values with their names, as the store gave them'] };
  },
  decode,
  make: NEVER_NEW_VALUE,
};

interface Attribute extends PlacedValue {
  readonly key: TypedNode;
  readonly node: TypedNode;
  /** Absent for a plain text or bytes. */
  readonly inner?: ValueDecoded;
  readonly warnings: readonly Warning[];
}

function decode(bytes: Uint8Array, context: LayerContext): ValueDecoded {
  const values = splitValues(bytes);
  if (typeof values === 'number') {
    throw problem('layer-form', 'These are no values with their names', { at: values });
  }
  let ids = 0;
  const attributes = values.map((value): Attribute => {
    const { inner, warning } = innerOf(value, context);
    const warnings = warning === undefined ? (inner?.warnings ?? []).map((one) => placed(one, value.start)) : [warning];
    const plain = inner === undefined ? plainNode(value.bytes) : inner.value;
    const node = shifted(plain, ids);
    ids += highestId(plain) + 1;
    return { ...value, key: strNode(value.name), node, warnings, ...(inner === undefined ? {} : { inner }) };
  });
  const find = (path: Path) => {
    const step = path[0];
    return step?.kind === 'key' && step.key.t === 'str'
      ? attributes.find(({ name }) => name === (step.key as { v: string }).v)
      : undefined;
  };
  return {
    kind: 'value',
    value: dictNode(attributes.map(({ key, node }) => [key, node])),
    evidence: 'structure',
    warnings: attributes.flatMap(({ warnings }) => warnings),
    facts: { attributes: attributes.length },
    lossless: attributes.every(({ inner }) => inner?.lossless ?? true),
    spanOf(path) {
      const found = find(path);
      if (found === undefined) return undefined;
      if (path.length === 1) return { start: found.start, end: found.end };
      const span = found.inner?.spanOf(path.slice(1));
      return span && { start: span.start + found.start, end: span.end + found.start };
    },
    edit: (edits) => joinValues(edited(attributes, edits)),
  };
}

function edited(attributes: readonly Attribute[], edits: readonly Edit[]): { name: string; bytes: Uint8Array }[] {
  const inside = new Map<string, Edit[]>();
  const whole = new Map<string, Edit>();
  const added: Edit[] = [];
  for (const edit of edits) {
    const name = nameOf(edit);
    if (edit.op === 'insert' && edit.path.length === 1) added.push(edit);
    else if (edit.path.length === 1) whole.set(name, edit);
    else inside.set(name, [...(inside.get(name) ?? []), { ...edit, path: edit.path.slice(1) }]);
  }
  const made = attributes.flatMap((one) => {
    const edit = whole.get(one.name);
    if (edit?.op === 'delete') return [];
    const name = edit?.op === 'rename' && edit.key.t === 'str' ? edit.key.v : one.name;
    const changes = inside.get(one.name) ?? [];
    if (edit?.op === 'set') return [{ name, bytes: withValue(one, edit) }];
    if (changes.length === 0) return [{ name, bytes: one.bytes }];
    if (one.inner === undefined) throw notInside(changes[0] as Edit);
    return [{ name, bytes: one.inner.edit(changes) }];
  });
  for (const edit of added) {
    const name = nameOf(edit);
    if (attributes.some((one) => one.name === name)) {
      throw problem('exists', `There is already an attribute ${name}`, { remedy: 'Change its value instead' });
    }
    made.push({ name, bytes: newValue((edit as Edit & { op: 'insert' }).value, edit) });
  }
  return made;
}

/** An attribute with another value: in its own form where it has one that can say it. */
function withValue({ inner }: Attribute, edit: Edit & { op: 'set' }): Uint8Array {
  if (inner === undefined) {
    if (edit.value.t === 'bytes') return fromBase64(edit.value.b64) ?? new Uint8Array();
    if (edit.value.t === 'str') return utf8(edit.value.v);
    throw notInside(edit);
  }
  return inner.edit([{ ...edit, path: [] }]);
}

/** A new attribute: a text, as Java writes it. Of other classes only the application's own code knows the form. */
function newValue(value: TypedNode, edit: Edit): Uint8Array {
  if (value.t === 'str') return javaText(value.v);
  throw problem('java-unrepresentable', `${formatPath(edit.path)} cannot be added: only a text can`, {
    remedy: 'Add a text, or let the application add the attribute',
  });
}

function nameOf({ path }: Edit): string {
  const step = path[0];
  if (step?.kind === 'key' && step.key.t === 'str') return step.key.v;
  throw problem('java-unrepresentable', 'An attribute is named by a text', {
    remedy: 'Name the attribute first: user.name',
  });
}

function notInside(edit: Edit): Error {
  return problem('java-unrepresentable', `${formatPath(edit.path) || 'The value'} cannot be changed in place`, {
    remedy: 'Set the whole attribute to a text',
  });
}

/** What an attribute's bytes are: Java's serialisation, JSON, or neither. One that cannot be read hides no other. */
function innerOf(value: PlacedValue, context: LayerContext): { inner?: ValueDecoded; warning?: Warning } {
  const isJava = java.recognise(value.bytes, context) !== undefined;
  const layer = isJava ? java : json;
  if (!isJava && json.recognise(value.bytes, context) === undefined) return {};
  try {
    const decoded = layer.decode(value.bytes, context);
    return decoded.kind === 'value' ? { inner: decoded } : {};
  } catch (error) {
    // A text that only begins like JSON is a text.
    if (!(error instanceof ProblemError)) throw error;
    if (isLimit(error.problem.kind)) throw error;
    if (!isJava) return {};
    const { message, at } = error.problem;
    return {
      warning: {
        code: 'attribute-unreadable',
        message: `${value.name} cannot be read: ${message}`,
        severity: 'warning',
        at: value.start + (at ?? 0),
      },
    };
  }
}

function plainNode(bytes: Uint8Array): TypedNode {
  const text = fromUtf8(bytes);
  return text === undefined ? { t: 'bytes', b64: toBase64(bytes) } : strNode(text);
}

function placed(warning: Warning, start: number): Warning {
  return { ...warning, ...(warning.at === undefined ? {} : { at: warning.at + start }) };
}

/** Each attribute numbers its shared objects from the start: in one mapping the numbers must differ. */
function shifted(node: TypedNode, by: number): TypedNode {
  return by === 0 ? node : (shiftAny(node, by) as TypedNode);
}

function shiftAny(part: unknown, by: number): unknown {
  if (Array.isArray(part)) return part.map((one) => shiftAny(one, by));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      name === 'id' && typeof value === 'number' ? value + by : shiftAny(value, by),
    ]),
  );
}

function highestId(part: unknown): number {
  if (Array.isArray(part)) return part.reduce<number>((most, one) => Math.max(most, highestId(one)), -1);
  if (typeof part !== 'object' || part === null) return -1;
  let most = -1;
  for (const [name, value] of Object.entries(part)) {
    most = Math.max(most, name === 'id' && typeof value === 'number' ? value : highestId(value));
  }
  return most;
}
