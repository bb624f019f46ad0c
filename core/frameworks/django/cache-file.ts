import { concat } from '../../codec/bytes.ts';
import { applyEdits } from '../../codec/codec.ts';
import type { BytesDecoded, Layer } from '../../codec/layer.ts';
import { floatNode } from '../../codec/nodes.ts';
import { decodePickle } from '../../codec/pickle/pickle.ts';
import { deflated, inflated } from '../../codec/signed/compression.ts';
import { problem } from '../../model/problem.ts';
import type { InsideClock } from '../../stores/layout.ts';

/** The first pickle holds one number: it is never longer than this. */
const HEAD = 40;

/** Files of Django's cache (`*.djcache`): a pickle of the expiry, then a compressed pickle of the session. */
export const djangoCache: Layer = {
  id: 'django-cache',
  title: "File of Django's cache",
  recognise(bytes) {
    if (bytes[0] !== 0x80 || split(bytes) === undefined) return undefined;
    return { score: 0.96, reasons: ['A pickle of a date, then a zlib stream'] };
  },
  decode(bytes, context): BytesDecoded {
    const found = split(bytes);
    if (found === undefined) throw problem('layer-form', 'This is not an expiry and a compressed pickle', { at: 0 });
    const packed = inflated(bytes.subarray(found.end), context);
    const head = bytes.slice(0, found.end);
    return {
      ...packed,
      facts: { ...packed.facts, expires: found.expires },
      inside: ['pickle'],
      encode: (next) => concat([head, packed.encode(next)]),
    };
  },
  make: { kind: 'bytes', wrap: (inner) => concat([Uint8Array.of(0x80, 4, 0x4e, 0x2e), deflated(inner)]) },
};

/** The end in the first pickle; Django compares it at each reading. None stands for never. */
export const djangoCacheEnd: InsideClock = {
  clock: 'expires',
  where: 'the end before the compressed data',
  read(bytes) {
    const ms = Date.parse(split(bytes)?.expires ?? '');
    return Number.isNaN(ms) ? null : ms;
  },
  write(bytes, ms) {
    const found = split(bytes);
    if (found === undefined || found.expires === NEVER) return bytes;
    const head = applyEdits(bytes.subarray(0, found.end), [{ op: 'set', path: [], value: floatNode(ms / 1000) }], {
      as: ['pickle'],
    });
    return concat([head, bytes.subarray(found.end)]);
  },
};

const NEVER = 'never';

function split(bytes: Uint8Array): { end: number; expires: string } | undefined {
  for (let end = bytes.indexOf(0x2e); end >= 0 && end < HEAD; end = bytes.indexOf(0x2e, end + 1)) {
    const at = end + 1;
    if (bytes[at] !== 0x78 || (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) % 31 !== 0) continue;
    const expires = expiryOf(bytes.subarray(0, at));
    if (expires !== undefined) return { end: at, expires };
  }
  return undefined;
}

function expiryOf(head: Uint8Array): string | undefined {
  try {
    const { value } = decodePickle(head);
    if (value.t === 'none') return NEVER;
    if (value.t !== 'float' && value.t !== 'int') return undefined;
    const date = new Date(Number(value.v) * 1000);
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  } catch {
    return undefined;
  }
}
