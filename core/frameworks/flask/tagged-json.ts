import { fromBase64, toBase64, utf8 } from '../../codec/bytes.ts';
import { findNode } from '../../codec/json/edit.ts';
import { readJson } from '../../codec/json/reader.ts';
import { COMPACT } from '../../codec/json/style.ts';
import { writeJson } from '../../codec/json/writer.ts';
import type { Layer, LayerContext, ValueDecoded } from '../../codec/layer.ts';
import { json } from '../../codec/layers/json.ts';
import { dictNode, listNode, strNode } from '../../codec/nodes.ts';
import type { Edit, Path, PathStep } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode, TypedPair } from '../../model/typed.ts';

/*
 * JSON with Flask's tags: an object with exactly one key that is a tag stands for a value that JSON lacks
 * (`{" t": [1, 2]}` is a tuple). Shown as that value, written back with its tag.
 */

const TAGS = new Set([' t', ' b', ' m', ' u', ' d', ' di']);
const UTC: TypedNode = { t: 'timezone', offset_us: 0, name: 'UTC' };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export const taggedJson: Layer = {
  id: 'tagged-json',
  title: 'JSON with tags for tuples, bytes and dates',
  // Only the layer that holds a session knows that it has tags.
  recognise: () => undefined,
  decode,
  make: { kind: 'value', write: (value) => utf8(writeJson(tag(value), COMPACT)) },
};

function decode(bytes: Uint8Array, context: LayerContext): ValueDecoded {
  const plain = json.decode(bytes, context);
  if (plain.kind !== 'value') throw new TypeError('JSON holds a value');
  if (!hasTags(plain.value)) {
    if (!context.chosen) return plain;
    // A value with tags may come in by an edit.
    return { ...plain, edit: (edits) => plain.edit(edits.map((edit) => taggedEdit(plain.value, edit))) };
  }
  const document = readJson(bytes, context.budget);
  return {
    ...plain,
    value: untag(plain.value),
    spanOf(path) {
      const inJson = jsonPath(plain.value, path);
      const node = inJson && findNode(document, inJson);
      return node && { start: node.start, end: node.end };
    },
    edit: (edits) => plain.edit(edits.map((edit) => taggedEdit(plain.value, edit))),
  };
}

function hasTags(root: TypedNode): boolean {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (tagOf(node) !== undefined) return true;
    if (node.t === 'list') open.push(...node.v);
    if (node.t === 'dict') open.push(...node.v.map(([, value]) => value));
  }
  return false;
}

function tagOf(node: TypedNode): { tag: string; inner: TypedNode } | undefined {
  const [pair, second] = node.t === 'dict' ? node.v : [];
  if (pair === undefined || second !== undefined || pair[0].t !== 'str' || !TAGS.has(pair[0].v)) return undefined;
  const tag = pair[0].v;
  const inner = pair[1];
  return untagged(tag, inner) === undefined ? undefined : { tag, inner };
}

function untag(node: TypedNode): TypedNode {
  if (node.t === 'list') return listNode(node.v.map(untag));
  if (node.t !== 'dict') return node;
  const tagged = tagOf(node);
  if (tagged !== undefined) return untagged(tagged.tag, tagged.inner) ?? node;
  return dictNode(node.v.map(([key, value]): TypedPair => [key, untag(value)]));
}

/** The value that a tag stands for; undefined when what it holds does not fit the tag. */
function untagged(tag: string, inner: TypedNode): TypedNode | undefined {
  if (tag === ' t') return inner.t === 'list' ? { t: 'tuple', v: inner.v.map(untag) } : undefined;
  if (tag === ' di') {
    const [pair, more] = inner.t === 'dict' ? inner.v : [];
    if (pair === undefined || more !== undefined || pair[0].t !== 'str' || !pair[0].v.endsWith('__')) return undefined;
    return dictNode([[strNode(pair[0].v.slice(0, -2)), untag(pair[1])]]);
  }
  if (inner.t !== 'str') return undefined;
  if (tag === ' b') return fromBase64(inner.v) === undefined ? undefined : { t: 'bytes', b64: inner.v };
  if (tag === ' m') return { t: 'markup', v: inner.v };
  if (tag === ' u') return uuidOf(inner.v);
  return dateOf(inner.v);
}

function uuidOf(hex: string): TypedNode | undefined {
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(hex);
  return parts === null ? undefined : { t: 'uuid', v: parts.slice(1).join('-') };
}

