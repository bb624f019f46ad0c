import type { TypedNode } from '../../model/typed.ts';
import { utf8 } from '../bytes.ts';
import { editJson, findNode } from '../json/edit.ts';
import { readJson } from '../json/reader.ts';
import { COMPACT, type JsonHabits, styleOf } from '../json/style.ts';
import { writeJson } from '../json/writer.ts';
import type { Layer, LayerContext, Recognition, ValueDecoded } from '../layer.ts';

/** JSON text (RFC 8259) with Python's NaN and infinities, edited by span. */
export const json: Layer = {
  id: 'json',
  title: 'JSON',
  recognise,
  decode: decodeJson,
  make: { kind: 'value', write: (value) => utf8(writeJson(value, COMPACT)) },
};

function recognise(bytes: Uint8Array): Recognition | undefined {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let end = bytes.length;
  while (isSpace(bytes[start])) start++;
  while (end > start && isSpace(bytes[end - 1])) end--;
  const open = bytes[start];
  if (open !== 0x7b && open !== 0x5b) return undefined;
  const bracket = open === 0x7b ? '{' : '[';
  if (bytes[end - 1] !== open + 2) {
    let next = start + 1;
    while (isSpace(bytes[next])) next++;
    const key = open === 0x7b && bytes[next] === 0x22;
    return { score: key ? 0.75 : 0.3, reasons: [`Starts with ${bracket}${key ? ' and a key' : ''}`] };
  }
  return { score: 0.9, reasons: [`Starts with ${bracket} and ends with its closing bracket`] };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function decodeJson(bytes: Uint8Array, context: LayerContext): ValueDecoded {
  const document = readJson(bytes, context.budget);
  const habits = context.habits ?? (isExpressRecord(document.root.value) ? JAVASCRIPT : {});
  const style = styleOf(document, habits);
  const sortKeys = habits.sortKeys === true && isSorted(document.root.value);
  return {
    kind: 'value',
    value: document.root.value,
    evidence: evidenceOf(document.root.value),
    warnings: document.remarks.map((remark) => ({
      ...remark,
      severity: remark.code === 'json-duplicate-key' ? ('warning' as const) : ('info' as const),
    })),
    facts: { colon: style.colon, comma: style.comma, indented: style.indent !== undefined, ascii: style.ascii },
    lossless: true,
    spanOf(path) {
      const node = findNode(document, path);
      return node && { start: node.start, end: node.end };
    },
    edit: (edits) => editJson(document, edits, { style, sortKeys }),
  };
}

/** A scalar or a list of scalars can be anything; an object, or a list with one inside, is JSON for certain. */
function evidenceOf(value: TypedNode): ValueDecoded['evidence'] {
  if (value.t === 'dict') return 'structure';
  if (value.t !== 'list') return 'none';
  return value.v.some((item) => item.t === 'dict') ? 'structure' : 'container';
}

/** `JSON.stringify`: compact, and nothing is escaped that need not be. */
const JAVASCRIPT: JsonHabits = { ascii: false };

/** The record of a session as express-session's stores write it: only `JSON.stringify` makes those. */
function isExpressRecord(value: TypedNode): boolean {
  const cookie = value.t === 'dict' ? value.v.find(([key]) => key.t === 'str' && key.v === 'cookie')?.[1] : undefined;
  return cookie?.t === 'dict' && cookie.v.some(([key]) => key.t === 'str' && key.v === 'originalMaxAge');
}

/** Whether the keys of every object are in order, by code point as Python sorts. */
function isSorted(root: TypedNode): boolean {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.t === 'list') open.push(...node.v);
    if (node.t !== 'dict') continue;
    let before: string | undefined;
    for (const [key, value] of node.v) {
      const name = key.t === 'str' ? key.v : '';
      if (before !== undefined && byCodePoint(before, name) > 0) return false;
      before = name;
      open.push(value);
    }
  }
  return true;
}

function byCodePoint(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
