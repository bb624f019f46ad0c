import { applyEdits, decode } from '../codec/codec.ts';
import { floatOfHex, intNode, strNode } from '../codec/nodes.ts';
import { getAt } from '../codec/path.ts';
import type { Path } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';
import type { ClockName, InsideClock } from '../stores/layout.ts';

const AS = { as: ['json'] };

/** A clock in a record of JSON: an ISO text or a number of milliseconds under these keys. */
export function jsonClock(clock: ClockName, keys: readonly string[], form: 'iso' | 'milliseconds'): InsideClock {
  const path: Path = keys.map((key) => ({ kind: 'key', key: strNode(key) }));
  return {
    clock,
    where: `${keys.join('.')} inside the data`,
    read(bytes) {
      try {
        const root = decode(bytes, AS).value;
        return root === null ? null : momentOf(getAt(root, path), form);
      } catch {
        return null;
      }
    },
    write(bytes, ms) {
      const value = form === 'iso' ? strNode(new Date(ms).toISOString()) : intNode(Math.round(ms));
      return applyEdits(bytes, [{ op: 'set', path, value }], AS);
    },
  };
}

function momentOf(node: TypedNode | undefined, form: 'iso' | 'milliseconds'): number | null {
  if (node === undefined) return null;
  if (form === 'iso') {
    const ms = node.t === 'str' ? Date.parse(node.v) : Number.NaN;
    return Number.isNaN(ms) ? null : ms;
  }
  if (node.t === 'int') return Number(node.v);
  return node.t === 'float' ? floatOfHex(node.hex) : null;
}
