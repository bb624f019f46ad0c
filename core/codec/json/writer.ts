import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { floatOfHex } from '../nodes.ts';
import type { JsonStyle } from './style.ts';

/**
 * A value as JSON text. Kind `json-unrepresentable` for what JSON cannot say (tuples, bytes, dates, keys that are not
 * text); NaN and infinities are written as Python writes them.
 *
 * @param base white space before a line at the level of the value, when the style has lines
 */
export function writeJson(node: TypedNode, style: JsonStyle, base = ''): string {
  switch (node.t) {
    case 'none':
      return 'null';
    case 'bool':
      return node.v ? 'true' : 'false';
    case 'int':
      return node.v;
    case 'number':
      if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(node.v)) throw unrepresentable(node);
      return node.v;
    case 'float': {
      const value = floatOfHex(node.hex);
      if (Number.isNaN(value)) return 'NaN';
      if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
      return node.v;
    }
    case 'str':
      return writeText(node.v, style);
    case 'list':
      return bracketed('[', ']', style, base, node.v, (item, inner) => writeJson(item, style, inner));
    case 'dict':
      return bracketed('{', '}', style, base, node.v, ([key, value], inner) => {
        return `${writeKey(key, style)}${style.colon}${writeJson(value, style, inner)}`;
      });
    default:
      throw unrepresentable(node);
  }
}

/** A key of an object: only text can be one. */
export function writeKey(key: TypedNode, style: JsonStyle): string {
  if (key.t !== 'str') {
    throw problem('json-unrepresentable', `A key in JSON is text, not ${key.t}`, {
      remedy: 'Write the key in double quotes',
    });
  }
  return writeText(key.v, style);
}

function bracketed<T>(
  open: string,
  close: string,
  style: JsonStyle,
  base: string,
  members: readonly T[],
  write: (member: T, inner: string) => string,
): string {
  if (members.length === 0) return open + close;
  const { indent } = style;
  if (indent === undefined) return open + members.map((one) => write(one, base)).join(style.comma) + close;
  const inner = base + indent.unit;
  const lines = members.map((one) => indent.newline + inner + write(one, inner));
  return `${open}${lines.join(',')}${indent.newline}${base}${close}`;
}

const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function writeText(text: string, style: JsonStyle): string {
  const escaped = text.replace(/["\\\u0000-\u001f/<>&\u007f-\uffff]/g, (unit) => {
    const short = SHORT[unit];
    if (short !== undefined) return short;
    const code = unit.charCodeAt(0);
    if (unit === '/') return style.slashes ? '\\/' : unit;
    if (unit === '<' || unit === '>' || unit === '&') return style.html ? hex(code) : unit;
    if (code < 0x20) return hex(code);
    if (style.html && (code === 0x2028 || code === 0x2029)) return hex(code);
    return style.ascii && code > 0x7f ? hex(code) : unit;
  });
  // A lone surrogate has no UTF-8 form, so it is escaped in every style.
  return `"${escaped.replace(/\p{Surrogate}/gu, (unit) => hex(unit.charCodeAt(0)))}"`;
}

function hex(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

function unrepresentable(node: TypedNode): Error {
  return problem('json-unrepresentable', `JSON has no ${node.t}`, {
    remedy: 'Use null, true, false, a number, text, a list or an object',
  });
}
