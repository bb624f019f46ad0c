import * as z from 'zod/mini';
import type { Edit } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';

// The evaluator that zod would build at run time is forbidden by the window's content security policy.
z.config({ jitless: true });

const shortText = z.string().check(z.maxLength(4_096));
const count = z.int().check(z.nonnegative());

/** A typed node: checked to the bottom by what uses it; here only that it is one. */
const typedNode = z.custom<TypedNode>(
  (value) => typeof value === 'object' && value !== null && 't' in value && typeof value.t === 'string',
  'a typed value',
);

const pathStep = z.union([
  z.strictObject({ kind: z.literal('key'), key: typedNode }),
  z.strictObject({ kind: z.literal('index'), index: count }),
  z.strictObject({ kind: z.literal('part'), part: shortText }),
]);

/** A place in a value. */
export const path = z.array(pathStep).check(z.maxLength(1_000));

/** One change of a value. */
export const edit = z.union([
  z.strictObject({
    op: z.literal('set'),
    path,
    value: typedNode,
    occurrences: z.exactOptional(z.enum(['this', 'all'])),
  }),
  z.strictObject({ op: z.literal('insert'), path, value: typedNode }),
  z.strictObject({ op: z.literal('delete'), path }),
  z.strictObject({ op: z.literal('rename'), path, key: typedNode }),
  z.strictObject({ op: z.literal('move'), path, to: count }),
]) satisfies z.ZodMiniType<Edit>;

/** Layers by name, outermost first: `base64`, `pickle:latin1`. */
export const layerNames = z.array(z.string().check(z.minLength(1), z.maxLength(100))).check(z.maxLength(20));

/** Bytes as text (each character one byte, as in a header) or in base64. */
export const givenBytes = z.union([
  z.strictObject({ text: z.string().check(z.maxLength(1_000_000)) }),
  z.strictObject({ base64: z.string().check(z.maxLength(8_000_000)) }),
]);
