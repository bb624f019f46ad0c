import { problem } from '../../model/problem.ts';
import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { fromUtf8, hasLoneSurrogate, utf8Error } from '../bytes.ts';
import type { Budget } from '../limits.ts';
import { boolNode, dictNode, floatNode, listNode, NONE, strNode } from '../nodes.ts';
import type { JsonDocument, JsonMember, JsonNode, JsonRemark } from './cst.ts';

const MAX_REMARKS = 50;

/**
 * Reads a whole JSON text (RFC 8259, and the `NaN`, `Infinity`, `-Infinity` of Python) with the byte span of every
 * value. Integers keep all digits, keys their order, equal keys are all kept. Anything else is refused with a kind
 * `json-…` and `at`, the offset of the first byte that does not fit.
 */
export function readJson(bytes: Uint8Array, budget: Budget): JsonDocument {
  return new Reader(bytes, budget).document();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #budget: Budget;
  readonly #remarks: JsonRemark[] = [];
  #at = 0;
  /** The last string had escapes: only then can it hold half of a surrogate pair. */
  #escaped = false;
  #nodes = 0;

  constructor(bytes: Uint8Array, budget: Budget) {
    this.#bytes = bytes;
    this.#budget = budget;
  }

  document(): JsonDocument {
    const bytes = this.#bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      this.#at = 3;
      this.#remark('json-bom', 'The text starts with a byte order mark', 0);
    }
    this.#space();
    if (this.#at >= bytes.length) throw problem('json-empty', 'There is no JSON value', { at: this.#at });
    const root = this.#value(0);
    this.#space();
    if (this.#at < bytes.length) {
      throw problem('json-trailing', 'Something follows the end of the JSON value', { at: this.#at });
    }
    return { bytes, root, remarks: this.#remarks };
  }

  #remark(code: JsonRemark['code'], message: string, at: number): void {
    if (this.#remarks.length < MAX_REMARKS) this.#remarks.push({ code, message, at });
  }

  #fail(message: string, at = this.#at): Error {
    const where = at >= this.#bytes.length ? 'The JSON text ends too early: ' : '';
    return problem(where === '' ? 'json-syntax' : 'json-truncated', `${where}${message}`, { at });
  }

  #space(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }

  #value(depth: number): JsonNode {
    const { limits } = this.#budget;
    if (depth > limits.depth) {
      throw problem('limit-depth', `Nested deeper than ${limits.depth}`, { at: this.#at });
    }
    if (++this.#nodes > limits.nodes)
      throw problem('limit-nodes', `More than ${limits.nodes} values`, { at: this.#at });
    if ((this.#nodes & 1023) === 0) this.#budget.check();
    const byte = this.#bytes[this.#at];
    switch (byte) {
      case 0x7b:
        return this.#object(depth);
      case 0x5b:
        return this.#array(depth);
      case 0x22: {
        const start = this.#at;
        const text = this.#string();
        return { value: this.#escaped ? strNode(text) : { t: 'str', v: text }, start, end: this.#at };
      }
      case 0x74:
        return this.#literal('true', boolNode(true));
      case 0x66:
        return this.#literal('false', boolNode(false));
      case 0x6e:
        return this.#literal('null', NONE);
      case 0x4e:
        return this.#notNumber('NaN', Number.NaN);
      case 0x49:
        return this.#notNumber('Infinity', Number.POSITIVE_INFINITY);
      default:
        if (byte === 0x2d && this.#bytes[this.#at + 1] === 0x49) return this.#notNumber('-Infinity', -Infinity);
        if (byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39)) return this.#number();
        throw this.#fail('a value was expected');
    }
  }

  #literal(word: string, value: TypedNode): JsonNode {
    const start = this.#at;
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[start + i] !== word.charCodeAt(i)) throw this.#fail(`"${word}" was expected`, start + i);
    }
    this.#at += word.length;
    return { value, start, end: this.#at };
  }

  #notNumber(word: string, value: number): JsonNode {
    const node = this.#literal(word, floatNode(value));
    this.#remark('json-not-a-number', `${word} is written by Python but is not standard JSON`, node.start);
    return node;
  }

  #number(): JsonNode {
    const start = this.#at;
    if (this.#bytes[this.#at] === 0x2d) this.#at++;
    const first = this.#at;
    this.#digits('a digit was expected');
    if (this.#bytes[first] === 0x30 && this.#at > first + 1) throw this.#fail('a number has a leading zero', first);
    const whole = this.#at;
    if (this.#bytes[this.#at] === 0x2e) {
      this.#at++;
      this.#digits('a digit was expected after the point');
    }
    const e = this.#bytes[this.#at];
    if (e === 0x65 || e === 0x45) {
      this.#at++;
      const sign = this.#bytes[this.#at];
      if (sign === 0x2b || sign === 0x2d) this.#at++;
      this.#digits('a digit was expected in the exponent');
    }
    return { value: this.#numberNode(start, whole), start, end: this.#at };
  }

  #numberNode(start: number, whole: number): TypedNode {
    const digits = this.#at - start;
    if (digits > this.#budget.limits.digits) {
      return { t: 'limit', what: 'digits', note: `A number of ${digits} characters` };
    }
    const full = this.#short(start) ?? fromUtf8(this.#bytes.subarray(start, this.#at)) ?? '';
    if (whole === this.#at) return { t: 'int', v: full === '-0' ? '0' : full };
    const value = Number(full);
    return Number.isFinite(value) ? floatNode(value) : { t: 'number', v: full };
  }

  #digits(message: string): void {
    const start = this.#at;
    for (let byte = this.#bytes[this.#at]; byte !== undefined && byte >= 0x30 && byte <= 0x39; ) {
      byte = this.#bytes[++this.#at];
    }
    if (this.#at === start) throw this.#fail(message);
  }

  #string(): string {
    const open = this.#at++;
    const bytes = this.#bytes;
    this.#escaped = false;
    let run = this.#at;
    let text = '';
    for (;;) {
      const byte = bytes[this.#at];
      if (byte === 0x22) break;
      if (byte === undefined) throw this.#fail('a closing quote was expected', bytes.length);
      if (byte < 0x20) throw this.#fail('a control character stands in a string');
      if (byte !== 0x5c) {
        this.#at++;
        continue;
      }
      this.#escaped = true;
      text += this.#raw(run);
      text += this.#escape();
      run = this.#at;
    }
    text += this.#raw(run);
    this.#at++;
    if (this.#escaped && hasLoneSurrogate(text))
      this.#remark('json-lone-surrogate', 'A string holds half of a surrogate pair', open);
    return text;
  }

  #raw(start: number): string {
    if (start === this.#at) return '';
    const short = this.#short(start);
    if (short !== undefined) return short;
    const part = this.#bytes.subarray(start, this.#at);
    const text = fromUtf8(part);
    if (text === undefined) throw this.#fail('a string is not valid UTF-8', start + Math.max(0, utf8Error(part)));
    return text;
  }

  /** Short ASCII text without the cost of a decoder. */
  #short(start: number): string | undefined {
    if (this.#at - start > 24) return undefined;
    let text = '';
    for (let i = start; i < this.#at; i++) {
      const byte = this.#bytes[i] as number;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #escape(): string {
    const start = this.#at;
    const letter = this.#bytes[start + 1];
    this.#at += 2;
    switch (letter) {
      case 0x22:
        return '"';
      case 0x5c:
        return '\\';
      case 0x2f:
        return '/';
      case 0x62:
        return '\b';
      case 0x66:
        return '\f';
      case 0x6e:
        return '\n';
      case 0x72:
        return '\r';
      case 0x74:
        return '\t';
      case 0x75: {
        const digits = String.fromCharCode(...this.#bytes.subarray(this.#at, this.#at + 4));
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#fail('four hex digits were expected', start);
        this.#at += 4;
        return String.fromCharCode(Number.parseInt(digits, 16));
      }
      default:
        throw this.#fail('a string holds an unknown escape', letter === undefined ? this.#bytes.length : start);
    }
  }

  #array(depth: number): JsonNode {
    const start = this.#at++;
    const members: JsonMember[] = [];
    this.#space();
    if (this.#bytes[this.#at] !== 0x5d) {
      for (;;) {
        const node = this.#value(depth + 1);
        members.push({ node, start: node.start, end: node.end });
        if (!this.#comma(0x5d, 'a comma or "]" was expected')) break;
      }
    }
    this.#at++;
    return { value: listNode(members.map((member) => member.node.value)), start, end: this.#at, members };
  }

  #object(depth: number): JsonNode {
    const start = this.#at++;
    const members: JsonMember[] = [];
    const seen = new Set<string>();
    this.#space();
    if (this.#bytes[this.#at] !== 0x7d) {
      for (;;) {
        const from = this.#at;
        if (this.#bytes[from] !== 0x22) throw this.#fail('a key in quotes was expected');
        const text = this.#string();
        const key = { text, start: from, end: this.#at };
        if (seen.has(text)) {
          const name = JSON.stringify(text.slice(0, 60));
          this.#remark('json-duplicate-key', `The key ${name} occurs again; the last one counts`, from);
        }
        seen.add(text);
        this.#space();
        if (this.#bytes[this.#at] !== 0x3a) throw this.#fail('a colon was expected');
        this.#at++;
        this.#space();
        const node = this.#value(depth + 1);
        members.push({ key, node, start: from, end: node.end });
        if (!this.#comma(0x7d, 'a comma or "}" was expected')) break;
      }
    }
    this.#at++;
    const pairs = members.map((member): TypedPair => [strNode(member.key?.text ?? ''), member.node.value]);
    return { value: dictNode(pairs), start, end: this.#at, members };
  }

  /** Reads what follows a member: true after a comma, false before the closing bracket. */
  #comma(close: number, message: string): boolean {
    this.#space();
    const byte = this.#bytes[this.#at];
    if (byte === close) return false;
    if (byte !== 0x2c) throw this.#fail(message);
    this.#at++;
    this.#space();
    return true;
  }
}
