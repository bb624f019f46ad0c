import { children } from '../codec/path.ts';
import type { TypedNode } from '../model/typed.ts';
import { FRAMEWORKS } from './catalog.ts';
import type { Framework } from './framework.ts';

/** The keys by which frameworks and applications name users, and those of their housekeeping, of all together. */
export const PAYLOAD_KEYS = {
  /** Words that applications use go before the frameworks' own keys, which often hold a number only. */
  user: [...new Set(FRAMEWORKS.toReversed().flatMap(({ payload }) => payload?.user ?? []))],
  label: [...new Set(FRAMEWORKS.flatMap(({ payload }) => payload?.label ?? []))],
  own: [...new Set(FRAMEWORKS.flatMap(({ payload }) => payload?.own ?? []))],
  address: [...new Set(FRAMEWORKS.flatMap(({ payload }) => payload?.address ?? []))],
} as const;

/** The framework whose own keys stand at the top of a session's data; undefined when no one's do. */
export function frameworkOfData(value: TypedNode | null): Framework | undefined {
  if (value === null) return undefined;
  const keys = new Set<string>();
  for (const [step] of children(value)) if (step.kind === 'key' && step.key.t === 'str') keys.add(step.key.v);
  return FRAMEWORKS.find(({ payload }) => payload?.signs?.some((all) => all.every((key) => keys.has(key))) === true);
}
