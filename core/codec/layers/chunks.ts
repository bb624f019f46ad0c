import { problem } from '../../model/problem.ts';
import { concat, fromLatin1, latin1 } from '../bytes.ts';
import type { BytesDecoded, Companions, Layer, LayerContext } from '../layer.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { envelope } from '../signed/parts.ts';

/**
 * One value spread over several cookies (`NAME.0`, `NAME.1` …): the first is the value here, the others its companions.
 * An edit spreads the new value over as many as it needs.
 */
export const chunks: Layer = {
  id: 'chunks',
  title: 'One value in several cookies',
  recognise(_bytes, context) {
    if (context.outer.length > 0) return undefined;
    const rest = restOf(context);
    if (rest === undefined || rest.length === 0) return undefined;
    return { score: 0.995, reasons: [`${rest.length + 1} cookies whose names end with .0, .1 and so on`] };
  },
  decode,
  make: NEVER_NEW,
};

interface Chunk {
  readonly name: string;
  readonly value: string;
}

/** The second chunk and those after it, in order; undefined when the cookie is not a first chunk. */
function restOf({ name, companions }: LayerContext): Chunk[] | undefined {
  if (name?.endsWith('.0') !== true) return undefined;
  const base = name.slice(0, -1);
  const rest: Chunk[] = [];
  for (let i = 1; i < 100; i++) {
    const value = companions[`${base}${i}`];
    if (value === undefined) break;
    rest.push({ name: `${base}${i}`, value });
  }
  return rest;
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const rest = restOf(context);
  const { name = '' } = context;
  if (rest === undefined) {
    throw problem('companion-missing', 'The cookie is not the first of several: its name does not end with .0', {
      at: 0,
    });
  }
  const whole = concat([bytes, ...rest.map(({ value }) => latin1(value))]);
  const size = rest.length === 0 ? 3_900 : bytes.length;
  // `encode` gives the first chunk; the others are told with it.
  let made = whole;
  return {
    ...envelope({
      outer: bytes,
      inner: whole,
      facts: { cookies: rest.length + 1, size },
      build(next) {
        made = next;
        return next.subarray(0, size);
      },
    }),
    companions(): Companions {
      if (made === whole) return {};
      const base = name.slice(0, -1);
      const count = Math.max(1, Math.ceil(made.length / size));
      const changed: Record<string, string | null> = {};
      for (let i = 1; i < Math.max(count, rest.length + 1); i++) {
        changed[`${base}${i}`] = i < count ? fromLatin1(made.subarray(i * size, (i + 1) * size)) : null;
      }
      return changed;
    },
  };
}
