import type { Facts } from './facts.ts';
import type { Loss } from './loss.ts';

/**
 * `certain`: the evidence leaves nothing else; `likely`: it fits, and one thing that would settle it was not seen;
 * `possible`: nothing speaks against it, and little for it.
 */
export type Certainty = 'certain' | 'likely' | 'possible';

/** One piece of the chain, referring to where it can be looked at. */
export interface Evidence {
  readonly flowId?: string;
  readonly at?: number;
  /** One sentence: what is seen there. */
  readonly text: string;
  /** The header line itself, where it is one. */
  readonly line?: string;
}

export interface Explanation {
  readonly certainty: Certainty;
  /** The answer as one sentence for a user. */
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  /** What speaks against it. */
  readonly against?: readonly string[];
  /** What was not seen and would settle it. */
  readonly missing?: readonly string[];
}

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
  /** Undefined: the facts do not fit. */
  explain(facts: Facts, loss: Loss): Explanation | undefined;
}
