import { problem } from '../../model/problem.ts';
import type { Exchange } from '../exchange.ts';
import type { ProxyHooks, Side } from '../hooks.ts';
import { inScope } from '../rules/rule-scope.ts';
import { canEncode, decodeWhole, encodeWhole } from './body-coding.ts';

/** Which messages are to be held. */
export interface Breakpoint {
  readonly on: readonly Side[];
  /** As in rules: `shop.test`, `*.shop.test`, `shop.test:8080`. Any when absent. */
  readonly host?: string;
  readonly path?: string;
  /** Any when absent. */
  readonly methods?: readonly string[];
}

/** A message that waits for the user. */
export interface HeldMessage {
  readonly id: string;
  readonly flowId: string;
  readonly side: Side;
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly status?: number;
  readonly reason?: string;
  readonly rawHeaders: readonly string[];
  /** Milliseconds since 1970. */
  readonly heldAt: number;
  /** When it goes on unchanged by itself. */
  readonly until: number;
  /** False when there is no body, or when its coding cannot be written back. */
  readonly bodyEditable: boolean;
}

export interface MessageEdit {
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  readonly reason?: string;
  /** The whole list of fields. */
  readonly rawHeaders?: readonly string[];
  /**
   * The new body without content coding. It is coded as `Content-Encoding` of the (edited) head says; where that coding
   * is not written here, the field is left out and the body goes plain.
   */
  readonly body?: Uint8Array;
}

export type HeldEnd = 'resumed' | 'edited' | 'dropped' | 'timed-out' | 'gone';

export interface Intercept {
  readonly hooks: ProxyHooks;
  readonly breakpoints: readonly Breakpoint[];
  setBreakpoints(breakpoints: readonly Breakpoint[]): void;
  /** What waits, oldest first. */
  list(): HeldMessage[];
  /** The whole body of a held message without its content coding. @throws ProblemError `not-held`, `bad-body`, `body-too-large` */
  body(id: string): Promise<Buffer>;
  /** Lets a message go on, with changes or without. @throws ProblemError `not-held`, `bad-header`, `bad-body`, `bad-url` */
  resume(id: string, edit?: MessageEdit): Promise<void>;
  /** Breaks the exchange off. @throws ProblemError `not-held` */
  drop(id: string): void;
  resumeAll(): void;
  /** Called with each message that begins to wait, and when it no longer does. */
  onHeld(listener: (held: HeldMessage, end?: HeldEnd) => void): () => void;
}

export interface InterceptOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds until a held message goes on by itself; a function is asked for each message. Default 5 minutes. */
  readonly timeLimit?: number | (() => number);
  /** Most messages held at once; further ones pass. Default 200. */
  readonly most?: number;
  readonly timers?: { set(callback: () => void, ms: number): unknown; clear(timer: unknown): void };
}

interface Waiting {
  readonly held: HeldMessage;
  readonly exchange: Exchange;
  readonly finish: (end: HeldEnd) => void;
  body?: Promise<Buffer>;
}

