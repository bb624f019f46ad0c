import type { NamedCause } from '../model/diagnosis.ts';
import type { Facts } from './facts.ts';
import type { Loss } from './loss.ts';

/** What a cause says of one loss. */
export type Explanation = Omit<NamedCause, 'id' | 'title' | 'why' | 'remedy' | 'nothingLost'>;

/** One reason why sessions end: a file of `causes/` and a line of `causes.ts`. Pure, without I/O. */
export interface Cause {
  /** In kebab-case; also the key of its remedy in a framework's advice. */
  readonly id: string;
  readonly title: string;
  /** Why it happens, in general. */
  readonly why: string;
  /** How to tell it from its neighbours. */
  readonly tell: string;
  /** How to mend it where no framework's own advice is known. */
  readonly remedy: string;
  /** The session goes on, or ended as it should: no loss is noted. */
  readonly nothingLost?: true;
  /** Undefined: the facts do not fit. */
  explain(facts: Facts, loss: Loss): Explanation | undefined;
}
