import { floatRepr } from '../codec/nodes.ts';
import { PyFloat, PyTuple } from './python-types.ts';

/** How Python writes values as text: `repr` and `str` of what sessions and cookies meet. */

/** `repr(bytes)`, as the making of an id needs it: `b'\x00A"'`; double quotes outside only if there is a `'` and no `"`. */
export function bytesRepr(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let text = '';
  for (const byte of bytes) {
    if (byte === quote.charCodeAt(0) || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte === 9) text += '\\t';
    else if (byte === 10) text += '\\n';
    else if (byte === 13) text += '\\r';
    else if (byte < 0x20 || byte >= 0x7f) text += `\\x${byte.toString(16).padStart(2, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `b${quote}${text}${quote}`;
}

/** `repr(str)` for messages: quotes and backslashes escaped, the rest of the printable characters as they are. */
export function strRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === quote || character === '\\') out += `\\${character}`;
    else if (character === '\n') out += '\\n';
    else if (character === '\r') out += '\\r';
    else if (character === '\t') out += '\\t';
    else if (code < 0x20 || code === 0x7f || (code >= 0x80 && code < 0xa1) || code === 0xad) {
      out += `\\x${code.toString(16).padStart(2, '0')}`;
    } else if (code >= 0xd800 && code <= 0xdfff) out += `\\u${code.toString(16)}`;
    else out += character;
  }
  return quote + out + quote;
}

/**
 * `str(value)` for what JavaScript passes where web.py converts with `str`: text stays, null is `None`, true is `True`,
 * a number that is not whole is a float, bytes and lists are their representation. Other objects answer with their own
 * toString.
 */
export function pythonStr(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatRepr(value);
  }
  if (value instanceof PyFloat) return floatRepr(value.value);
  if (value instanceof Uint8Array) return bytesRepr(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => (typeof item === 'string' ? strRepr(item) : pythonStr(item))).join(', ');
    return value instanceof PyTuple ? `(${items}${value.length === 1 ? ',' : ''})` : `[${items}]`;
  }
  return String(value);
}
