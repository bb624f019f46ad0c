import { floatNode } from '../../../core/codec/nodes.ts';
import { children } from '../../../core/codec/path.ts';
import type { TypedKind, TypedNode } from '../../../core/model/typed.ts';
import { visible } from '../../../core/model/visible.ts';
import { childCount } from './tree-rows.ts';
import { isMapping, isSequence } from './typed-edit.ts';

const MAX_INLINE = 160;

/** A value in one line, for rows, differences and timelines. */
export function inline(node: TypedNode, max = MAX_INLINE): string {
  // Texts are quoted with their escapes; names of classes, functions and zones stand as they came.
  return shorten(visible(one(node, max)), max);
}

function one(node: TypedNode, room: number): string {
  switch (node.t) {
    case 'none':
      return 'None';
    case 'bool':
      return node.v ? 'True' : 'False';
    case 'int':
    case 'float':
    case 'number':
    case 'decimal':
    case 'uuid':
    case 'date':
      return node.v;
    case 'complex':
      return `${node.re.v} + ${node.im.v}j`;
    case 'str':
      return quoted(node.v);
    case 'bytes':
    case 'bytearray':
      return bytesText(node.b64);
    case 'datetime':
    case 'time':
      return `${node.v.replace('T', ' ').replace(/\.000000$/, '')}${zone(node.tz)}`;
    case 'timedelta':
      return `${node.days} d ${node.seconds} s${node.microseconds === 0 ? '' : ` ${node.microseconds} µs`}`;
    case 'timezone':
      return node.name ?? `UTC${offset(node.offset_us)}`;
    case 'zoneinfo':
      return node.key;
    case 'fraction':
      return `${node.num}/${node.den}`;
    case 'range':
      return `${node.start} … ${node.stop}, step ${node.step}`;
    case 'enum':
      return node.name === undefined ? `${node.class}(${one(node.value, room)})` : `${node.class}.${node.name}`;
    case 'global':
      return node.name;
    case 'ref':
      return `#${node.id}`;
    case 'limit':
      return node.note;
    case 'persistent':
      return `persistent ${one(node.pid, room)}`;
    case 'extension':
      return `extension ${node.code}`;
    case 'buffer':
      return node.readonly ? 'read-only buffer' : 'buffer';
    default:
      return container(node, room);
  }
}

function container(node: TypedNode, room: number): string {
  const [open, close] = node.t === 'list' || node.t === 'deque' ? '[]' : node.t === 'tuple' ? '()' : '{}';
  const head = node.t === 'object' ? `${node.class} ` : node.t === 'reduce' ? `${funcName(node)} ` : '';
  const parts: string[] = [];
  let used = head.length;
  for (const [step, child] of children(node)) {
    if (used > room) {
      parts.push('…');
      break;
    }
    const value = childCount(child) > 0 && used > room / 3 ? '…' : one(child, room - used);
    const key = step.kind === 'index' ? '' : step.kind === 'part' ? `${step.part} ` : `${keyText(step.key)} `;
    parts.push(`${key}${shorten(value, 40)}`);
    used += key.length + value.length + 2;
  }
  return `${head}${open}${parts.length === 0 ? '' : ` ${parts.join(', ')} `}${close}`;
}

function funcName(node: Extract<TypedNode, { t: 'reduce' }>): string {
  return typeof node.func === 'string' ? node.func : node.func.t === 'global' ? node.func.name : 'callable';
}

/** A key as people read it: plain text without quotes, others as values. */
export function keyText(key: TypedNode): string {
  if (key.t !== 'str') return inline(key, 60);
  return /^[\p{L}\p{N}_$-]+$/u.test(key.v) && !/^\d+$/.test(key.v) ? key.v : quoted(key.v);
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** Text with control characters made visible, in double quotes. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text);
}

function zone(tz: TypedNode): string {
  if (tz.t === 'none') return '';
  if (tz.t === 'timezone') return ` ${tz.name ?? `UTC${offset(tz.offset_us)}`}`;
  return tz.t === 'zoneinfo' ? ` ${tz.key}` : '';
}

