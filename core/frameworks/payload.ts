import { FRAMEWORKS } from './catalog.ts';

/** The keys by which frameworks and applications name users, and those of their housekeeping, of all together. */
export const PAYLOAD_KEYS = {
  /** Words that applications use go before the frameworks' own keys, which often hold a number only. */
  user: [...new Set(FRAMEWORKS.toReversed().flatMap(({ payload }) => payload?.user ?? []))],
  label: [...new Set(FRAMEWORKS.flatMap(({ payload }) => payload?.label ?? []))],
  own: [...new Set(FRAMEWORKS.flatMap(({ payload }) => payload?.own ?? []))],
  address: [...new Set(FRAMEWORKS.flatMap(({ payload }) => payload?.address ?? []))],
} as const;
