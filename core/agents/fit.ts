import { OUTSIDE_NOTE } from './boundary.ts';
import type { Answer } from './tool.ts';

/** Tokens of an answer unless more is asked for. */
export const USUAL_TOKENS = 2_000;
export const MOST_TOKENS = 20_000;
/** Characters of JSON for a token at the least: prose has four or more, ids and JSON about three. */
const CHARS_PER_TOKEN = 3;

/** How long texts and lists may be, from generous to what fits nearly anywhere. */
const STEPS: readonly (readonly [text: number, list: number])[] = [
  [4_000, 200],
  [2_000, 100],
  [1_000, 50],
  [500, 30],
  [250, 20],
  [120, 10],
  [60, 5],
  [30, 2],
];

/**
 * The answer as one JSON document of at most so many tokens. Items of a page are left out from the end, with the offset
 * at which to go on; long texts and lists are cut, and say by how much.
 */
export function fitted(answer: Answer, tokens = USUAL_TOKENS): Record<string, unknown> {
  const most = tokens * CHARS_PER_TOKEN;
  for (const [text, list] of STEPS) {
    const cut = (value: unknown): unknown => shortened(value, text, list);
    const base = {
      ...(cut(answer.said) as Record<string, unknown>),
      ...(answer.outside === undefined && answer.page === undefined
        ? {}
        : { outside: { note: OUTSIDE_NOTE, ...(cut(answer.outside ?? {}) as Record<string, unknown>) } }),
    };
    if (answer.page === undefined) {
      if (sizeOf(base) <= most) return base;
      continue;
    }
    const paged = withPage(base, answer.page, cut, most);
    if (paged !== undefined) return paged;
  }
  return { note: `The answer does not fit into ${tokens} tokens: pass a larger max_tokens, or ask for less.` };
}

function withPage(
  base: Record<string, unknown>,
  { items, offset, total }: NonNullable<Answer['page']>,
  cut: (value: unknown) => unknown,
  most: number,
): Record<string, unknown> | undefined {
  const outside = base['outside'] as Record<string, unknown>;
  const taken: unknown[] = [];
  const made = () => {
    const next = offset + taken.length;
    return {
      ...base,
      total,
      ...(next < total ? { next_offset: next } : {}),
      outside: { ...outside, items: taken },
    };
  };
  let size = sizeOf({ ...made(), next_offset: total });
  if (size > most) return undefined;
  for (const item of items) {
    const short = cut(item);
    size += sizeOf(short) + 1;
    if (size > most) break;
    taken.push(short);
  }
  // An empty page would never end.
  return taken.length === 0 && items.length > 0 ? undefined : made();
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

function shortened(value: unknown, text: number, list: number): unknown {
  if (typeof value === 'string') {
    return value.length <= text ? value : `${value.slice(0, text)}… (${value.length - text} more characters)`;
  }
  if (Array.isArray(value)) {
    const kept = value.slice(0, list).map((one) => shortened(one, text, list));
    return value.length <= list ? kept : [...kept, `… ${value.length - list} more`];
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const kept = entries.slice(0, list).map(([name, one]) => [name.slice(0, 200), shortened(one, text, list)]);
  return {
    ...Object.fromEntries(kept),
    ...(entries.length <= list ? {} : { '…': `${entries.length - list} more` }),
  };
}
