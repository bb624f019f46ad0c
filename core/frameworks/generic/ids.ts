import { children } from '../../codec/path.ts';
import type { TypedNode } from '../../model/typed.ts';

/** Where applications keep the id inside a signed or sealed value. */
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
const MOST = 5;

/** Texts under keys that name a session, at the top of a decoded value or one level down. */
export function idsInside(value: TypedNode | null): string[] {
  if (value === null) return [];
  if (value.t === 'str') return looksLikeId(value.v) ? [value.v] : [];
  const found: string[] = [];
  const visit = (node: TypedNode, depth: number): void => {
    for (const [step, child] of children(node)) {
      if (found.length >= MOST) return;
      const key = step.kind === 'key' && step.key.t === 'str' ? step.key.v.toLowerCase() : undefined;
      if (key === undefined) continue;
      if (child.t === 'str' && INNER_KEYS.has(key) && looksLikeId(child.v)) found.push(child.v);
      else if (depth < 1) visit(child, depth + 1);
    }
  };
  visit(value, 0);
  return found;
}

function looksLikeId(text: string): boolean {
  return /^[\w.:+/=-]{8,512}$/.test(text);
}

/** How an id was come by that C would end at a NUL. */
export const UP_TO_NUL = 'the id up to a NUL, where C would end it';

/** Percent escapes taken off; the text itself where they are malformed. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One pair of double quotes taken off. */
export function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
