import type { BodyInfo, Flow } from '../model/flow.ts';
import type { Sighting } from '../model/session.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { ProxyHooks } from '../proxy/hooks.ts';
import type { BodyStore, BodyWriter } from './body-store.ts';
import { type Gathered, Gathering } from './gathering.ts';
import { SharedLists, sameList } from './shared-lists.ts';
import { type Found, inRequest, inResponse } from './sightings.ts';

/** `start`: the request head is there; `response`: the response head; `end`: all is over, bodies are complete. */
export type FlowPhase = 'start' | 'response' | 'end';

/** What is new in a state of a flow: phases that follow each other quickly are told as one. */
export interface FlowNews {
  /** Nothing was told of this flow before. */
  readonly isNew: boolean;
  /** The response's head has come since the last time. */
  readonly answered: boolean;
}

export interface CaptureOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** An exchange that is recorded has begun; `onFlow` follows, for quick ones in the order in which they end. */
  onBegin?(flowId: string): void;
  /** Each state of a flow, the whole of it; the sightings that are new in this state come along. Must be quick. */
  onFlow(flow: Flow, phase: FlowPhase, sightings: readonly Sighting[], news: FlowNews): void;
  /**
   * What was seen is told after so long (ms), gathered, so that a quick exchange is told once and not three times; when
   * it has ended, behind the traffic of the same turn of the event loop. 0 (default): at once. WebSockets and tunnels are
   * always told at once.
   */
  readonly gatherMs?: number;
  /** Each sighting on its own, after the flow's `onFlow`. */
  onSighting?(sighting: Sighting): void;
  readonly bodies: BodyStore;
  /** Cookies that the user called a session although their names say otherwise. */
  readonly wanted?: (cookieName: string) => boolean;
  /** Exchanges of the debugger's own, e.g. of its check page, that are neither recorded nor counted. */
  readonly ignore?: (exchange: Exchange) => boolean;
}

/** What passed without being recorded, and why. Nothing is left out silently. */
export interface NotRecorded {
  /** Exchanges while recording was paused. */
  readonly paused: number;
  /** Exchanges of hosts that are passed on only. */
  readonly scope: number;
  /** Bytes of bodies beyond the limits of the body store. */
  readonly bodyBytes: number;
  /** Bodies of which something is missing. */
  readonly bodiesCut: number;
  /** Bodies that could not be kept whole because they came faster than the disk took them. */
  readonly bodiesLeftOut: number;
}

export interface Capture {
  /** For the proxy's list: behind hooks whose changes the application sees, before those that change its answers. */
  readonly hooks: ProxyHooks;
  readonly recording: boolean;
  /** Flows that have begun are recorded to their end; new ones are only counted. */
  pause(): void;
  resume(): void;
  /** Tells at once what has gathered: for one who asks what is known now. */
  settle(): void;
  readonly notRecorded: NotRecorded;
}

/** What is being recorded of one exchange. Heads are copies: other hooks change the exchange's own lists. */
interface Recording extends Gathered {
  readonly exchange: Exchange;
  /** The latest phase that was not told yet, and when it was reached. */
  due: FlowPhase | undefined;
  at: number;
  isTold: boolean;
  isAnswerTold: boolean;
  readonly host: string;
  readonly identity: string | undefined;
  readonly request: { readonly method: string; readonly url: string; readonly rawHeaders: readonly string[] };
  response?: { readonly status: number; readonly reason: string; readonly rawHeaders: readonly string[] };
  requestBody?: BodyWriter;
  responseBody?: BodyWriter;
  requestTrailers?: readonly string[];
  responseTrailers?: readonly string[];
  requestSighted: boolean;
}

function recordingOf(exchange: Exchange): Recording | undefined {
  return exchange.recording as Recording | undefined;
}

const NO_BODY: BodyInfo = { size: 0, kept: 0 };

