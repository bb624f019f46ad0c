import type * as z from 'zod/mini';

/** What an operation does to the state: nothing, changes it, or takes something away. */
export type Effect = 'reads' | 'writes' | 'destroys';

/**
 * - `idempotent`: carried out twice in a row it leaves the same state as once (reading always does).
 * - `traffic`: sends requests to applications, or changes what passes the proxy or where it listens.
 * - `secrets`: its reply may hold what identifies a user: values of cookies, session data, bodies, keys.
 * - `undoable`: its reply names an edit (`editId`) that `edit.undo` takes back.
 * - `application`: changes what applications store or what browsers hold, not the debugger's own state alone.
 * - `saved`: its reply says that something is saved in the workspace. Edits confirm that themselves, step by step.
 */
export type Trait = 'idempotent' | 'traffic' | 'secrets' | 'undoable' | 'application' | 'saved';

/** Exactly one effect, then the traits. What guards, masks and records calls reads these (`core/engine/gate.ts`). */
export type Marks = readonly [Effect, ...Trait[]];

/** How a change is taken back: by another operation of the table, or the reason why it cannot be. */
export type TakenBack = { readonly by: string } | { readonly never: string };

/** Whatever changes something and is not `undoable` says how it is taken back; it does not compile otherwise. */
type WithUndo<M extends Marks> = M extends readonly ['reads', ...Trait[]]
  ? { readonly undo?: never }
  : 'undoable' extends M[number]
    ? { readonly undo?: never }
    : { readonly undo: TakenBack };

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
  line: Operation<Request, Reply, M> & WithUndo<M>,
): Operation<Request, Reply, M> & { readonly undo?: TakenBack } {
  return line;
}

/** Whether an operation with these marks changes anything. */
export function changes([effect]: Marks): boolean {
  return effect !== 'reads';
}

/** Whether an operation with these marks needs the user's consent: it destroys, or changes what is not the debugger's own. */
export function needsConsent([effect, ...traits]: Marks): boolean {
  return effect === 'destroys' || traits.includes('application');
}
