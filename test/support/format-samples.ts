import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { floatOfHex } from '../../core/codec/nodes.ts';
import type { TypedNode } from '../../core/model/typed.ts';

/** Values that the frameworks themselves wrote (`test/fixtures/formats`), and plain views to compare them by. */

const ROOT = fileURLToPath(new URL('../fixtures/formats', import.meta.url));

export interface Sample {
  readonly id: string;
  readonly carrier: string;
  readonly name?: string | null;
  readonly raw?: string;
  readonly rawBase64?: string;
  readonly sig?: { readonly name: string; readonly raw: string } | null;
  readonly secret?: Readonly<Record<string, unknown>>;
  readonly expected?: unknown;
  readonly expect?: string;
  readonly hostile?: unknown;
  readonly meta?: Readonly<Record<string, unknown>> | null;
  readonly sid?: string;
  readonly cookie?: { readonly name: string; readonly raw: string } | string;
  readonly edit?: {
    readonly path: string;
    readonly value: unknown;
    readonly expectedRaw?: string | null;
    readonly expectedRawBase64?: string;
    readonly expectedSig?: string;
  } | null;
}

export function formatNames(): string[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
    .map(({ name }) => name)
    .sort();
}

export function samplesOf(format: string): Sample[] {
  const text = readFileSync(join(ROOT, format, 'samples.json'), 'utf8');
  return (JSON.parse(text) as { samples: Sample[] }).samples;
}

export function bytesOf(sample: { raw?: string | null; rawBase64?: string }): Uint8Array {
  return typeof sample.raw === 'string'
    ? Buffer.from(sample.raw, 'utf8')
    : Buffer.from(sample.rawBase64 ?? '', 'base64');
}

/** The keys of a sample as `--secret` takes them, in the order of a rotation list. */
export function secretsOf({ secret }: Sample): string[] {
  const found: string[] = [];
  const take = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) take(name, one);
    else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value).sort().reverse()) take(name, (value as Record<string, unknown>)[key]);
    } else if (typeof value === 'string' && name !== 'salt' && name !== 'cipher') {
      found.push(/base64/i.test(name) ? `base64:${value}` : value);
    }
  };
  for (const [name, value] of Object.entries(secret ?? {})) take(name, value);
  return found;
}

/** Equal to anything: a second visit of the same object. */
const ANYTHING = Symbol('anything');

/** A mapping that has at least these members. */
class Part {
  readonly of: ReadonlyMap<string, unknown>;

  constructor(of: ReadonlyMap<string, unknown>) {
    this.of = of;
  }
}

type Notation = Readonly<Record<string, unknown>>;

/** The fixtures' notation as plain values. */
export function expectedPlain(x: unknown): unknown {
  if (Array.isArray(x)) return x.map(expectedPlain);
  if (typeof x !== 'object' || x === null) return x;
  const node = x as Notation;
  // The framework adds members of its own, such as a time.
  if ('contains' in node) return new Part(expectedPlain(node['contains']) as Map<string, unknown>);
  switch (node['$type']) {
    case undefined:
      return new Map(Object.entries(node).map(([key, value]) => [key, expectedPlain(value)]));
    case 'int':
    case 'long':
      return BigInt(String(node['value']));
    case 'float':
    case 'double':
      return floatOf(String(node['value']));
    case 'bytes':
    case 'bytearray':
    case 'py2str':
      return Buffer.from(String(node['base64']), 'base64').toString('latin1');
    case 'ref':
      return ANYTHING;
    case 'enum':
      return 'value' in node ? expectedPlain(node['value']) : node['case'];
    case 'object':
      if (Array.isArray(node['properties'])) {
        return new Map((node['properties'] as [string, unknown][]).map(([key, value]) => [key, expectedPlain(value)]));
      }
      break;
    default:
  }
  if (Array.isArray(node['entries'])) {
    return new Map(
      (node['entries'] as [unknown, unknown][]).map(([k, v]) => [keyText(expectedPlain(k)), expectedPlain(v)]),
    );
  }
  if (Array.isArray(node['items'])) {
    const items = node['items'].map(expectedPlain);
    return node['$type'] === 'set' || node['$type'] === 'frozenset' ? new Set(items) : items;
  }
  for (const part of ['state', 'fields', 'value', 'iso']) if (part in node) return expectedPlain(node[part]);
  return ANYTHING;
}