function offset(us: number): string {
  const minutes = Math.round(Math.abs(us) / 60_000_000);
  const sign = us < 0 ? '-' : '+';
  return `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

export function base64Bytes(b64: string): Uint8Array {
  const binary = atob(b64);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** As Python writes bytes: `b'…'` with \x escapes. */
function bytesText(b64: string): string {
  const head = b64.length > 4_000 ? b64.slice(0, 4_000) : b64;
  let text = '';
  for (const byte of base64Bytes(head)) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte === 0x27) text += "\\'";
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `b'${text}${head.length < b64.length ? '…' : ''}'`;
}

/** Types that a user can enter on one line. */
export const enterable = [
  'str',
  'int',
  'float',
  'bool',
  'none',
  'decimal',
  'bytes',
  'bytearray',
  'datetime',
  'date',
  'time',
  'timedelta',
  'uuid',
  'fraction',
  'list',
  'tuple',
  'dict',
  'set',
  'frozenset',
] as const satisfies readonly TypedKind[];
export type Enterable = (typeof enterable)[number];

export function isEnterable(kind: TypedKind): kind is Enterable {
  return (enterable as readonly string[]).includes(kind);
}

/** What the inline editor starts with; undefined for values that are edited as text in a dialog. */
export function editText(node: TypedNode): string | undefined {
  switch (node.t) {
    case 'str':
      return node.cp === undefined ? node.v : undefined;
    case 'none':
      return 'None';
    case 'bytes':
    case 'bytearray':
      return bytesText(node.b64).slice(2, -1);
    case 'datetime':
    case 'time':
      return node.v.replace('T', ' ').replace(/\.000000$/, '');
    case 'timedelta':
      return `${node.days} ${node.seconds} ${node.microseconds}`;
    case 'list':
    case 'tuple':
    case 'dict':
    case 'set':
    case 'frozenset':
      return childCount(node) === 0 ? '' : undefined;
    case 'int':
    case 'float':
    case 'bool':
    case 'decimal':
    case 'date':
    case 'uuid':
    case 'fraction':
      return one(node, MAX_INLINE);
    default:
      return undefined;
  }
}

/** Why a text is not a value of the type, in words. */
export class ValueError extends Error {}

/** The value that a user wrote for a type. `like` keeps what the text does not say (time zone, fold). */
export function parseValue(kind: Enterable, text: string, like?: TypedNode): TypedNode {
  const trimmed = text.trim();
  const must = (pattern: RegExp, example: string): RegExpExecArray => {
    const match = pattern.exec(trimmed);
    if (match === null) throw new ValueError(example);
    return match;
  };
  switch (kind) {
    case 'str':
      return { t: 'str', v: text };
    case 'int': {
      const [, sign = '', digits = ''] = must(/^([-+]?)0*(\d[\d_]*)$/, '42');
      const v = digits.replaceAll('_', '');
      return { t: 'int', v: sign === '-' && v !== '0' ? `-${v}` : v };
    }
    case 'float':
      must(/^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf|infinity|nan)$/i, '0.5, 1e-3, inf, nan');
      return floatNode(pythonFloat(trimmed));
    case 'bool':
      must(/^(true|false|1|0|yes|no)$/i, 'True, False');
      return { t: 'bool', v: /^(true|1|yes)$/i.test(trimmed) };
    case 'none':
      return { t: 'none' };
    case 'decimal':
      must(/^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:E[-+]?\d+)?|Infinity|s?NaN\d*)$/i, '19.90');
      return { t: 'decimal', v: trimmed };
    case 'bytes':
    case 'bytearray':
      return { t: kind, b64: btoa(String.fromCharCode(...unescapeBytes(text))) };
    case 'date':
      must(/^\d{4}-\d{2}-\d{2}$/, '2026-11-23');
      return { t: 'date', v: trimmed };
    case 'datetime': {
      const match = must(/^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,6})?$/, '2026-11-23 16:02:11');
      const tz = like?.t === 'datetime' ? { fold: like.fold, tz: like.tz } : { fold: 0, tz: { t: 'none' } as const };
      return { t: 'datetime', v: `${match[1]}T${fullTime(match[2] ?? '', match[3])}`, ...tz };
    }
    case 'time': {
      const match = must(/^(\d{2}:\d{2}(?::\d{2})?)(\.\d{1,6})?$/, '16:02:11');
      const tz = like?.t === 'time' ? { fold: like.fold, tz: like.tz } : { fold: 0, tz: { t: 'none' } as const };
      return { t: 'time', v: fullTime(match[1] ?? '', match[2]), ...tz };
    }
    case 'timedelta': {
      const match = must(
        /^(-?\d+)(?:\s*d)?\s+(-?\d+)(?:\s*s)?(?:\s+(\d+)(?:\s*µs)?)?$/,
        '1 3600 0: days, seconds, microseconds',
      );
      return { t: 'timedelta', days: Number(match[1]), seconds: Number(match[2]), microseconds: Number(match[3] ?? 0) };
    }
    case 'uuid':
      must(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i, '123e4567-e89b-12d3-a456-426614174000');
      return { t: 'uuid', v: trimmed.toLowerCase() };
    case 'fraction': {
      const match = must(/^(-?\d+)\/([1-9]\d*)$/, '3/4');
      return { t: 'fraction', num: match[1] ?? '0', den: match[2] ?? '1' };
    }
    default:
      if (trimmed !== '') return wrapped(kind, parsePlain(trimmed));
      return kind === 'dict' ? { t: 'dict', v: [] } : { t: kind, v: [] };
  }
}

function pythonFloat(text: string): number {
  const lower = text.toLowerCase();
  if (lower.includes('nan')) return Number.NaN;
  if (lower.includes('inf')) return lower.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function fullTime(time: string, fraction = ''): string {
  return `${time.length === 5 ? `${time}:00` : time}.${fraction.slice(1).padEnd(6, '0')}`;
}

function unescapeBytes(text: string): number[] {
  const out: number[] = [];
  const pattern = /\\x([0-9a-fA-F]{2})|\\([\\'"nrt0])|([\s\S])/gu;
  const plain: Record<string, number> = { '\\': 0x5c, "'": 0x27, '"': 0x22, n: 10, r: 13, t: 9, '0': 0 };
  for (const match of text.matchAll(pattern)) {
    if (match[1] !== undefined) out.push(Number.parseInt(match[1], 16));
    else if (match[2] !== undefined) out.push(plain[match[2]] ?? 0);
    else out.push(...new TextEncoder().encode(match[3] ?? ''));
  }
  return out;
}

function wrapped(kind: 'list' | 'tuple' | 'dict' | 'set' | 'frozenset', node: TypedNode): TypedNode {
  if (kind === 'dict') {
    if (isMapping(node)) return node;
    throw new ValueError('{"key": 1}');
  }
  if (isSequence(node)) return { t: kind, v: node.v };
  throw new ValueError('[1, 2]');
}

/** Plain JSON as typed values; numbers keep their digits (big integers stay exact). */
export function parsePlain(text: string): TypedNode {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, function reviver(this: unknown, _key, value, context?: { source?: string }) {
      return typeof value === 'number' ? { [NUMBER]: context?.source ?? String(value) } : value;
    } as (key: string, value: unknown) => unknown);
  } catch (error) {
    throw new ValueError(error instanceof Error ? error.message : String(error));
  }
  return fromPlain(parsed);
}

const NUMBER = '\u0000number';

function fromPlain(value: unknown): TypedNode {
  if (value === null) return { t: 'none' };
  if (typeof value === 'boolean') return { t: 'bool', v: value };
  if (typeof value === 'string') return { t: 'str', v: value };
  if (Array.isArray(value)) return { t: 'list', v: value.map(fromPlain) };
  const record = value as Record<string, unknown>;
  const digits = record[NUMBER];
  if (typeof digits === 'string') {
    return /^-?\d+$/.test(digits) ? { t: 'int', v: digits === '-0' ? '0' : digits } : floatNode(Number(digits));
  }
  return { t: 'dict', v: Object.entries(record).map(([key, member]) => [{ t: 'str', v: key }, fromPlain(member)]) };
}
