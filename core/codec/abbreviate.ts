import { sha256 } from '@noble/hashes/sha2.js';
import type { TypedNode, TypedPair } from '../model/typed.ts';
import { fromBase64, toHex, utf8 } from './bytes.ts';
import { codePoints } from './nodes.ts';
import { fieldOf, shapeOf } from './shape.ts';

/**
 * Typed JSON as plain data exactly in the notation of `test/fixtures/webpy/README.md`, which is what commands print:
 * `maxlen` of a deque is a number or null, `name` of a time zone is there even when it has none, and members of sets
 * have an order that does not depend on hashes.
 */
export function toNotation(node: TypedNode): unknown {
  return write(node, (one) => one);
}

/**
 * `toNotation` as the `expected.json` fixtures have it: integers above 12,000 bits, texts above 2000 code points and
 * bytes above 2000 bytes are given as length and hash.
 */
export function abbreviate(node: TypedNode): unknown {
  return write(node, abbreviateLeaf);
}

function write(node: TypedNode, leaf: (node: TypedNode) => unknown): unknown {
  const made: Record<string, unknown> = { ...node };
  const shape = shapeOf(node);
  let leafy = true;
  for (const field of shape.fields) {
    const value = fieldOf(node, field.name);
    if (typeof value !== 'object' || value === null || field.type === 'codepoints') continue;
    leafy = false;
    if (!Array.isArray(value)) made[field.name] = write(value as TypedNode, leaf);
    else if (field.type.startsWith('pairs')) {
      made[field.name] = (value as readonly TypedPair[]).map(([key, inner]) => [write(key, leaf), write(inner, leaf)]);
    } else {
      const nodes = value as readonly TypedNode[];
      const sorts = shape.members === 'set' && field.name === 'v';
      made[field.name] = sorts ? sorted(nodes, leaf) : nodes.map((one) => write(one, leaf));
    }
  }
  if (node.t === 'deque') return { ...made, maxlen: node.maxlen?.t === 'int' ? Number(node.maxlen.v) : null };
  if (node.t === 'timezone') return { ...made, name: node.name ?? null };
  return leafy ? leaf(node) : made;
}

/** Members of a set: objects with an identity in the order of the stream, then the others by their JSON text. */
function sorted(nodes: readonly TypedNode[], leaf: (node: TypedNode) => unknown): unknown[] {
  const isObject = (node: TypedNode) => node.t === 'ref' || shapeOf(node).shared;
  const objects = nodes.filter(isObject);
  const others = nodes.filter((node) => !isObject(node)).map((node) => write(node, leaf));
  const keyed = others.map((item) => [pythonJson(item), item] as const);
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return [...objects.map((node) => write(node, leaf)), ...keyed.map(([, item]) => item)];
}

function abbreviateLeaf(node: TypedNode): unknown {
  switch (node.t) {
    case 'int':
      return node.v.length > 3600 ? abbreviateInt(node.v) : node;
    case 'str': {
      if (node.v.length <= 2000) return node;
      const points = codePoints(node.v);
      if (points.length <= 2000) return node;
      return {
        t: 'str',
        len: points.length,
        utf16_len: node.v.length,
        sha256_utf8: toHex(sha256(utf8(node.v))),
        head: String.fromCodePoint(...points.slice(0, 40)),
      };
    }
    case 'bytes': {
      const bytes = fromBase64(node.b64) ?? new Uint8Array();
      return bytes.length > 2000 ? { t: 'bytes', len: bytes.length, sha256: toHex(sha256(bytes)) } : node;
    }
    default:
      return node;
  }
}

function abbreviateInt(text: string): unknown {
  const neg = text.startsWith('-');
  const digits = BigInt(neg ? text.slice(1) : text).toString(16);
  const bits = (digits.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(digits.charAt(0), 16)));
  if (bits <= 12_000) return { t: 'int', v: text };
  return { t: 'int', bits, neg, sha256_hex: toHex(sha256(utf8(digits))) };
}

/** JSON text as Python's `json.dumps(value, sort_keys=True)` writes it: the fixtures are sorted by it. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${pythonJson(key)}: ${pythonJson(inner)}`).join(', ')}}`;
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