const realTimers: NonNullable<InterceptOptions['timers']> = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Pauses requests and responses so that a user can look at them, change them and let them go on. */
export function createIntercept(options: InterceptOptions): Intercept {
  const { clock, timeLimit = 5 * 60_000, most = 200, timers = realTimers } = options;
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<(held: HeldMessage, end?: HeldEnd) => void>();
  let breakpoints: readonly Breakpoint[] = [];
  let count = 0;

  const wanted = (exchange: Exchange, side: Side): boolean =>
    breakpoints.some(
      (point) =>
        point.on.includes(side) &&
        inScope(point, exchange.request.url) &&
        (point.methods === undefined || point.methods.includes(exchange.request.method)),
    );

  const hold = (exchange: Exchange, side: Side): Promise<void> | undefined => {
    if (breakpoints.length === 0 || exchange.own !== undefined || waiting.size >= most) return undefined;
    if (side === 'request' && exchange.answered) return undefined;
    if (!wanted(exchange, side)) return undefined;
    return new Promise((resolve) => {
      const limit = typeof timeLimit === 'function' ? timeLimit() : timeLimit;
      const held = describe(exchange, side, `held-${++count}`, clock(), limit);
      const timer = timers.set(() => finish('timed-out'), limit);
      const finish = (end: HeldEnd): void => {
        if (!waiting.delete(held.id)) return;
        timers.clear(timer);
        for (const listener of listeners) listener(held, end);
        resolve();
      };
      waiting.set(held.id, { held, exchange, finish });
      for (const listener of listeners) listener(held);
    });
  };

  const need = (id: string): Waiting => {
    const found = waiting.get(id);
    if (found === undefined) {
      throw problem('not-held', 'This message is not held any more', {
        remedy: 'It went on when its time was over, or its connection was closed.',
      });
    }
    return found;
  };

  return {
    hooks: {
      name: 'intercept',
      request: (exchange) => hold(exchange, 'request'),
      response: (exchange) => hold(exchange, 'response'),
      end(exchange) {
        for (const { held, finish } of [...waiting.values()]) if (held.flowId === exchange.id) finish('gone');
      },
    },
    get breakpoints() {
      return breakpoints;
    },
    setBreakpoints(next) {
      breakpoints = next;
    },
    list: () => [...waiting.values()].map(({ held }) => held),
    async body(id) {
      const found = need(id);
      const { exchange, held } = found;
      found.body ??= exchange.bufferBody(held.side);
      return decodeWhole(await found.body, exchange.header(held.side, 'content-encoding'));
    },
    async resume(id, edit) {
      const found = need(id);
      const body = edit === undefined ? undefined : await codedBody(found.held, edit);
      // The time may have run out meanwhile: then nothing of the message may change any more.
      need(id);
      const changed = edit !== undefined && apply(found, edit, body);
      if (changed) found.exchange.editedBy.push('edited by hand');
      found.finish(changed ? 'edited' : 'resumed');
    },
    drop(id) {
      const { exchange, finish } = need(id);
      // First the reason: breaking off ends the exchange at once, which would look as if the client had gone.
      finish('dropped');
      exchange.abort('Dropped by hand');
    },
    resumeAll() {
      for (const { finish } of [...waiting.values()]) finish('resumed');
    },
    onHeld(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function describe(exchange: Exchange, side: Side, id: string, heldAt: number, timeLimit: number): HeldMessage {
  const { request, response } = exchange;
  const head = side === 'request' ? request : (response ?? request);
  const hasBody = side === 'request' ? exchange.hasRequestBody : responseHasBody(exchange);
  return {
    id,
    flowId: exchange.id,
    side,
    method: request.method,
    url: request.url,
    httpVersion: head.httpVersion,
    ...(side === 'response' && response !== undefined ? { status: response.status, reason: response.reason } : {}),
    rawHeaders: [...head.rawHeaders],
    heldAt,
    until: heldAt + timeLimit,
    bodyEditable: hasBody && canEncode(exchange.header(side, 'content-encoding')),
  };
}

/** RFC 9112 section 6.3: these answers never have a body. */
function responseHasBody({ request, response }: Exchange): boolean {
  return (
    response !== undefined &&
    request.method !== 'HEAD' &&
    response.status !== 204 &&
    response.status !== 304 &&
    response.status >= 200
  );
}

interface CodedBody {
  readonly bytes: Uint8Array;
  /** The content coding cannot be written here: its field goes. */
  readonly plain: boolean;
}

/** Checks an edit, and makes its body ready. @throws ProblemError `bad-header`, `bad-body`, `bad-url` */
async function codedBody(held: HeldMessage, edit: MessageEdit): Promise<CodedBody | undefined> {
  const { rawHeaders = held.rawHeaders } = edit;
  checkFields(rawHeaders);
  if (edit.method !== undefined && !TOKEN.test(edit.method)) throw problem('bad-header', 'The method is no method');
  if (edit.url !== undefined && !/^https?:\/\/[^\s/?#]+[^\s#]*$/i.test(edit.url)) {
    throw problem('bad-url', 'The address must be absolute, with http:// or https://');
  }
  if (edit.status !== undefined && !(Number.isInteger(edit.status) && edit.status >= 200 && edit.status <= 999)) {
    throw problem('bad-header', 'A status is a number from 200 to 999');
  }
  if (edit.reason !== undefined && /[\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]/.test(edit.reason)) {
    throw problem('bad-header', 'The reason phrase cannot be sent');
  }
  if (edit.body === undefined) return undefined;
  const coding = fieldOf(rawHeaders, 'content-encoding');
  return canEncode(coding)
    ? { bytes: await encodeWhole(edit.body, coding), plain: false }
    : { bytes: edit.body, plain: true };
}

/** Carries a checked edit out. @returns whether anything is different now */
function apply({ held, exchange }: Waiting, edit: MessageEdit, body: CodedBody | undefined): boolean {
  const { rawHeaders = held.rawHeaders } = edit;
  const fields = rawHeaders.filter(
    (_, i) => body?.plain !== true || rawHeaders[i - (i % 2)]?.toLowerCase() !== 'content-encoding',
  );
  const { request, response } = exchange;
  let changed = false;
  const differs = <T>(now: T, next: T | undefined): next is T => {
    if (next === undefined || next === now) return false;
    changed = true;
    return true;
  };
  if (held.side === 'request') {
    if (differs(request.method, edit.method)) request.method = edit.method;
    if (differs(request.url, edit.url)) request.url = edit.url;
    if (differs(request.rawHeaders.join('\n'), fields.join('\n'))) request.rawHeaders = fields;
  } else if (response !== undefined) {
    if (differs(response.status, edit.status)) response.status = edit.status;
    if (differs(response.reason, edit.reason)) response.reason = edit.reason;
    if (differs(response.rawHeaders.join('\n'), fields.join('\n'))) response.rawHeaders = fields;
  }
  if (body !== undefined) {
    exchange.replaceBody(held.side, body.bytes);
    changed = true;
  }
  return changed;
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

function checkFields(rawHeaders: readonly string[]): void {
  if (rawHeaders.length % 2 !== 0) throw problem('bad-header', 'Each field has a name and a value');
  rawHeaders.forEach((text, i) => {
    if (i % 2 === 0 ? !TOKEN.test(text) : /[\x00\r\n\u0100-\uffff]/.test(text)) {
      throw problem('bad-header', `${JSON.stringify(text.slice(0, 60))} cannot stand in a header`);
    }
  });
}

function fieldOf(rawHeaders: readonly string[], lowerCaseName: string): string | undefined {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === lowerCaseName);
  return at < 0 ? undefined : rawHeaders[at + 1];
}
