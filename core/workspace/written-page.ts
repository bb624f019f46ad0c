import type { BodyInfo, Flow, FlowSummary } from '../model/flow.ts';
import { FLAG, FLOAT, FLOATS, type FlowPageData, INT, INTS, type More } from './page-layout.ts';

/** A page that was written, to be read. */
export class WrittenPage {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #lists: Int32Array;
  readonly #text: string;
  readonly #starts: Int32Array;

  constructor({ ints, floats, text, lengths, lists }: Omit<FlowPageData, 'p' | 'count' | 'sightings'>) {
    this.#ints = ints;
    this.#floats = floats;
    this.#lists = lists;
    this.#text = text;
    this.#starts = new Int32Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i += 1)
      this.#starts[i + 1] = (this.#starts[i] as number) + (lengths[i] as number);
  }

  text(number: number): string {
    return this.#text.slice(this.#starts[number], this.#starts[number + 1]);
  }

  flow(place: number): Flow {
    return flowAt(this.#ints, this.#floats, this.#lists, (number) => this.text(number), place);
  }

  /** Names of the bodies of the flow at this place. */
  refs(place: number): string[] {
    const i = place * INTS;
    return [INT.requestRef, INT.responseRef, INT.framesRef]
      .map((at) => this.#ints[i + at] as number)
      .filter((number) => number >= 0)
      .map((number) => this.text(number));
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The flow at a place of a page, whatever holds its numbers and texts. */
export function flowAt(
  ints: Int32Array,
  floats: Float64Array,
  lists: ArrayLike<number>,
  text: (number: number) => string,
  place: number,
): Flow {
  const i = place * INTS;
  const f = place * FLOATS;
  const int = (at: number): number => ints[i + at] as number;
  const float = (at: number): number => floats[f + at] as number;
  const maybe = (at: number): string | undefined => (int(at) < 0 ? undefined : text(int(at)));
  const fields = (at: number): string[] => listAt(lists, text, int(at));
  const flags = int(INT.flags);
  const moreText = maybe(INT.more);
  if ((flags & FLAG.whole) !== 0) return JSON.parse(moreText ?? '{}') as Flow;
  const more = moreText === undefined ? {} : (JSON.parse(moreText) as More);
  const identity = maybe(INT.identity);
  const client = { address: text(int(INT.address)), port: int(INT.port) };
  const request: Mutable<Flow['request']> = {
    method: text(int(INT.method)),
    url: text(int(INT.url)),
    httpVersion: text(int(INT.requestVersion)),
    rawHeaders: fields(INT.requestFields),
    body: bodyOf(float(FLOAT.requestSize), float(FLOAT.requestKept), maybe(INT.requestRef)),
  };
  if (more.trailers !== undefined) request.trailers = more.trailers;
  if (more.sent !== undefined) request.sent = more.sent;
  const flow: Mutable<Flow> = {
    id: text(int(INT.id)),
    startedAt: float(FLOAT.startedAt),
    client: identity === undefined ? client : { ...client, identity },
    request,
    kind: text(int(INT.kind)) as Flow['kind'],
  };
  if (!Number.isNaN(float(FLOAT.endedAt))) flow.endedAt = float(FLOAT.endedAt);
  if ((flags & FLAG.response) !== 0) {
    const response: Mutable<NonNullable<Flow['response']>> = {
      status: int(INT.status),
      reason: text(int(INT.reason)),
      httpVersion: text(int(INT.responseVersion)),
      rawHeaders: fields(INT.responseFields),
      body: bodyOf(float(FLOAT.responseSize), float(FLOAT.responseKept), maybe(INT.responseRef)),
    };
    if (more.responseTrailers !== undefined) response.trailers = more.responseTrailers;
    if (more.responseSent !== undefined) response.sent = more.responseSent;
    flow.response = response;
  }
  if ((flags & FLAG.server) !== 0) flow.server = { address: text(int(INT.serverAddress)), port: int(INT.serverPort) };
  if ((flags & FLAG.timing) !== 0) {
    const timing: Mutable<NonNullable<Flow['timing']>> = {};
    if (!Number.isNaN(float(FLOAT.connectMs))) timing.connectMs = float(FLOAT.connectMs);
    if (!Number.isNaN(float(FLOAT.tlsMs))) timing.tlsMs = float(FLOAT.tlsMs);
    if (!Number.isNaN(float(FLOAT.firstByteMs))) timing.firstByteMs = float(FLOAT.firstByteMs);
    flow.timing = timing;
  }
  const error = maybe(INT.error);
  if (error !== undefined) flow.error = error;
  const editedBy = maybe(INT.editedBy);
  if (editedBy !== undefined) flow.editedBy = JSON.parse(editedBy) as string[];
  const origin = maybe(INT.origin);
  if (origin !== undefined) flow.origin = JSON.parse(origin) as NonNullable<Flow['origin']>;
  if (more.frames !== undefined) flow.frames = more.frames;
  return flow;
}

function listAt(lists: ArrayLike<number>, text: (number: number) => string, place: number): string[] {
  const list: string[] = [];
  const end = place + 1 + (lists[place] as number);
  for (let i = place + 1; i < end; i += 1) list.push(text(lists[i] as number));
  return list;
}

function bodyOf(size: number, kept: number, ref: string | undefined): BodyInfo {
  return ref === undefined ? { size, kept } : { size, kept, ref };
}

/** Its line for lists, without its sessions. */
export function summaryAt(
  ints: Int32Array,
  floats: Float64Array,
  text: (number: number) => string,
  place: number,
): Omit<FlowSummary, 'sessions'> {
  const i = place * INTS;
  const f = place * FLOATS;
  const maybe = (at: number): string | undefined => {
    const number = ints[i + at] as number;
    return number < 0 ? undefined : text(number);
  };
  const summary: Mutable<Omit<FlowSummary, 'sessions'>> = {
    id: text(ints[i + INT.id] as number),
    startedAt: floats[f + FLOAT.startedAt] as number,
    method: text(ints[i + INT.listedMethod] as number),
    url: text(ints[i + INT.listedUrl] as number),
    requestBytes: floats[f + FLOAT.requestSize] as number,
    responseBytes: floats[f + FLOAT.responseSize] as number,
    kind: text(ints[i + INT.kind] as number) as Flow['kind'],
  };
  const endedAt = floats[f + FLOAT.endedAt] as number;
  if (!Number.isNaN(endedAt)) summary.endedAt = endedAt;
  if (((ints[i + INT.flags] as number) & FLAG.response) !== 0) summary.status = ints[i + INT.status] as number;
  const contentType = maybe(INT.contentType);
  if (contentType !== undefined) summary.contentType = contentType;
  const error = maybe(INT.error);
  if (error !== undefined) summary.error = error;
  const editedBy = maybe(INT.editedBy);
  if (editedBy !== undefined) summary.editedBy = JSON.parse(editedBy) as string[];
  const origin = maybe(INT.origin);
  if (origin !== undefined) summary.origin = JSON.parse(origin) as NonNullable<Flow['origin']>;
  return summary;
}
