import type * as z from 'zod/mini';

/** What an operation does to the state: nothing, changes it, or takes something away. */
export type Effect = 'reads' | 'writes' | 'destroys';

/**
 * - `idempotent`: carried out twice in a row it leaves the same state as once (reading always does).
 * - `traffic`: sends requests to applications, or changes what passes the proxy or where it listens.
 * - `secrets`: its reply may hold what identifies a user: values of cookies, session data, bodies, keys.
 * - `undoable`: its reply names an edit (`editId`) that `edit.undo` takes back.
 */
export type Trait = 'idempotent' | 'traffic' | 'secrets' | 'undoable';

/** Exactly one effect, then the traits. What guards, masks and records calls reads these (`core/engine/gate.ts`). */
export type Marks = readonly [Effect, ...Trait[]];

/** One line of the operation table. */
export interface Operation<
  Request extends z.ZodMiniType = z.ZodMiniType,
  Reply extends z.ZodMiniType = z.ZodMiniType,
  M extends Marks = Marks,
> {
  /** What it does, as one sentence in the third person: help, documents and tools of agents show it. */
  readonly sentence: string;
  readonly marks: M;
  /** Checked by the host on receipt. */
  readonly request: Request;
  /** Checked by the client on receipt. */
  readonly reply: Reply;
}

/** Writes one line of the operation table; gives it back with its exact types. */
export function operation<Request extends z.ZodMiniType, Reply extends z.ZodMiniType, const M extends Marks>(
  line: Operation<Request, Reply, M>,
): Operation<Request, Reply, M> {
  return line;
}
