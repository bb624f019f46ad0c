import { concat } from '../../codec/bytes.ts';
import { applyEdits, decode } from '../../codec/codec.ts';
import type { BytesDecoded, Facts, Layer, LayerContext, LayerDecoded } from '../../codec/layer.ts';
import { marshalItem, marshalMember } from '../../codec/layers/members.ts';
import { floatNode, floatOfHex, strNode } from '../../codec/nodes.ts';
import { getAt } from '../../codec/path.ts';
import { inflated } from '../../codec/signed/compression.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { momentText } from '../../model/moment-text.ts';
import type { Path } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { isMoment } from '../../stores/inside-clocks.ts';
import type { InsideClock } from '../../stores/layout.ts';

/*
 * Entries of Rails.cache, in which `session_store :cache_store` keeps sessions. Three forms, by `config.load_defaults`:
 * up to 6.1 a Marshal of the entry; 7.0 a mark, then a Marshal of the list value, end, version; from 7.1 a binary head,
 * then the value.
 */

/** Marshal 4.8 of an object of this class. */
const ENTRY = Buffer.from('\x04\x08o: ActiveSupport::Cache::Entry', 'latin1');
const MARSHAL = [4, 8] as const;
/** 7.1: signature (2), type (1), end as a double (8), length of the version (4), version. */
const SIGNATURE = [0, 0x11] as const;
const END_AT = 3;
const VERSION_AT = 15;
const OBJECT = 1;
const COMPRESSED = 0x80;

type Form = '6.1' | '7.0' | '7.1';

function formOf(bytes: Uint8Array): Form | undefined {
  if (ENTRY.every((byte, at) => bytes[at] === byte)) return '6.1';
  if (bytes[0] === SIGNATURE[0] && bytes[1] === SIGNATURE[1]) return bytes.length > VERSION_AT ? '7.1' : undefined;
  const isMarshal = bytes[1] === MARSHAL[0] && bytes[2] === MARSHAL[1] && bytes[3] === 0x5b;
  const isZlib = bytes[1] === 0x78 && ((0x78 << 8) | (bytes[2] ?? 0)) % 31 === 0;
  return (bytes[0] === 0 && isMarshal) || (bytes[0] === 1 && isZlib) ? '7.0' : undefined;
}

export const railsCache: Layer = {
  id: 'rails-cache',
  title: 'Entry of Rails.cache',
  recognise(bytes) {
    const form = formOf(bytes);
    if (form === undefined) return undefined;
    return { score: form === '6.1' ? 0.98 : 0.7, reasons: [`Begins as Rails ${form} writes an entry of its cache`] };
  },
  decode(bytes, context): LayerDecoded {
    const form = formOf(bytes);
    if (form === undefined) throw problem('layer-form', 'This is no entry of Rails.cache', { at: 0 });
    const facts: Facts = { form: `Rails ${form}`, expires: endText(railsCacheEnd.read(bytes)) };
    if (form === '6.1') return { ...entry61(bytes, context), facts };
    return { ...(form === '7.0' ? entry70(bytes, context) : entry71(bytes, context)), facts };
  },
  make: NEVER_NEW,
};

/** The value is a part of the object, or a compressed Marshal in a text of it. */
function entry61(bytes: Uint8Array, context: LayerContext): LayerDecoded {
  const compressed = numberAt(bytes, ['marshal'], [key('compressed')]) !== undefined;
  const part = compressed ? marshalMember : marshalItem;
  return part.decode(bytes, { ...context, argument: 'value' });
}

function entry70(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const mark = bytes.slice(0, 1);
  const rest = bytes.subarray(1);
  const inside = ['marshal-item:[0]'];
  if (mark[0] === 1) {
    const packed = inflated(rest, context);
    return { ...packed, inside, encode: (next) => concat([mark, packed.encode(next)]) };
  }
  return wrapped(mark, rest, inside);
}

