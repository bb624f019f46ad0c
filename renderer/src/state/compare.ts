import type { FlowDetail } from '../../../core/model/app.ts';
import type { CookieView } from '../../../core/model/session.ts';

/** One line of a comparison of texts: absent on a side means that the side has none. */
export interface TextDifference {
  readonly at: string;
  readonly left?: string;
  readonly right?: string;
}

type Facts = ReadonlyMap<string, string>;

/** What differs between two sets of named facts, in the order of the left, then what only the right has. */
export function compareFacts(left: Facts, right: Facts): TextDifference[] {
  const lines: TextDifference[] = [];
  for (const [at, value] of left) {
    const other = right.get(at);
    if (other === undefined) lines.push({ at, left: value });
    else if (other !== value) lines.push({ at, left: value, right: other });
  }
  for (const [at, value] of right) if (!left.has(at)) lines.push({ at, right: value });
  return lines;
}

/** Request line, every header (repeated ones numbered), status and sizes of a flow, by name. */
export function flowFacts({ flow }: FlowDetail): Facts {
  const facts = new Map<string, string>([
    ['request', `${flow.request.method} ${flow.request.url}`],
    ['status', flow.response === undefined ? (flow.error ?? '—') : `${flow.response.status} ${flow.response.reason}`],
    ['request body', `${flow.request.body.size} B`],
    ['response body', `${flow.response?.body.size ?? 0} B`],
  ]);
  headers(facts, '→', flow.request.rawHeaders);
  headers(facts, '←', flow.response?.rawHeaders ?? []);
  return facts;
}

/** Cookies are taken apart, so that one changed cookie is one line. */
function headers(facts: Map<string, string>, mark: string, raw: readonly string[]): void {
  const seen = new Map<string, number>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    if (name === 'cookie') {
      for (const pair of value.split(/;\s*/)) {
        const [cookie = '', ...rest] = pair.split('=');
        facts.set(`${mark} cookie ${cookie}`, rest.join('='));
      }
      continue;
    }
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const own = name === 'set-cookie' ? ` ${value.split('=')[0] ?? ''}` : count > 1 ? ` (${count})` : '';
    facts.set(`${mark} ${name}${own}`, value);
  }
}

/** A cookie's attributes by name. */
export function cookieFacts(cookie: CookieView | null): Facts {
  if (cookie === null) return new Map();
  const facts = new Map<string, string>([
    ['Domain', cookie.hostOnly ? 'host only' : (cookie.domain ?? '')],
    ['Path', cookie.path],
    ['Secure', String(cookie.secure)],
    ['HttpOnly', String(cookie.httpOnly)],
    ['SameSite', cookie.sameSite ?? '—'],
    ['Partitioned', String(cookie.partitioned)],
  ]);
  if (cookie.maxAge !== undefined) facts.set('Max-Age', cookie.maxAge);
  if (cookie.expiresText !== undefined) facts.set('Expires', cookie.expiresText);
  return facts;
}
