import type { FloatNode, TypedNode } from '../../model/typed.ts';
import { floatNode, floatNodeOfHex } from '../nodes.ts';
import { decimalText } from './decimal-text.ts';
import { KNOWN } from './known.ts';
import { dateOfState, datetimeOfState, momentOfFields, timeOfState } from './moments.ts';

/** What a call of a well-known type would give; a string is `Exception: message` of CPython's refusal. */
export type CalledValue = TypedNode | string;

const NONE: TypedNode = { t: 'none' };

/** The value of a well-known call, from the number of the callable and its arguments as typed nodes. */
export function calledValue(known: number, args: readonly TypedNode[]): CalledValue {
  const [first, second] = args;
  switch (known) {
    case KNOWN.datetime:
    case KNOWN.date:
    case KNOWN.time:
      return moment(known === KNOWN.datetime ? 'datetime' : known === KNOWN.date ? 'date' : 'time', args);
    case KNOWN.timedelta:
      return timedelta(args);
    case KNOWN.timezone: {
      if (first?.t !== 'timedelta' || args.length > 2)
        return 'TypeError: timezone() argument 1 must be datetime.timedelta';
      const offset = (first.days * 86400 + first.seconds) * 1e6 + first.microseconds;
      if (Math.abs(offset) >= 86400e6)
        return 'ValueError: offset must be a timedelta strictly between -24 and 24 hours';
      if (second === undefined) return { t: 'timezone', offset_us: offset };
      return second.t === 'str'
        ? { t: 'timezone', offset_us: offset, name: second.v }
        : 'TypeError: timezone() argument 2 must be str';
    }
    case KNOWN.Decimal: {
      const text = first?.t === 'str' ? first.v : first?.t === 'int' ? first.v : undefined;
      const value = text === undefined || args.length > 1 ? undefined : decimalText(text);
      if (first === undefined || text === undefined) return 'TypeError: no valid argument of Decimal';
      return value === undefined ? 'InvalidOperation: no valid argument of Decimal' : { t: 'decimal', v: value };
    }
    case KNOWN.Fraction:
      return fraction(args);
    case KNOWN.complex: {
      const re = numberOf(first);
      const im = second === undefined ? 0 : numberOf(second);
      if (re === undefined || im === undefined || args.length > 2) return 'TypeError: no valid arguments of complex';
      return { t: 'complex', re: floatPart(first, re), im: floatPart(second, im) };
    }
    case KNOWN.range: {
      const [a, b, c] = args.map((arg) => (arg.t === 'int' ? arg.v : undefined));
      if (args.length === 0 || args.length > 3 || args.some((arg) => arg.t !== 'int'))
        return 'TypeError: range() takes integers';
      if (c === '0') return 'ValueError: range() arg 3 must not be zero';
      if (b === undefined) return { t: 'range', start: '0', stop: a as string, step: '1' };
      return { t: 'range', start: a as string, stop: b, step: c ?? '1' };
    }
    default:
      if (first?.t !== 'str' || args.length > 2) return 'TypeError: no valid arguments of ZoneInfo._unpickle';
      return { t: 'zoneinfo', key: first.v };
  }
}

function moment(t: 'datetime' | 'date' | 'time', args: readonly TypedNode[]): CalledValue {
  const state = args[0] === undefined ? undefined : stateBytes(args[0]);
  const limit = t === 'date' ? 1 : 2;
  if (state !== undefined && args.length <= limit) {
    const tz = args[1] ?? NONE;
    const made =
      t === 'datetime' ? datetimeOfState(state, tz) : t === 'date' ? dateOfState(state) : timeOfState(state, tz);
    return made ?? `TypeError: an integer is required for ${t}`;
  }
  const numbers = args.slice(0, t === 'time' ? 4 : t === 'date' ? 3 : 7);
  const fields = numbers.map((arg) => (arg.t === 'int' ? Number(arg.v) : Number.NaN));
  const tz = t === 'date' ? NONE : (args[numbers.length] ?? NONE);
  if (fields.some(Number.isNaN) || args.length > numbers.length + 1)
    return `TypeError: an integer is required for ${t}`;
  return momentOfFields(t, fields, tz) ?? `ValueError: a field of the ${t} is out of range`;
}

/** Bytes in the pickled state of a date, a time and a datetime. */
const STATE_SIZES = new Set([4, 6, 10]);

function stateBytes(node: TypedNode): Uint8Array | undefined {
  if (node.t === 'bytes') return Uint8Array.from(atob(node.b64), (unit) => unit.charCodeAt(0));
  if (node.t !== 'str') return undefined;
  // A state of Python 2 whose bytes happen to be valid UTF-8 was read as text: its length tells.
  if (!STATE_SIZES.has(node.v.length)) return new TextEncoder().encode(node.v);
  return /[^\0-\xff]/.test(node.v) ? undefined : Uint8Array.from(node.v, (unit) => unit.charCodeAt(0));
}

function timedelta(args: readonly TypedNode[]): CalledValue {
  if (args.length > 3 || args.some((arg) => arg.t !== 'int')) return 'TypeError: no valid arguments of timedelta';
  const [days = 0n, seconds = 0n, micros = 0n] = args.map((arg) =>
    arg.t === 'int' && arg.v.length < 40 ? BigInt(arg.v) : 10n ** 40n,
  );
  const total = (days * 86400n + seconds) * 1000000n + micros;
  const day = 86400000000n;
  const whole = total >= 0n ? total / day : -((-total + day - 1n) / day);
  if (whole > 999999999n || whole < -999999999n)
    return `OverflowError: days=${whole}; must have magnitude <= 999999999`;
  const rest = Number(total - whole * day);
  return { t: 'timedelta', days: Number(whole), seconds: Math.floor(rest / 1e6), microseconds: rest % 1e6 };
}

function fraction(args: readonly TypedNode[]): CalledValue {
  const [first, second] = args;
  let parts: RegExpExecArray | null = null;
  if (first?.t === 'str' && args.length === 1) parts = /^\s*([+-]?\d{1,9000})(?:\/(\d{1,9000}))?\s*$/.exec(first.v);
  else if (first?.t === 'int' && (second === undefined || second.t === 'int') && args.length < 3) {
    parts = /^(-?\d{1,9000})\/(-?\d{1,9000})$/.exec(`${first.v}/${second?.t === 'int' ? second.v : 1}`);
  }
  if (parts === null) return 'ValueError: no valid arguments of Fraction';
  let num = BigInt(parts[1] as string);
  let den = BigInt(parts[2] ?? '1');
  if (den === 0n) return `ZeroDivisionError: Fraction(${num}, 0)`;
  let [a, b] = [num < 0n ? -num : num, den < 0n ? -den : den];
  while (b !== 0n) [a, b] = [b, a % b];
  if (den < 0n) a = -a;
  num /= a;
  den /= a;
  return { t: 'fraction', num: String(num), den: String(den) };
}

function numberOf(node: TypedNode | undefined): number | undefined {
  if (node?.t === 'float') return Number(node.v === 'inf' ? Infinity : node.v === '-inf' ? -Infinity : node.v);
  if (node?.t === 'int') return Number(node.v);
  return node?.t === 'bool' ? Number(node.v) : undefined;
}

function floatPart(node: TypedNode | undefined, value: number): FloatNode {
  return node?.t === 'float' ? floatNodeOfHex(node.hex) : floatNode(value);
}
