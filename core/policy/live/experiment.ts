import type { Verdict } from '../../model/app.ts';
import type { ExperimentMeta, ExperimentOutcome } from '../../model/lab.ts';
import type { LabContext } from './context.ts';

/** What an experiment finds; the runner adds its id and the time it took, and the evidence from the context. */
export interface Finding {
  readonly verdict: Verdict;
  /** One plain sentence. */
  readonly sentence: string;
  readonly measured?: NonNullable<ExperimentOutcome['measured']>;
}

/**
 * One question put to a live application: a file with `meta` and a function from the context to a finding. It may do
 * with the record what it likes through the context, which puts everything back afterwards.
 */
export interface Experiment {
  readonly meta: ExperimentMeta;
  run(lab: LabContext): Promise<Finding>;
}

export const holds = (sentence: string, measured?: Finding['measured']): Finding => found('holds', sentence, measured);
export const doesNotHold = (sentence: string, measured?: Finding['measured']): Finding =>
  found('does-not-hold', sentence, measured);
export const cannotTell = (sentence: string, measured?: Finding['measured']): Finding =>
  found('cannot-tell', sentence, measured);
export const notApplicable = (sentence: string): Finding => found('not-applicable', sentence, undefined);

function found(verdict: Verdict, sentence: string, measured: Finding['measured'] | undefined): Finding {
  return { verdict, sentence, ...(measured === undefined ? {} : { measured }) };
}
