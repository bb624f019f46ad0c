import * as z from 'zod/mini';

/* Shapes that many operations share. */

// The evaluator that zod would build at run time is forbidden by the window's content security policy.
z.config({ jitless: true });

export const text = z.string().check(z.maxLength(65_536));
export const shortText = z.string().check(z.maxLength(4_096));
export const count = z.int().check(z.nonnegative());

/** A request without parameters. */
export const nothing = z.strictObject({});
/** A reply that says only that it was done. */
export const done = z.object({});

/** A reply whose shape TypeScript knows on both sides; on receipt it must at least be an object. */
export const object = <T>() => z.custom<T>(isRecord, 'an object');
export const listOf = <T>() =>
  z.custom<readonly T[]>((value) => Array.isArray(value) && value.every(isRecord), 'a list of objects');

/** Where a record is: the attached store and the record's id in it. */
export const recordAddress = { storeId: shortText, id: shortText } as const;
/** The reply of an edit that `edit.undo` takes back. */
export const edited = z.object({ editId: z.string() });

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
