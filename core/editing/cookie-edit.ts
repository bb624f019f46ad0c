import { editSetCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';
import type { CookieChange } from '../model/app.ts';
import { problem } from '../model/problem.ts';
import type { CookieView } from '../model/session.ts';

/** A cookie before and after a change, as Set-Cookie values (Latin-1). */
export interface CookieDraft {
  readonly before: string;
  readonly after: string;
  readonly notes: readonly string[];
}

/**
 * What a change makes of a cookie: on the last Set-Cookie byte for byte, or, when none was seen, on the name and value
 * that the browser sends. Pure. Throws kind `bad-cookie` for text that would not stay one cookie.
 */
export function draftCookie(
  cookie: Pick<CookieView, 'name' | 'value' | 'setCookie'>,
  change: CookieChange,
): CookieDraft {
  const { name, value, setCookie } = cookie;
  const before = setCookie ?? `${name}=${value}`;
  const set = Object.entries(change.set ?? {}).map(([key, text]) => [key, text ?? true] as const);
  const after = editSetCookie(before, {
    ...(change.value === undefined ? {} : { value: change.value }),
    attributes: { set: Object.fromEntries(set), remove: change.remove ?? [] },
  });
  const notes: string[] = [];
  if (setCookie === undefined) {
    notes.push(
      'No answer that passed here set this cookie, so its attributes are not known; the browser may hold others',
    );
  }
  notes.push(...warnings(after));
  if (before === after) notes.push('The change leaves the cookie as it is');
  return { before, after, notes };
}

/** What a user should know of the result; what a browser does with it is the judge's part. */
function warnings(after: string): string[] {
  const { attributes } = tokenizeSetCookie(after);
  const last = (name: string) => attributes.findLast((token) => token.name.toLowerCase() === name);
  const out: string[] = [];
  const counts = new Map<string, number>();
  for (const { name } of attributes) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  for (const [name, n] of counts) if (n > 1) out.push(`${name} stands there ${n} times; browsers use the last one`);
  const maxAge = last('max-age');
  const expires = last('expires');
  if (maxAge !== undefined && expires !== undefined)
    out.push('Max-Age and Expires are both there; browsers go by Max-Age');
  if (maxAge !== undefined && /^(0|-\d+)$/.test(maxAge.value))
    out.push('Max-Age of 0 or less deletes the cookie in the browser');
  return out;
}

/** `value: 3f2a…9c → 81d0…1b, SameSite: Lax → Strict, HttpOnly removed`. */
export function describeCookieChange(cookie: Pick<CookieView, 'name'>, draft: CookieDraft): string {
  const before = tokenizeSetCookie(draft.before);
  const after = tokenizeSetCookie(draft.after);
  const parts: string[] = [];
  if (before.pair.value !== after.pair.value) {
    parts.push(`${cookie.name}: ${short(before.pair.value)} → ${short(after.pair.value)}`);
  }
  const was = byName(before.attributes);
  const is = byName(after.attributes);
  for (const [name, text] of is) {
    const old = was.get(name);
    if (old === undefined) parts.push(`${text} added`);
    else if (old !== text) parts.push(`${old} → ${text}`);
  }
  for (const [name, text] of was) if (!is.has(name)) parts.push(`${text} removed`);
  return parts.length === 0 ? 'Nothing changed' : parts.join(', ');
}

function byName(tokens: readonly { readonly name: string; readonly raw: string }[]): Map<string, string> {
  return new Map(tokens.map(({ name, raw }) => [name.toLowerCase(), raw.trim()]));
}

function short(value: string): string {
  return value.length > 14 ? `${value.slice(0, 4)}…${value.slice(-2)}` : value;
}

/** The value that a Set-Cookie gives. */
export function cookieValue(setCookie: string): string {
  return tokenizeSetCookie(setCookie).pair.value;
}

/** Refuses a change that says nothing. */
export function checkChange(change: CookieChange): void {
  const empty = change.value === undefined && Object.keys(change.set ?? {}).length === 0 && !change.remove?.length;
  if (empty) throw problem('nothing-to-do', 'The change names neither a value nor an attribute');
}