/** Turns what passes through the proxy into flows and sightings. Works in passing: it never holds a message back. */
export function createCapture(options: CaptureOptions): Capture {
  const { clock, bodies, gatherMs = 0 } = options;
  const requestLists = new SharedLists();
  const responseLists = new SharedLists();
  let recording = true;
  let paused = 0;
  let outOfScope = 0;

  /** True when the exchange is none of the recorder's business, or must not be recorded now. */
  const leftOut = (exchange: Exchange): boolean => {
    if (exchange.own !== undefined || options.ignore?.(exchange) === true) return true;
    if (exchange.scope === 'pass') outOfScope += 1;
    else if (!recording) paused += 1;
    else return false;
    return true;
  };

  const begin = (exchange: Exchange): Recording => {
    const { method, url } = exchange.request;
    const record: Recording = {
      place: -1,
      exchange,
      due: undefined,
      at: 0,
      isTold: false,
      isAnswerTold: false,
      host: hostOf(url),
      identity: exchange.client.identity,
      request: { method, url, rawHeaders: requestLists.of(exchange.keptHeaders('request')) },
      requestSighted: false,
    };
    exchange.recording = record;
    options.onBegin?.(exchange.id);
    return record;
  };

  const gathering = new Gathering<Recording>(gatherMs, (record) => notify(record));

  /** A phase is reached. */
  const reached = (record: Recording, phase: FlowPhase): void => {
    const waits = record.due !== undefined;
    record.due = phase;
    record.at = clock();
    if (gatherMs === 0 || (record.exchange.kind !== 'http' && phase !== 'end')) notify(record);
    else if (phase === 'end') gathering.soon(record);
    else if (!waits) gathering.later(record);
  };

  const notify = (record: Recording): void => {
    const { due: phase, at, exchange, host } = record;
    if (phase === undefined) return;
    record.due = undefined;
    const { response } = record;
    const answered = response !== undefined && !record.isAnswerTold;
    const news: FlowNews = { isNew: !record.isTold, answered };
    record.isTold = true;
    const found = phase === 'start' || exchange.kind === 'tunnel' ? [] : requestSightings(exchange, record);
    if (answered) {
      record.isAnswerTold = true;
      found.push(...inResponse(response.rawHeaders, options.wanted));
    }
    const sightings: Sighting[] = [];
    for (const { carrier, id, raw, direction, setCookie } of found) {
      const sighting = { flowId: exchange.id, at, host, carrier, id, raw, direction };
      sightings.push(setCookie === undefined ? sighting : { ...sighting, setCookie });
    }
    options.onFlow(flowOf(exchange, record, phase === 'end' ? at : undefined), phase, sightings, news);
    if (options.onSighting !== undefined) for (const sighting of sightings) options.onSighting(sighting);
  };

  /** What the application was sent counts, so this waits until every hook has had its turn. */
  const requestSightings = (exchange: Exchange, record: Recording): Found[] => {
    if (record.requestSighted) return [];
    record.requestSighted = true;
    const { url, rawHeaders } = exchange.request;
    const kept = record.request.rawHeaders;
    return inRequest(url, sameList(rawHeaders, kept) ? kept : rawHeaders, options.wanted);
  };

  const hooks: ProxyHooks = {
    name: 'capture',

    request(exchange) {
      if (leftOut(exchange)) return;
      reached(begin(exchange), 'start');
    },

    response(exchange) {
      const record = recordingOf(exchange);
      const { response } = exchange;
      if (record === undefined || response === undefined) return;
      const { status, reason } = response;
      record.response = { status, reason, rawHeaders: responseLists.of(exchange.keptHeaders('response')) };
      reached(record, 'response');
    },

    bodyChunk(exchange, side, chunk) {
      const record = recordingOf(exchange);
      if (record === undefined) return;
      const writer =
        side === 'request' ? (record.requestBody ??= bodies.open()) : (record.responseBody ??= bodies.open());
      writer.append(chunk);
    },

    trailers(exchange, side, rawTrailers) {
      const record = recordingOf(exchange);
      if (record === undefined) return;
      if (side === 'request') record.requestTrailers = rawTrailers.slice();
      else record.responseTrailers = rawTrailers.slice();
    },

    tunnel(exchange) {
      if (leftOut(exchange)) return;
      reached(begin(exchange), 'start');
    },

    end(exchange) {
      const record = recordingOf(exchange);
      if (record === undefined) return;
      exchange.recording = undefined;
      record.requestBody?.close();
      record.responseBody?.close();
      reached(record, 'end');
    },
  };

  return {
    hooks,
    get recording() {
      return recording;
    },
    pause() {
      recording = false;
    },
    resume() {
      recording = true;
    },
    settle: () => gathering.settle(),
    get notRecorded() {
      const { bytesNotKept, bodiesCut, bodiesLeftOut } = bodies.counts;
      return { paused, scope: outOfScope, bodyBytes: bytesNotKept, bodiesCut, bodiesLeftOut };
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Built by assignment: this runs three times for each exchange, and spreading optional parts cost three times as much. */
function flowOf(exchange: Exchange, record: Recording, endedAt: number | undefined): Flow {
  const { address, port } = exchange.client;
  const edited = exchange.editedBy.length > 0;
  const flow: Mutable<Flow> = {
    id: exchange.id,
    startedAt: exchange.startedAt,
    client: record.identity === undefined ? { address, port } : { address, port, identity: record.identity },
    request: requestOf(exchange, record, edited),
    timing: timingOf(exchange.timing),
    kind: exchange.kind,
  };
  if (endedAt !== undefined) flow.endedAt = endedAt;
  if (record.response !== undefined) flow.response = responseOf(exchange, record, record.response, edited);
  if (exchange.server !== undefined) flow.server = exchange.server;
  if (exchange.error !== undefined) flow.error = exchange.error;
  if (edited) flow.editedBy = exchange.editedBy.slice();
  return flow;
}

function requestOf(exchange: Exchange, record: Recording, edited: boolean): Flow['request'] {
  const { method, url, rawHeaders } = record.request;
  const { httpVersion } = exchange.request;
  const tunnelled = exchange.kind === 'tunnel' ? { size: exchange.requestBytes, kept: 0 } : NO_BODY;
  const request: Mutable<Flow['request']> = {
    method,
    url,
    httpVersion,
    rawHeaders,
    body: record.requestBody?.info() ?? tunnelled,
  };
  if (record.requestTrailers !== undefined) request.trailers = record.requestTrailers;
  const now = exchange.request;
  if (edited && !(now.method === method && now.url === url && sameList(now.rawHeaders, rawHeaders))) {
    request.sent = { method: now.method, url: now.url, rawHeaders: now.rawHeaders.slice() };
  }
  return request;
}

function responseOf(
  exchange: Exchange,
  record: Recording,
  { status, reason, rawHeaders }: NonNullable<Recording['response']>,
  edited: boolean,
): NonNullable<Flow['response']> {
  const now = exchange.response;
  const response: Mutable<NonNullable<Flow['response']>> = {
    status,
    reason,
    httpVersion: now?.httpVersion ?? exchange.request.httpVersion,
    rawHeaders,
    body: record.responseBody?.info() ?? NO_BODY,
  };
  if (record.responseTrailers !== undefined) response.trailers = record.responseTrailers;
  if (edited && now !== undefined && !(now.status === status && sameList(now.rawHeaders, rawHeaders))) {
    response.sent = { status: now.status, rawHeaders: now.rawHeaders.slice() };
  }
  return response;
}

function timingOf({ connectMs, tlsMs, firstByteMs }: Exchange['timing']): NonNullable<Flow['timing']> {
  const timing: Mutable<NonNullable<Flow['timing']>> = {};
  if (connectMs !== undefined) timing.connectMs = connectMs;
  if (tlsMs !== undefined) timing.tlsMs = tlsMs;
  if (firstByteMs !== undefined) timing.firstByteMs = firstByteMs;
  return timing;
}

/** Host of an absolute URL in lower case, with the port unless it is the scheme's own. */
export function hostOf(url: string): string {
  const start = url.indexOf('://') + 3;
  let end = start;
  while (end < url.length && !'/?#'.includes(url[end] ?? '')) end += 1;
  const authority = url.slice(start, end).toLowerCase();
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const own = /^(https|wss):/i.test(url) ? ':443' : ':80';
  return host.endsWith(own) ? host.slice(0, -own.length) : host;
}
