import { problem } from '../../../model/problem.ts';
import { PyFloat, PyTuple, pyDict } from '../../../python/python-values.ts';

const INT = /^[+-]?(?:0|[1-9]\d*|0+)(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:e[+-]?\d+)?$/i;
const NAMED = /^([+-]?)(?:float\(\s*(['"])\s*([+-]?)(inf|infinity|nan)\s*\2\s*\)|(?:math\.)?(inf|nan))$/i;
const PRODUCT = /^\d+(?:\s*\*\s*\d+)+$/;
const MOST_DEPTH = 4;

/**
 * The value of `timeout` as the session core takes it. A text is read as the Python literal that stands in a program:
 * numbers, products (`24 * 60 * 60`), `float('inf')`, quoted text, `None`, `True`, tuples with or without brackets.
 * @throws ProblemError `bad-timeout`
 */
export function pythonTimeout(timeout: number | string): unknown {
  if (typeof timeout === 'number') return timeout;
  const value = read(timeout.trim(), 0);
  if (value !== undefined) return value;
  throw problem('bad-timeout', `${JSON.stringify(timeout)} cannot be read as a timeout`, {
    remedy:
      "Seconds, or what a Python program may say: 24 * 60 * 60, 86400, (with a comma), '3600', None, float('inf').",
  });
}

/** Seconds of a timeout that is a number, in a tuple too where `unwrap` says so; undefined where it is none. */
export function timeoutSeconds(timeout: unknown, unwrap = false): number | undefined {
  if (typeof timeout === 'number' || typeof timeout === 'boolean' || typeof timeout === 'bigint') {
    return Number(timeout);
  }
  if (timeout instanceof PyFloat) return timeout.value;
  return unwrap && Array.isArray(timeout) ? timeoutSeconds(timeout[0]) : undefined;
}

function read(text: string, depth: number): unknown {
  if (depth > MOST_DEPTH) return undefined;
  if (text === 'None') return null;
  if (text === 'True' || text === 'False') return text === 'True';
  if (INT.test(text)) {
    const whole = BigInt(text.replaceAll('_', '').replace(/^\+/, ''));
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  }
  if (FLOAT.test(text)) return new PyFloat(Number(text));
  const named = NAMED.exec(text);
  if (named !== null) return new PyFloat(namedFloat(named));
  if (PRODUCT.test(text)) return text.split('*').reduce((product, factor) => product * Number(factor), 1);
  const quoted = /^(['"])([^'"\\\n]*)\1$/.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === '()') return PyTuple.make([]);
  if (text === '[]') return [];
  if (text === '{}') return pyDict([]);
  const listed = /^\[([^\]]*)\]$/.exec(text);
  if (listed !== null) return items(listed[1] ?? '', depth);
  const bracketed = /^\((.*)\)$/.exec(text);
  const inner = bracketed === null ? text : (bracketed[1] ?? '').trim();
  if (inner.includes(',')) {
    const found = items(inner, depth);
    return found === undefined ? undefined : PyTuple.make(found);
  }
  return bracketed === null ? undefined : read(inner, depth + 1);
}

function items(text: string, depth: number): unknown[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const values = parts.map((part) => read(part, depth + 1));
  return values.includes(undefined) ? undefined : values;
}

function namedFloat([, outer = '', , inner = '', quoted, bare = '']: RegExpExecArray): number {
  if (/nan/i.test(quoted ?? bare)) return Number.NaN;
  const negative = (outer === '-') !== (inner === '-');
  return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
