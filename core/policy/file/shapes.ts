import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { nearest } from '../../model/nearest.ts';

/** Between what is wrong and what to do about it, in the messages of the schema. */
export const REMEDY = '\u0000';

/** A group of keys in which an unknown key is a mistake; the message names the key that was meant, or all there are. */
export function table<T extends z.core.$ZodLooseShape>(
  shape: T,
  what = 'a group of keys',
): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownName('key', key, known)).join('\n');
      return issue.code === 'invalid_type' ? wrongType(issue.input, what) : undefined;
    },
  });
}

/** `There is no key ignore_expire here. Did you mean ignore_expiry?` */
function unknownName(kind: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const list = `There are: ${known.join(', ')}`;
  return `There is no ${kind} ${shown(name)} here${REMEDY}${near === undefined ? list : `Did you mean ${near}?`}`;
}

/** One of some words. */
export function word<const T extends readonly string[]>(words: T, kind: string): z.ZodType<T[number], string> {
  return z.enum(words as readonly string[] as [string, ...string[]], {
    error: ({ input }) => {
      if (typeof input !== 'string') return wrongType(input, `one of ${words.join(', ')}`);
      const near = nearest(input, words);
      return `There is no ${kind} ${shown(input)}${REMEDY}${near === undefined ? `There are: ${words.join(', ')}` : `Did you mean ${near}?`}`;
    },
  }) as unknown as z.ZodType<T[number], string>;
}

/** Text of at least one character. */
export function text(what: string): z.ZodString {
  return z
    .string({ error: ({ input }) => wrongType(input, what) })
    .min(1, { error: `This is empty${REMEDY}Give ${what}` });
}

export function yesOrNo(): z.ZodBoolean {
  return z.boolean({ error: ({ input }) => wrongType(input, 'true or false') });
}

/** Seconds, or `25h`, `30m`, `1d 12h`. */
export function seconds(): z.ZodType<number, number | string> {
  return z
    .union([z.number(), z.string()], { error: ({ input }) => wrongType(input, 'a time') })
    .transform((given, context) => {
      const found = typeof given === 'number' ? given : parseDuration(given);
      if (found !== undefined && found >= 0 && Number.isFinite(found)) return found;
      context.addIssue({
        code: 'custom',
        message: `${shown(given)} is no time${REMEDY}Give seconds, or a number with w, d, h, m or s: 25h, 30m, 1h 30m`,
      });
      return z.NEVER;
    });
}

/** One value or a list of them, as a list without repeats. */
export function oneOrMany<T, I>(one: z.ZodType<T, I>, most = 200): z.ZodType<readonly T[], I | I[]> {
  const list = z
    .array(one)
    .min(1, { error: `This list is empty${REMEDY}Give at least one value, or leave the key out` })
    .max(most, { error: `This list has more than ${most} values${REMEDY}Give fewer` });
  return z.union([one, list]).transform((given) => [...new Set(Array.isArray(given) ? (given as T[]) : [given as T])]);
}

/** `This should be a text, and is a number`, or that it is missing. */
export function wrongType(input: unknown, what: string): string {
  return input === undefined ? `This is missing${REMEDY}Give ${what}` : `This is ${kindOf(input)}${REMEDY}Give ${what}`;
}

export function shown(value: unknown): string {
  const plain = typeof value === 'string' ? value : String(value);
  return JSON.stringify(plain.length > 60 ? `${plain.slice(0, 60)}…` : plain);
}

function kindOf(input: unknown): string {
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of keys';
  if (typeof input === 'string') return `the text ${shown(input)}`;
  return typeof input === 'boolean' ? `${input}, which is neither text nor number` : `the number ${String(input)}`;
}
