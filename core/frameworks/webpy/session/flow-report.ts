/** What one request did to a session: facts for the policy lab, for tests and for people. */

/** One call of the session flow to its store, in order. */
export interface StoreCall {
  readonly call: 'contains' | 'load' | 'save' | 'delete' | 'cleanup';
  readonly id?: string;
  /** For `cleanup`, in seconds. */
  readonly timeout?: number;
  /** For `contains`. */
  readonly found?: boolean;
  /** The exception it raised, as the last line of a traceback. */
  readonly error?: string;
}

/**
 * new: no usable id was sent; replaced: the id sent is unknown and a new session was made instead; continued: the session
 * goes on; killed: the handler killed it; expired: unknown id with ignore_expiry=False; address-changed: refused because
 * of its address; unsaved: went on, but was neither stored nor given a cookie; error: the session machinery itself failed.
 */
export type SessionOutcome =
  | 'new'
  | 'replaced'
  | 'continued'
  | 'killed'
  | 'expired'
  | 'address-changed'
  | 'unsaved'
  | 'error';

/** One reason for the outcome. `reference` is the section of `webpy-sessions.md`. */
export interface Explanation {
  readonly code: string;
  readonly text: string;
  readonly reference: string;
}

/** Filled in while a request runs. */
export class FlowReport {
  outcome: SessionOutcome = 'new';
  /** The id after the request: what the record and the cookie carry. */
  sessionId: string | null = null;
  /** The session's own failure, as the last line of a traceback. */
  error: string | undefined;
  readonly explanation: Explanation[] = [];
  readonly storeCalls: StoreCall[] = [];
  /** A new id was made for the session in this request. */
  madeId = false;
  /** web.py's server thread would fail on every later request (a stored key `clear`). */
  poisonsThread = false;

  explain(code: string, text: string, reference: string): void {
    this.explanation.push({ code, text, reference });
  }
}
