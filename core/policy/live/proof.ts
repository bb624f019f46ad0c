import { problem } from '../../model/problem.ts';
import { differenceOf } from '../judge/difference.ts';
import type { Answer } from './ports.ts';

declare const proved: unique symbol;

/**
 * What a verdict rests on: something that changed with its cause, and the same act without the cause, which did not.
 * Only `contrast` makes one, so a verdict without a control does not type-check.
 */
export interface Proof {
  readonly [proved]: true;
  readonly cause: string;
  readonly control: string;
  /** The lines, header fields or record facts that decided: `-` in the control only, `+` with the cause only. */
  readonly difference: readonly string[];
}

/** Something that was seen: a response as it was judged, or a fact of the record or of the response's fields. */
export type Seen = Answer | { readonly title: string; readonly value: string };

/**
 * Puts what was seen with the cause beside the control. Both must be decided, and must differ.
 * @param noise parts of pages that change from response to response anyway
 * @throws ProblemError `control-failed`
 */
export function contrast(cause: Seen, control: Seen, noise?: ReadonlySet<string>): Proof {
  const [is, was] = [decided(cause), decided(control)];
  if (is === undefined) throw failed(`what was seen with the cause is not decided (${cause.title})`);
  if (was === undefined) throw failed(`the control is not decided (${control.title}: ${reasonOf(control)})`);
  if (is === was) throw failed(`the control came out the same (${control.title}: ${was})`);
  const lines =
    'observation' in cause && 'observation' in control
      ? differenceOf(control.observation, cause.observation, noise)
      : [`- ${control.title}: ${was}`, `+ ${cause.title}: ${is}`];
  return {
    cause: `${cause.title}: ${is}`,
    control: `${control.title}: ${was}`,
    difference: lines,
  } as unknown as Proof;
}

function decided(seen: Seen): string | undefined {
  if (!('observation' in seen)) return seen.value;
  if (seen.outcome === 'accepted' || seen.outcome === 'refused') {
    return seen.failed ? `failed with ${seen.observation.status}` : seen.outcome;
  }
  return undefined;
}

function reasonOf(seen: Seen): string {
  return 'observation' in seen ? seen.judgement.because : seen.value;
}

function failed(why: string) {
  return problem('control-failed', `There is no sound control: ${why}`);
}