/** Typed JSON as plain values. */
export function typedPlain(node: TypedNode): unknown {
  switch (node.t) {
    case 'none':
      return null;
    case 'int':
      return BigInt(node.v);
    case 'float':
      return floatOf(String(floatOfHex(node.hex)));
    case 'number':
      return floatOf(node.v);
    case 'bytes':
    case 'bytearray':
      return Buffer.from(node.b64, 'base64').toString('latin1');
    case 'datetime':
    case 'time':
      return node.v + zoneOf(node.tz);
    case 'ref':
    case 'timedelta':
    case 'complex':
      return ANYTHING;
    case 'set':
    case 'frozenset':
      return new Set(node.v.map(typedPlain));
    case 'enum':
      return typedPlain(node.value);
    case 'object':
    case 'reduce':
      return ANYTHING;
    default: {
      const parts = node as { v?: unknown; items?: readonly TypedNode[]; entries?: readonly [TypedNode, TypedNode][] };
      if (parts.entries !== undefined) return mapOf(parts.entries);
      if (parts.items !== undefined) return parts.items.map(typedPlain);
      const { v } = parts;
      if (!Array.isArray(v)) return typeof v === 'object' && v !== null ? typedPlain(v as TypedNode) : v;
      const pairs = v.every((one) => Array.isArray(one));
      return pairs && !['list', 'tuple', 'deque', 'java-array'].includes(node.t)
        ? mapOf(v as [TypedNode, TypedNode][])
        : v.map((one) => typedPlain(one as TypedNode));
    }
  }
}

function zoneOf(tz: TypedNode): string {
  if (tz.t !== 'timezone') return '';
  const minutes = Math.abs(tz.offset_us) / 60_000_000;
  const two = (part: number) => String(part).padStart(2, '0');
  return `${tz.offset_us < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function mapOf(pairs: readonly (readonly [TypedNode, TypedNode])[]): Map<string, unknown> {
  return new Map(pairs.map(([key, value]) => [keyText(typedPlain(key)), typedPlain(value)]));
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : String(key);
}

function floatOf(text: string): unknown {
  const plain: Record<string, number> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  };
  return plain[text.toLowerCase()] ?? Number(text);
}

/** Whether two plain views are the same value; whole floats equal integers. */
export function same(a: unknown, b: unknown): boolean {
  if (a === ANYTHING || b === ANYTHING) return true;
  if (a instanceof Part) {
    return b instanceof Map && [...a.of].every(([key, value]) => b.has(key) && same(value, b.get(key)));
  }
  if (isNumber(a) && isNumber(b)) {
    return typeof a === typeof b ? Object.is(a, b) || a === b : Number(a) === Number(b);
  }
  if (a instanceof Set && b instanceof Set)
    return a.size === b.size && [...a].every((one) => [...b].some((other) => same(one, other)));
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)));
  }
  // PHP's arrays: a list is a map from 0.
  if (Array.isArray(a) && b instanceof Map) return same(b, a);
  if (a instanceof Map && Array.isArray(b)) {
    return a.size === b.length && [...a].every(([key, value], i) => key === String(i) && same(value, b[i]));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => same(one, b[i]));
  if (typeof a === 'string' && typeof b === 'string') return sameText(a, b);
  return a === b;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Byte strings may be shown as text; dates may have six digits of a fraction. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/(\.\d*?)0+(?=[+Z-]|$)/, '$1').replace(/\.$|\.(?=[+Z-])/, '');
  const [left, right] = [plain(a), plain(b)];
  return (
    left === right || Buffer.from(a, 'utf8').toString('latin1') === b || a === Buffer.from(b, 'utf8').toString('latin1')
  );
}

/** Whether the value is there, or stands within three levels (a format may show its envelope around it). */
export function within(want: unknown, got: unknown, depth = 3): boolean {
  if (same(want, got)) return true;
  if (depth === 0) return false;
  const inner = got instanceof Map ? [...got.values()] : Array.isArray(got) ? got : [];
  return inner.some((one) => within(want, one, depth - 1));
}
