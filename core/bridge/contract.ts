import type * as z from 'zod/mini';
import { agents } from './operations/agents.ts';
import { app } from './operations/app.ts';
import { browsers } from './operations/browsers.ts';
import { cookies } from './operations/cookies.ts';
import { events } from './operations/events.ts';
import { flows } from './operations/flows.ts';
import { keyRing } from './operations/keys.ts';
import { lab } from './operations/lab.ts';
import { proxy } from './operations/proxy.ts';
import { records } from './operations/records.ts';
import { sessions } from './operations/sessions.ts';
import { stores } from './operations/stores.ts';
import { transfer } from './operations/transfer.ts';
import { values } from './operations/values.ts';

/**
 * The operation table: everything that can be requested of the engine, one file for each feature. Preload, host, web
 * transport, client, fake, agents' tools and the documents derive from it; an operation that is missing on any side does
 * not compile. `request` schemas are checked by the host, `reply` and event schemas by the client; both sides treat what
 * arrives as unknown.
 */
export const operations = {
  ...app,
  ...sessions,
  ...records,
  ...values,
  ...keyRing,
  ...cookies,
  ...stores,
  ...flows,
  ...proxy,
  ...transfer,
  ...browsers,
  ...lab,
  ...agents,
} as const;

export { events };

export type Operations = typeof operations;
export type Method = keyof Operations;
export type RequestOf<M extends Method> = z.infer<Operations[M]['request']>;
export type ReplyOf<M extends Method> = z.infer<Operations[M]['reply']>;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventOf<E extends EventName> = z.infer<Events[E]>;

/** Every operation as a function: what a host implements and a client offers. */
export type Handlers = { readonly [M in Method]: (request: RequestOf<M>) => Promise<ReplyOf<M>> };

/** The handlers of one feature of the table. */
export type HandlersOf<Feature extends Partial<Operations>> = Pick<Handlers, keyof Feature & Method>;

/** Operations whose mark says that their reply names an edit. */
type Undoable = { [M in Method]: 'undoable' extends Operations[M]['marks'][number] ? M : never }[Method];
/** Does not compile when the reply of such an operation names none, unless nothing was written. */
export type UndoableReply = Is<
  { readonly editId: string } | { readonly outcome: 'conflict' | 'gone' },
  ReplyOf<Undoable>
>;
type Is<Shape, T extends Shape> = T;