/** `Mon, 10 Jun 2024 08:30:15 GMT`: whole seconds, always UTC. */
function dateOf(text: string): TypedNode | undefined {
  const parts = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(text);
  const month = parts === null ? -1 : MONTHS.indexOf(parts[2] ?? '');
  if (parts === null || month < 0) return undefined;
  const v = `${parts[3]}-${String(month + 1).padStart(2, '0')}-${parts[1]}T${parts[4]}.000000`;
  return httpDate(v) === text ? { t: 'datetime', v, fold: 0, tz: UTC } : undefined;
}

function httpDate(v: string): string | undefined {
  const date = new Date(`${v.slice(0, 19)}Z`);
  if (Number.isNaN(date.getTime())) return undefined;
  const day = DAYS[date.getUTCDay()];
  return `${day}, ${v.slice(8, 10)} ${MONTHS[date.getUTCMonth()]} ${v.slice(0, 4)} ${v.slice(11, 19)} GMT`;
}

/** A value as JSON with tags. Kind `json-unrepresentable` for what the tags cannot say. */
function tag(node: TypedNode): TypedNode {
  const tagged = (name: string, inner: TypedNode) => dictNode([[strNode(name), inner]]);
  switch (node.t) {
    case 'tuple':
      return tagged(' t', listNode(node.v.map(tag)));
    case 'bytes':
      return tagged(' b', strNode(toBase64(fromBase64(node.b64) ?? new Uint8Array())));
    case 'markup':
      return tagged(' m', strNode(node.v));
    case 'uuid':
      return tagged(' u', strNode(node.v.replaceAll('-', '')));
    case 'datetime':
      return tagged(' d', strNode(dateText(node)));
    case 'list':
      return listNode(node.v.map(tag));
    case 'dict': {
      const made = node.v.map(([key, value]): TypedPair => [key, tag(value)]);
      const [pair, more] = made;
      if (pair === undefined || more !== undefined || pair[0].t !== 'str' || !TAGS.has(pair[0].v))
        return dictNode(made);
      return tagged(' di', dictNode([[strNode(`${pair[0].v}__`), pair[1]]]));
    }
    default:
      return node;
  }
}

function dateText(node: Extract<TypedNode, { t: 'datetime' | 'time' }>): string {
  const text = httpDate(node.v);
  const utc = node.tz.t === 'timezone' && node.tz.offset_us === 0;
  if (text !== undefined && utc && node.v.endsWith('.000000')) return text;
  throw problem('json-unrepresentable', 'A date in the session has whole seconds and is in UTC', {
    remedy: 'Give a datetime without a fraction and with the time zone UTC',
  });
}

function taggedEdit(root: TypedNode, edit: Edit): Edit {
  const path = edit.op === 'insert' ? insertPath(root, edit.path) : jsonPath(root, edit.path);
  if (path === undefined) throw problem('no-such-place', 'There is nothing at this place');
  return edit.op === 'set' || edit.op === 'insert' ? { ...edit, path, value: tag(edit.value) } : { ...edit, path };
}

function insertPath(root: TypedNode, path: Path): Path | undefined {
  const last = path.at(-1);
  const holder = jsonPath(root, path.slice(0, -1));
  if (holder === undefined || last === undefined) return undefined;
  const tagged = tagOf(nodeAt(root, holder) ?? root);
  return tagged?.tag === ' t' ? [...holder, keyStep(' t'), last] : [...holder, last];
}

/** The place in the JSON text of a place in the value without tags. */
function jsonPath(root: TypedNode, path: Path): Path | undefined {
  const made: PathStep[] = [];
  let node: TypedNode | undefined = root;
  for (const step of path) {
    const tagged: ReturnType<typeof tagOf> = node && tagOf(node);
    if (tagged?.tag === ' t') made.push(keyStep(' t'), step);
    else if (tagged?.tag === ' di' && step.kind === 'key' && step.key.t === 'str') {
      made.push(keyStep(' di'), keyStep(`${step.key.v}__`));
    } else if (tagged !== undefined) return undefined;
    else made.push(step);
    node = nodeAt(root, made);
    if (node === undefined) return undefined;
  }
  return made;
}

function nodeAt(root: TypedNode, path: Path): TypedNode | undefined {
  let node: TypedNode | undefined = root;
  for (const step of path) {
    if (step.kind === 'index') node = node?.t === 'list' ? node.v[step.index] : undefined;
    else if (step.kind === 'key' && step.key.t === 'str' && node?.t === 'dict') {
      const { v } = step.key;
      node = node.v.findLast(([key]) => key.t === 'str' && key.v === v)?.[1];
    } else return undefined;
  }
  return node;
}

function keyStep(name: string): PathStep {
  return { kind: 'key', key: strNode(name) };
}
