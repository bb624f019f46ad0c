import type { Flow } from '../model/flow.ts';

/*
 * Flows that are saved together, as numbers and one text: traffic repeats itself, and each text stands once in a page.
 * A page crosses to the writing thread and lies in the workspace as it is; a row of `flow` says where in it a flow is.
 */

/** A page as plain data. */
export interface FlowPageData {
  /** Its number in the workspace. */
  readonly p: number;
  readonly count: number;
  /** `INTS` for each flow. */
  readonly ints: Int32Array;
  /** `FLOATS` for each flow. */
  readonly floats: Float64Array;
  /** All texts, one behind the other. */
  readonly text: string;
  /** UTF-16 units of each text. */
  readonly lengths: Int32Array;
  /** Lists of texts: how many, and the number of each. */
  readonly lists: Int32Array;
  /** Three for each session seen in a flow: place of the flow, number of the session, direction (1 request, 2 response, 3 both). */
  readonly sightings: Int32Array;
}

/** Places of the integers of a flow. Those of texts are numbers of a text, those of fields places in `lists`; −1 for none. */
export const INT = {
  n: 0,
  flags: 1,
  id: 2,
  method: 3,
  url: 4,
  requestVersion: 5,
  requestFields: 6,
  requestRef: 7,
  status: 8,
  reason: 9,
  responseVersion: 10,
  responseFields: 11,
  responseRef: 12,
  address: 13,
  port: 14,
  identity: 15,
  serverAddress: 16,
  serverPort: 17,
  kind: 18,
  error: 19,
  /** JSON of a list. */
  editedBy: 20,
  /** JSON of an object. */
  origin: 21,
  /** JSON of what seldom is there: trailers, changed heads, frames; or of the whole flow (`FLAG.whole`). */
  more: 22,
  framesRef: 23,
  // For the row in `flow`.
  listedMethod: 24,
  host: 25,
  listedUrl: 26,
  cookies: 27,
  contentType: 28,
} as const;
export const INTS = 29;

/** Places of the other numbers; NaN for none. */
export const FLOAT = {
  startedAt: 0,
  endedAt: 1,
  connectMs: 2,
  tlsMs: 3,
  firstByteMs: 4,
  requestSize: 5,
  requestKept: 6,
  responseSize: 7,
  responseKept: 8,
} as const;
export const FLOATS = 9;

export const FLAG = {
  response: 1,
  timing: 2,
  server: 4,
  /** There was no row of this flow before. */
  isNew: 8,
  /** Something in it is not as expected: `more` is all of it. */
  whole: 16,
} as const;

/** What is in `more` of a flow. */
export interface More {
  readonly trailers?: readonly string[];
  readonly sent?: Flow['request']['sent'];
  readonly responseTrailers?: readonly string[];
  readonly responseSent?: NonNullable<Flow['response']>['sent'];
  readonly frames?: Flow['frames'];
}
