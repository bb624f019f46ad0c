import type { Flow } from '../../model/flow.ts';
import { partsOf } from './page-parts.ts';

/** What one response of an application shows, taken apart so that responses can be compared. */
export interface Observation {
  readonly flowId: string;
  /** 0 when there was no response. */
  readonly status: number;
  /** Redirect target without query and fragment. */
  readonly location?: string;
  /** The session cookie in the response: repeated, replaced, deleted, or not there. */
  readonly id: 'same' | 'new' | 'deleted' | 'none';
  /** Value of the new id, for following it and for cleaning up after an experiment. */
  readonly newId?: string;
  /** Tags, texts and members of the page, each once: see `partsOf`. */
  readonly parts: readonly string[];
  /** The decoded text of the response, shortened. */
  readonly text: string;
  /** Seconds after which the application wants to be asked again (429 and 503). */
  readonly retryAfter?: number;
  /** Header fields by which caches say that they answered. */
  readonly cacheHeaders: readonly string[];
}

const MOST_TEXT = 400_000;

/**
 * Reads a response. `cookieName` is the session cookie's name and `sent` its raw value in the request (undefined: it was
 * not sent). `body` is the decoded text of the response, `now` the time in ms for a Retry-After that is a date.
 */
export function observe(
  flow: Flow,
  body: string,
  cookieName: string,
  sent: string | undefined,
  now = Date.now(),
): Observation {
  const { response } = flow;
  const raw = response?.rawHeaders ?? [];
  const values = (name: string) => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
  const location = values('location')[0];
  // The last one counts: browsers keep what was set last.
  const set = values('set-cookie')
    .filter((value) => value.startsWith(`${cookieName}=`))
    .at(-1);
  const value = set?.slice(cookieName.length + 1).split(';', 1)[0];
  const id = set === undefined ? 'none' : isDeleting(set) ? 'deleted' : value === sent ? 'same' : 'new';
  const retryAfter = secondsUntil(values('retry-after')[0], now);
  const text = body.slice(0, MOST_TEXT);
  return {
    flowId: flow.id,
    status: response?.status ?? 0,
    ...(location === undefined ? {} : { location: location.replace(/[?#].*$/, '') }),
    id,
    ...(id === 'new' && value !== undefined ? { newId: value } : {}),
    parts: partsOf(text),
    text,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    cacheHeaders: cacheHeaders(raw),
  };
}

/** RFC 6265bis section 5.7: a Max-Age of 0 or less, or an Expires in the past, removes the cookie. */
export function isDeleting(setCookie: string): boolean {
  const maxAge = /;\s*max-age\s*=\s*(-?\d+)/i.exec(setCookie)?.[1];
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = /;\s*expires\s*=\s*([^;]+)/i.exec(setCookie)?.[1];
  return expires !== undefined && Date.parse(expires) < Date.parse('2020-01-01');
}

function secondsUntil(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

/** Fields that say that something between the application and us answered from what it kept. */
function cacheHeaders(raw: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    const says =
      (/^age$/i.test(name) && Number(value) > 0) ||
      (/^(x-cache(-status|-hits)?|cf-cache-status|cache-status|x-proxy-cache|x-varnish-cache)$/i.test(name) &&
        /\bhit\b|^[1-9]\d*$/i.test(value));
    if (says) found.push(`${name}: ${value}`);
  }
  return found;
}
