import type { PossibleId } from '../frameworks/framework.ts';
import { fileNames, publicIds, UP_TO_NUL } from '../frameworks/record-ids.ts';
import { ProblemError } from '../model/problem.ts';
import type { RecordStore, StoredRecord, StoreLayout } from '../model/record.ts';
import type { TypedNode } from '../model/typed.ts';

/** A session as it was seen: `name` is the cookie's, where it is known. */
export interface Seen {
  readonly name?: string;
  readonly id: string;
  readonly raw: string;
}

export interface Match {
  readonly record: StoredRecord;
  readonly how: string;
}

/** Most names that one session is looked up by. */
const MOST = 12;

/**
 * The names under which a record of this session may be found, likeliest first. In a store whose layout is known these
 * are the layout's names for the ids that the value carries; otherwise the ids themselves and the names that files of
 * sessions have anywhere.
 */
export function possibleIds(session: Seen, decoded?: TypedNode | null, layout?: StoreLayout): PossibleId[] {
  const ids = publicIds({ name: '', ...session, decoded: decoded ?? null });
  if (layout !== undefined) return layoutNames(ids, layout);
  const found = [...ids];
  for (const one of new Set([ids[0]?.id ?? '', ids.find(({ how }) => how === UP_TO_NUL)?.id ?? ''])) {
    for (const { name, how } of fileNames(one)) {
      if (!found.some(({ id }) => id === name)) found.push({ id: name, how });
    }
  }
  return found.slice(0, MOST);
}

function layoutNames(ids: readonly PossibleId[], layout: StoreLayout): PossibleId[] {
  const found: PossibleId[] = [];
  for (const { id, how } of ids) {
    for (const name of layout.recordNames(id)) {
      if (found.some((known) => known.id === name)) continue;
      found.push({ id: name, how: name === id ? how : `${how}, as ${layout.title} names it` });
    }
  }
  return found.slice(0, MOST);
}

/**
 * Looks a session's record up in one store. A store may answer with a record of another name (letter case folded,
 * padding taken off): then that name is the record's. An id that the store refuses is simply not found there.
 */
export async function joinRecord(
  store: RecordStore,
  session: Seen,
  decoded?: TypedNode | null,
): Promise<Match | undefined> {
  for (const { id, how } of possibleIds(session, decoded, store.layout)) {
    const record = await readQuietly(store, id);
    if (record === undefined) continue;
    const named = record.id.trimEnd() === id.trimEnd() ? how : `${how}, in other letter case`;
    return { record, how: named };
  }
  return undefined;
}

/** Names no store takes are no failures here: they only are not the record's. */
async function readQuietly(store: RecordStore, id: string): Promise<StoredRecord | undefined> {
  try {
    return await store.read(id);
  } catch (error) {
    if (isRefusedName(error)) return undefined;
    throw error;
  }
}

function isRefusedName(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.kind === 'bad-id';
}
