import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TypedNode } from '../../../../core/model/typed.ts';

/** The golden fixtures of a real web.py, and typed JSON brought to the form in which they were written down. */
export const FIXTURES = path.join(import.meta.dirname, '../../../fixtures/webpy');

export function fixtureBytes(...name: string[]): Uint8Array {
  return new Uint8Array(readFileSync(path.join(FIXTURES, ...name)));
}

export function fixtureJson<T>(...name: string[]): T {
  return JSON.parse(readFileSync(path.join(FIXTURES, ...name), 'utf8')) as T;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The form of the fixtures: long texts, byte strings and integers as digests, sets sorted. Things that only the
 * program's classes know are left out on both sides: names of enum members, and the emptiness of a subclass of a
 * container.
 */
export function canonical(node: TypedNode | Json): Json {
  return canonicalJson(JSON.parse(JSON.stringify(node)) as Json);
}

function canonicalJson(node: Json): Json {
  if (Array.isArray(node)) return node.map(canonicalJson);
  if (typeof node !== 'object' || node === null) return node;
  const out: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(node)) out[key] = canonicalJson(value);
  if (out['t'] === 'int' && typeof out['v'] === 'string') return longInt(out['v']);
  if (out['t'] === 'str' && typeof out['v'] === 'string') return longText(out);
  if (out['t'] === 'bytes' && typeof out['b64'] === 'string') {
    const bytes = Buffer.from(out['b64'], 'base64');
    if (bytes.length > 2000) return { t: 'bytes', len: bytes.length, sha256: sha256(bytes) };
  }
  if ((out['t'] === 'set' || out['t'] === 'frozenset') && Array.isArray(out['v'])) {
    out['v'] = [...out['v']].sort((a, b) => (sorted(a) < sorted(b) ? -1 : 1));
  }
  if (out['t'] === 'enum') delete out['name'];
  if (out['t'] === 'timezone' && out['name'] === null) delete out['name'];
  if (out['t'] === 'deque') {
    const maxlen = out['maxlen'];
    if (maxlen === null) delete out['maxlen'];
    else if (typeof maxlen === 'object' && !Array.isArray(maxlen)) out['maxlen'] = Number(maxlen['v']);
  }
  for (const part of ['items', 'entries', 'new_args']) {
    if (Array.isArray(out[part]) && (out[part] as Json[]).length === 0) delete out[part];
  }
  return out;
}

function longInt(text: string): Json {
  const value = BigInt(text);
  const magnitude = value < 0n ? -value : value;
  const bits = value === 0n ? 0 : magnitude.toString(2).length;
  if (bits <= 12000) return { t: 'int', v: text };
  return { t: 'int', bits, neg: value < 0n, sha256_hex: sha256(magnitude.toString(16)) };
}

function longText(node: { [key: string]: Json }): Json {
  const text = node['v'] as string;
  const points = Array.isArray(node['cp']) ? node['cp'].length : [...text].length;
  if (points <= 2000) return node;
  return {
    t: 'str',
    len: points,
    utf16_len: text.length,
    sha256_utf8: sha256(text),
    head: [...text].slice(0, 40).join(''),
  };
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** As Python's `json.dumps(…, sort_keys=True)` orders. */
function sorted(node: Json): string {
  if (Array.isArray(node)) return `[${node.map(sorted).join(', ')}]`;
  if (typeof node === 'object' && node !== null) {
    const keys = Object.keys(node).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}: ${sorted(node[key] as Json)}`).join(', ')}}`;
  }
  return JSON.stringify(node);
}