function entry71(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const type = bytes[2] ?? 0;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(END_AT + 8, true);
  const from = VERSION_AT + Math.max(0, length);
  if (from > bytes.length) throw problem('layer-form', 'The version of the entry is cut off', { at: END_AT + 8 });
  const head = bytes.slice(0, from);
  const rest = bytes.subarray(from);
  const inside = (type & ~COMPRESSED) === OBJECT ? ['marshal'] : ['text'];
  if ((type & COMPRESSED) === 0) return wrapped(head, rest, inside);
  const packed = inflated(rest, context);
  return { ...packed, inside, encode: (next) => concat([head, packed.encode(next)]) };
}

function wrapped(head: Uint8Array, rest: Uint8Array, inside: readonly string[]): BytesDecoded {
  return {
    kind: 'bytes',
    bytes: rest,
    proven: false,
    warnings: [],
    facts: {},
    lossless: true,
    inside,
    encode: (next) => concat([head, next]),
    outerSpan: ({ start, end }) => ({ start: start + head.length, end: end + head.length }),
  };
}

/** The end of an entry; Rails compares it at each reading. An entry without `expire_after` has none. */
export const railsCacheEnd: InsideClock = {
  clock: 'expires',
  where: 'the end inside the cache entry',
  read(bytes) {
    try {
      const ms = Math.round((endOf(bytes) ?? Number.NaN) * 1000);
      return isMoment(ms) ? ms : null;
    } catch {
      return null;
    }
  },
  write(bytes, ms) {
    const end = endOf(bytes);
    if (end === undefined || !isMoment(end * 1000)) return bytes;
    // Moved by whole milliseconds, so that what is moved back is what it was, fractions included.
    const by = (ms - Math.round(end * 1000)) / 1000;
    const seconds = moved(end, by);
    switch (formOf(bytes)) {
      case '6.1': {
        const value = floatNode(moved(numberAt(bytes, ['marshal'], [key('expires_in')]) ?? 0, by));
        return applyEdits(bytes, [{ op: 'set', path: [key('expires_in')], value }], { as: ['marshal'] });
      }
      case '7.0': {
        const made = applyEdits(bytes.subarray(1), [{ op: 'set', path: [SECOND], value: floatNode(seconds) }], {
          as: layers70(bytes),
        });
        return concat([bytes.slice(0, 1), made]);
      }
      case '7.1': {
        const made = Uint8Array.from(bytes);
        new DataView(made.buffer).setFloat64(END_AT, seconds, true);
        return made;
      }
      case undefined:
        return bytes;
    }
  },
};

/** Clocks are written with microseconds at most; what adding leaves behind them is noise. */
function moved(seconds: number, by: number): number {
  const sum = Math.round((seconds + by) * 1e6) / 1e6;
  return Math.abs(sum - (seconds + by)) < 1e-6 && Math.round(seconds * 1e6) / 1e6 === seconds ? sum : seconds + by;
}

const SECOND = { kind: 'index', index: 1 } as const;

function key(name: string): Path[number] {
  return { kind: 'key', key: strNode(name) };
}

function layers70(bytes: Uint8Array): string[] {
  return bytes[0] === 1 ? ['zlib', 'marshal'] : ['marshal'];
}

/** Seconds since 1970; undefined: it does not end. */
function endOf(bytes: Uint8Array): number | undefined {
  switch (formOf(bytes)) {
    case '6.1': {
      const created = numberAt(bytes, ['marshal'], [key('created_at')]);
      const life = numberAt(bytes, ['marshal'], [key('expires_in')]);
      return created === undefined || life === undefined ? undefined : created + life;
    }
    case '7.0':
      return numberAt(bytes.subarray(1), layers70(bytes), [SECOND]);
    case '7.1': {
      const end = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(END_AT, true);
      return end < 0 ? undefined : end;
    }
    case undefined:
      return undefined;
  }
}

/** A number (true counts as 1) at a place of a value; undefined where there is none. */
function numberAt(bytes: Uint8Array, as: readonly string[], path: Path): number | undefined {
  const root = decode(bytes, { as }).value;
  const node: TypedNode | undefined = root === null ? undefined : getAt(root, path);
  if (node?.t === 'float') return floatOfHex(node.hex);
  if (node?.t === 'int') return Number(node.v);
  return node?.t === 'bool' && node.v ? 1 : undefined;
}

function endText(ms: number | null): string {
  return ms === null ? 'never' : momentText(ms);
}
