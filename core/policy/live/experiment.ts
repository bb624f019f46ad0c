import type { Verdict } from '../../model/app.ts';
import type { ExperimentMeta, ExperimentOutcome } from '../../model/lab.ts';
import type { LabContext } from './context.ts';
import type { Proof } from './proof.ts';

/** What an experiment finds; the runner adds its id and the time it took, and the evidence from the context. */
export type Finding = {
  /** One plain sentence. */
  readonly sentence: string;
  readonly measured?: NonNullable<ExperimentOutcome['measured']>;
} & (
  | { readonly verdict: Extract<Verdict, 'holds' | 'does-not-hold'>; readonly proof: Proof }
  | { readonly verdict: Extract<Verdict, 'cannot-tell' | 'not-applicable'>; readonly proof?: undefined }
);

/**
 * One question put to a live application: a file with `meta` (which states the cause, the act and the control) and a
 * function from the context to a finding. It may do with the record what it likes through the context, which puts
 * everything back afterwards.
 */
export interface Experiment {
  readonly meta: ExperimentMeta;
  /** It has signs of its own where the verification tells nothing at the visitor's own address. */
  readonly worksBlind?: true;
  /** It may end every session of the user, and no login gives another: what it found stands nevertheless. */
  readonly endsAccess?: true;
  run(lab: LabContext): Promise<Finding>;
}

type Measured = NonNullable<ExperimentOutcome['measured']>;

export function holds(proof: Proof, sentence: string, measured?: Measured): Finding {
  return { verdict: 'holds', proof, sentence, ...(measured === undefined ? {} : { measured }) };
}

export function doesNotHold(proof: Proof, sentence: string, measured?: Measured): Finding {
  return { verdict: 'does-not-hold', proof, sentence, ...(measured === undefined ? {} : { measured }) };
}

export function cannotTell(sentence: string, measured?: Measured): Finding {
  return { verdict: 'cannot-tell', sentence, ...(measured === undefined ? {} : { measured }) };
}

export function notApplicable(sentence: string): Finding {
  return { verdict: 'not-applicable', sentence };
}
