import { tokenizeCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';
import { remembered } from '../model/recent.ts';
import type { Carrier, Sighting } from '../model/session.ts';
import { type NameMeaning, nameMeaning } from './score-names.ts';
import { transportDecoded, valueShape } from './value-shape.ts';

/** A value that may name a session, with the place it was found in. */
export type Found = Pick<Sighting, 'carrier' | 'id' | 'raw' | 'direction' | 'setCookie'>;

/** Bounds on what one message can make us look at. */
const MOST_FOUND = 100;
const MOST_LOOKED_AT = 1_000;
const LONGEST_VALUE = 16_384;

/** Schemes whose credentials name a user or a connection, never a session. */
const NO_TOKEN_SCHEMES = /^(basic|digest|negotiate|ntlm|aws4-hmac-sha256|hoba|mutual|vapid)$/i;

const meaningOf = remembered(nameMeaning);

/**
 * Whether a cookie of this name can be the session at all. Names known for another purpose are left out; everything
 * else is sighted, since a store may know an id whose name and form say nothing.
 */
function mayCarrySession(name: string): boolean {
  switch (meaningOf(name).kind) {
    case 'csrf':
    case 'analytics':
    case 'consent':
    case 'routing':
      return false;
    default:
      return true;
  }
}

type HeaderUse = 'cookie' | 'set-cookie' | 'authorization' | 'own' | 'none';

/** Fields of the standards whose names hold a word of ours. */
const STANDARD =
  /^(www-authenticate|proxy-|authentication-info|sec-|access-control-|origin-agent|strict-|upgrade|user-agent|x-user-agent|content-|accept|x-forwarded|session-ticket)/;

const headerUse = remembered((name): HeaderUse => {
  const lower = name.toLowerCase();
  if (lower === 'cookie' || lower === 'set-cookie' || lower === 'authorization') return lower;
  if (STANDARD.test(lower)) return 'none';
  const { kind } = nameMeaning(lower.replace(/^x-/, ''));
  return kind === 'session-word' || kind === 'auth-word' || kind === 'framework' || /(^|-)api-?key$/.test(lower)
    ? 'own'
    : 'none';
});

/** The sightings of a request: cookies, URL, `Authorization` and own headers. Never fails, whatever the bytes. */
export function inRequest(url: string, rawHeaders: readonly string[], wanted?: (name: string) => boolean): Found[] {
  const found = inHeaders(rawHeaders, 'request', wanted);
  if (found.length < MOST_FOUND) found.push(...inUrl(url));
  return found;
}

/** The sightings of a response: every Set-Cookie (also one that deletes) and own headers. */
export function inResponse(rawHeaders: readonly string[], wanted?: (name: string) => boolean): Found[] {
  return inHeaders(rawHeaders, 'response', wanted);
}

/** A cookie as it stands in a header, and whether its name alone lets it be looked at. */
interface Seen {
  readonly carrier: Carrier & { readonly kind: 'cookie' };
  readonly raw: string;
  readonly id: string;
  readonly may: boolean;
}

/** The same Cookie header comes with each request of a browser. */
const cookiesOf = remembered((header): readonly Seen[] =>
  tokenizeCookie(header)
    .filter(({ hasEquals, value }) => hasEquals && value !== '')
    .map(({ name, value }) => seenCookie(name, value)),
);

const setCookieOf = remembered((header): readonly Seen[] => {
  const { pair } = tokenizeSetCookie(header);
  return pair.hasEquals ? [seenCookie(pair.name, pair.value)] : [];
});

function seenCookie(name: string, raw: string): Seen {
  return { carrier: { kind: 'cookie', name }, raw, id: transportDecoded(raw), may: mayCarrySession(name) };
}

/** Something in a head that may be sighted. */
interface Candidate {
  readonly found: Found;
  /** Only where the user called the cookie of this name a session. */
  readonly unlessWanted?: string;
}

/** Lists that are kept are never changed, and many messages have the same one. */
const candidatesOf = {
  request: new WeakMap<readonly string[], readonly Candidate[]>(),
  response: new WeakMap<readonly string[], readonly Candidate[]>(),
};

function inHeaders(
  rawHeaders: readonly string[],
  direction: Sighting['direction'],
  wanted: (name: string) => boolean = () => false,
): Found[] {
  const known = candidatesOf[direction];
  let candidates = known.get(rawHeaders);
  if (candidates === undefined) known.set(rawHeaders, (candidates = readHeaders(rawHeaders, direction)));
  const found: Found[] = [];
  for (const { found: one, unlessWanted } of candidates) {
    if (found.length >= MOST_FOUND) break;
    if (unlessWanted === undefined || wanted(unlessWanted)) found.push(one);
  }
  return found;
}

function readHeaders(rawHeaders: readonly string[], direction: Sighting['direction']): readonly Candidate[] {
  const candidates: Candidate[] = [];
  const take = (carrier: Carrier, id: string, raw: string, setCookie?: string, unlessWanted?: string): void => {
    if (candidates.length >= MOST_LOOKED_AT || raw.length > LONGEST_VALUE) return;
    const found =
      setCookie === undefined ? { carrier, id, raw, direction } : { carrier, id, raw, direction, setCookie };
    candidates.push(unlessWanted === undefined ? { found } : { found, unlessWanted });
  };
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    switch (headerUse(name)) {
      case 'cookie':
        if (direction !== 'request') break;
        for (const { carrier, id, raw, may } of cookiesOf(value)) {
          take(carrier, id, raw, undefined, may ? undefined : carrier.name);
        }
        break;
      case 'set-cookie':
        if (direction !== 'response') break;
        for (const { carrier, id, raw, may } of setCookieOf(value)) {
          take(carrier, id, raw, value, may ? undefined : carrier.name);
        }
        break;
      case 'authorization':
        if (direction === 'request') {
          const token = bearer(value);
          if (token !== undefined) take({ kind: 'header', name }, token, value);
        }
        break;
      case 'own':
        if (/^\S{8,}$/.test(value)) take({ kind: 'header', name }, transportDecoded(value), value);
        break;
      case 'none':
        break;
    }
  }
  return candidates;
}

