import { type Problem, toProblem } from '../model/problem.ts';
import { isProblemKind, type ProblemKind } from '../model/problem-kinds.ts';
import {
  type EventName,
  type EventOf,
  events,
  type Handlers,
  type Method,
  operations,
  type ReplyOf,
  type RequestOf,
} from './contract.ts';

/** Answers travel as data: of an exception only the message would survive the way. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** How messages travel. Implemented by Electron's IPC (through the preload), by the web transport and by tests. */
export interface Transport {
  /** Delivers one request; the answer is unknown until it is parsed. */
  request(method: string, request: unknown): Promise<unknown>;
  /** Delivers events; returns how to stop. */
  subscribe(listener: (name: string, event: unknown) => void): () => void;
}

function isMethod(name: unknown): name is Method {
  return typeof name === 'string' && Object.hasOwn(operations, name);
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(events, name);
}

/**
 * The host's side: checks a message of unknown shape, calls the handler, and answers with data. Never rejects.
 * An unknown method or a request of another shape is answered with a problem and reaches no handler.
 */
export async function answer(handlers: Handlers, method: unknown, request: unknown): Promise<Reply<unknown>> {
  if (!isMethod(method)) {
    return refused('unknown-method', `The bridge has no method ${JSON.stringify(method)?.slice(0, 100)}`);
  }
  const parsed = operations[method].request.safeParse(request);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    return refused('bad-request', `${method}: ${where === '' ? 'the request' : where} is not as expected`);
  }
  try {
    const handler = handlers[method] as (request: unknown) => Promise<unknown>;
    return { ok: true, value: await handler(parsed.data) };
  } catch (error) {
    return { ok: false, problem: toProblem(error) };
  }
}

function refused(kind: ProblemKind, message: string): Reply<never> {
  return { ok: false, problem: { kind, message } };
}

/** A problem that came back over the bridge. */
export class BridgeError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'BridgeError';
    this.problem = problem;
  }
}

export interface Client {
  /** Asks the engine. Rejects with a BridgeError that carries the Problem. */
  call<M extends Method>(method: M, request: RequestOf<M>): Promise<ReplyOf<M>>;
  /** Listens to one kind of event; returns how to stop. */
  on<E extends EventName>(name: E, listener: (event: EventOf<E>) => void): () => void;
  close(): void;
}

/** The window's side over any transport. Checks replies and events on receipt; an event it cannot read is dropped. */
export function createClient(transport: Transport): Client {
  const listeners = new Map<EventName, Set<(event: never) => void>>();
  const stop = transport.subscribe((name, event) => {
    if (!isEventName(name)) return;
    const parsed = events[name].safeParse(event);
    if (!parsed.success) return;
    for (const listener of listeners.get(name) ?? []) listener(parsed.data as never);
  });
  return {
    async call(method, request) {
      const reply = parseReply(await transport.request(method, request));
      if (!reply.ok) throw new BridgeError(reply.problem);
      const parsed = operations[method].reply.safeParse(reply.value);
      if (!parsed.success) {
        throw new BridgeError({ kind: 'bad-reply', message: `${method}: the answer is not as expected` });
      }
      return parsed.data as never;
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    close() {
      stop();
      listeners.clear();
    },
  };
}

function parseReply(value: unknown): Reply<unknown> {
  if (typeof value === 'object' && value !== null && 'ok' in value) {
    if (value.ok === true) return { ok: true, value: 'value' in value ? value.value : {} };
    if ('problem' in value && typeof value.problem === 'object' && value.problem !== null) {
      const { kind, message, remedy, where, at } = value.problem as Record<string, unknown>;
      return {
        ok: false,
        problem: {
          kind: isProblemKind(kind) ? kind : 'internal',
          message: String(message),
          ...(typeof remedy === 'string' ? { remedy } : {}),
          ...(typeof where === 'string' ? { where } : {}),
          ...(typeof at === 'number' ? { at } : {}),
        },
      };
    }
  }
  return refused('bad-reply', 'The answer of the engine has no known form');
}
