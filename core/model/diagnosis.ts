/** Why a session ended, as the window, the commands and agents get it. What the words mean: `core/diagnosis`. */

/**
 * `certain`: the evidence leaves nothing else; `likely`: it fits, and one thing that would settle it was not seen;
 * `possible`: nothing speaks against it, and little for it.
 */
export type Certainty = 'certain' | 'likely' | 'possible';

/**
 * What happened to a session, as far as it was seen.
 *
 * * `not-stored`: an answer set the cookie and no later request carries it
 * * `not-sent`: requests that used to carry it no longer do
 * * `other-value`: the browser sends another value
 * * `deleted`: an answer deleted it
 * * `replaced`: an answer set another id in its place
 * * `not-accepted`: it was sent, and the application asked to log in
 * * `record-gone`, `record-emptied`, `unreadable`: what the store was seen to hold
 * * `loop`: the same redirects again and again
 * * `login-fails`: a login that never completes: the next page asks for it again
 * * `still-in`: a logout after which the session goes on
 */
export type LossKind =
  | 'not-stored'
  | 'not-sent'
  | 'other-value'
  | 'deleted'
  | 'replaced'
  | 'not-accepted'
  | 'record-gone'
  | 'record-emptied'
  | 'unreadable'
  | 'loop'
  | 'login-fails'
  | 'still-in';

/** One piece of the chain, referring to where it can be looked at. */
export interface Evidence {
  readonly flowId?: string;
  /** Milliseconds since 1970. */
  readonly at?: number;
  /** One sentence: what is seen there. */
  readonly text: string;
  /** The header line itself, where it is one. */
  readonly line?: string;
}

/** A loss as it was noticed, on the session it happened to. */
export interface LossNote {
  readonly kind: LossKind;
  readonly at: number;
  readonly flowId?: string;
  /** Id of the cause that was named first; absent: none fits. */
  readonly cause?: string;
  readonly certainty?: Certainty;
  /** The answer, one sentence. */
  readonly answer: string;
}

/**
 * What is wrong with a session although it goes on.
 *
 * * `shared-id`: one id was given to two visitors
 * * `clocks`: cookies that carry one session together end at moments that contradict each other
 */
export interface Alarm {
  readonly kind: 'shared-id' | 'clocks';
  readonly at: number;
  readonly flowId?: string;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: string;
}

export interface NamedCause {
  readonly id: string;
  readonly title: string;
  /** Why it happens, in general. */
  readonly why: string;
  readonly remedy: string;
  /** The same in the settings of the session's framework, where that is known. */
  readonly mend?: string;
  readonly certainty: Certainty;
  /** The session goes on: it only looked like a loss, or it ended as it should. */
  readonly nothingLost?: true;
  /** The answer as one sentence for a user. */
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  /** What speaks against it. */
  readonly against?: readonly string[];
  /** What was not seen and would settle it. */
  readonly missing?: readonly string[];
}

export interface Diagnosis {
  /** What was seen to happen; null while the session goes on. */
  readonly loss: { readonly kind: LossKind; readonly at: number; readonly flowId?: string } | null;
  /** One sentence: the most likely cause, or what is missing to name one. */
  readonly answer: string;
  /** Likeliest first. */
  readonly causes: readonly NamedCause[];
  readonly alarms: readonly Alarm[];
}