/** The token of `Authorization`, for schemes that carry one. */
function bearer(value: string): string | undefined {
  const [, scheme, token] = /^([\w-]+)[ \t]+(\S+)$/.exec(value) ?? [];
  if (scheme === undefined) return /^\S{16,}$/.test(value) ? value : undefined;
  return NO_TOKEN_SCHEMES.test(scheme) ? undefined : token;
}

/** `;jsessionid=…` in the path and parameters of the query that are named like a session. */
function inUrl(url: string): Found[] {
  if (!/[;?]/.test(url)) return [];
  const found: Found[] = [];
  const text = url.split('#', 1)[0] ?? '';
  for (const part of text.slice(0, 65_536).split(/[;?&/]/)) {
    if (found.length >= MOST_FOUND) break;
    const equals = part.indexOf('=');
    if (equals < 1 || equals === part.length - 1) continue;
    const parameter = transportDecoded(part.slice(0, equals));
    const raw = part.slice(equals + 1);
    const id = transportDecoded(raw);
    if (id.length <= LONGEST_VALUE && urlMayCarry(meaningOf(parameter), id)) {
      found.push({ carrier: { kind: 'url', parameter }, id, raw, direction: 'request' });
    }
  }
  return found;
}

/** A URL is full of parameters, so a word alone does not do: the value has to look like an id too. */
function urlMayCarry(meaning: NameMeaning, value: string): boolean {
  if (meaning.kind !== 'framework' && meaning.kind !== 'session-word' && meaning.kind !== 'auth-word') return false;
  const { kind } = valueShape(value);
  return kind !== 'number' && kind !== 'word' && kind !== 'text' && kind !== 'empty' && kind !== 'json';
}
