import type { RecordStore, StoredRecord } from '../model/record.ts';
import type { TypedNode } from '../model/typed.ts';
import { entriesOf } from './record-facts.ts';

/** A name under which a session's record may stand in a store, and how it was come by. */
export interface PossibleId {
  readonly id: string;
  readonly how: string;
}

export interface Match {
  readonly record: StoredRecord;
  readonly how: string;
}

const MOST = 12;
/** Where frameworks keep the id inside a signed or sealed value. */
const INNER_KEYS = new Set([
  'session_id',
  '_session_id',
  'sessionid',
  'sid',
  '_sid',
  '_id',
  'id',
  'jti',
  '_creation_id',
]);

/**
 * The ids under which a record of this session may be found, likeliest first: the id, its raw form, its percent-decoded
 * form, what express-session and others sign, and the ids inside the decoded value. Only printable ASCII: nobody makes
 * other ids, and databases refuse some of what a visitor can put into a cookie (a NUL, half a surrogate pair).
 */
export function possibleIds(session: { id: string; raw: string }, decoded?: TypedNode | null): PossibleId[] {
  const found: PossibleId[] = [];
  const add = (id: string, how: string) => {
    if (/^[\x20-\x7e]{1,4096}$/.test(id) && !found.some((known) => known.id === id)) found.push({ id, how });
  };
  add(session.id, 'the id itself');
  add(session.raw, 'the id as it stood in the header');
  const plain = unquote(percentDecoded(session.id));
  add(plain, 'the id with percent signs and quotes taken off');
  const express = /^s:(.+)\.[A-Za-z0-9+/]{43}$/s.exec(plain);
  if (express?.[1] !== undefined) add(express[1], 'the id inside the signed value');
  const signed = /^([0-9A-Za-z_-]{16,})\.[0-9A-Za-z_-]{20,}$/.exec(plain);
  if (signed?.[1] !== undefined) add(signed[1], 'the id before the signature');
  const cut = percentDecoded(session.raw).split('\0', 1)[0] ?? '';
  if (cut !== plain && cut !== '') add(cut, 'the id up to a NUL, where C would end it');
  for (const id of idsInside(decoded ?? null)) add(id, 'the id inside the decoded value');
  const first = found[0]?.id ?? '';
  for (const id of new Set([first, cut])) {
    if (/^[\w,-]+$/.test(id)) add(`sess_${id}`, 'the id with the prefix sess_');
  }
  return found.slice(0, MOST);
}

/**
 * Looks a session's record up in one store. A store may answer with a record of another name (letter case folded,
 * padding taken off): then that name is the record's. An id that the store refuses is simply not found there.
 */
export async function joinRecord(
  store: RecordStore,
  session: { id: string; raw: string },
  decoded?: TypedNode | null,
): Promise<Match | undefined> {
  for (const { id, how } of possibleIds(session, decoded)) {
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
  const kind = (error as { problem?: { kind?: string } } | null)?.problem?.kind;
  return kind !== undefined && /^(bad|invalid|refused)-?(id|name|key)|^not-an-id|^id-/.test(kind);
}

/** Texts under keys that name a session, at the top of a decoded value or one level down. */
function idsInside(value: TypedNode | null): string[] {
  if (value === null) return [];
  if (value.t === 'str') return looksLikeId(value.v) ? [value.v] : [];
  const out: string[] = [];
  const visit = (node: TypedNode, depth: number) => {
    for (const [key, child] of entriesOf(node) ?? []) {
      if (out.length >= 5) return;
      if (key.t === 'str' && child.t === 'str' && INNER_KEYS.has(key.v.toLowerCase()) && looksLikeId(child.v)) {
        out.push(child.v);
      } else if (depth < 1) visit(child, depth + 1);
    }
  };
  visit(value, 0);
  return out;
}

function looksLikeId(text: string): boolean {
  return /^[\w.:+/=-]{8,512}$/.test(text);
}

function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
