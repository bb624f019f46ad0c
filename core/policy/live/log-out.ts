import type { Flow } from '../../model/flow.ts';
import { resolveAddress, webAddress } from '../../model/web-address.ts';
import type { LabContext } from './context.ts';
import { fieldsFor, pageFields, TOKEN_FIELD } from './forms.ts';
import type { Answer, Ask } from './ports.ts';

const MOST_HOPS = 5;

/**
 * What a request has to send along from the page that was seen before it: hidden fields of the form that leads there, a
 * token in a `meta` element as the header that scripts send.
 */
export async function withFormFields(
  lab: LabContext,
  request: Flow,
  page: Pick<Answer, 'body' | 'flow'>,
  named: readonly string[] = [],
): Promise<Pick<Ask, 'request' | 'body' | 'headers'>> {
  const { url, method } = request.request;
  if (/^(GET|HEAD|OPTIONS)$/i.test(method)) return { request };
  const fields = pageFields(page.body);
  const there = fieldsFor(fields, url, page.flow.request.url);
  const type = headerOf(request, 'content-type');
  const recorded = await lab.ports.readRequestBody?.(request);
  const hasBody = recorded !== undefined && recorded.length > 0;
  const token = fields.all.get('csrf-token') ?? fields.all.get('_csrf');
  const headers: Record<string, string> = {};
  if (token !== undefined) headers['X-CSRF-Token'] = token;
  if (hasBody && !/^application\/x-www-form-urlencoded/i.test(type ?? '')) return { request, headers };
  const form = new URLSearchParams(hasBody ? Buffer.from(recorded).toString('utf8') : '');
  const leads = fields.forms.some(
    (one) => fieldsFor({ forms: [one], all: new Map() }, url, page.flow.request.url).size > 0,
  );
  for (const [name, value] of there) {
    // What the recorded form had under that name is an old token, or what the page says now.
    if (named.includes(name) || TOKEN_FIELD.test(name) || (leads && name === '_method')) form.set(name, value);
  }
  if ([...form].length === 0) return { request, headers };
  return {
    request,
    body: Buffer.from(form.toString()),
    headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
  };
}

/** What a browser has in the session cookie after a response. */
export function cookieAfter(raw: string | null, { observation }: Answer): string | null {
  if (observation.id === 'deleted') return null;
  return observation.newId ?? raw;
}

export interface LoggedOut {
  readonly answer: Answer;
  /** Raw value of the session cookie that the browser has then; null: none. */
  readonly browser: string | null;
}

/**
 * Sends the logout as the browser would: with the fields of the page before it.
 * @param session the session that logs out: the run's own unless given
 * @throws ProblemError `no-logout`
 */
export async function logOut(
  lab: LabContext,
  page: Pick<Answer, 'body' | 'flow'>,
  session: Pick<Ask, 'cookie' | 'others'> = {},
): Promise<LoggedOut | undefined> {
  const { logout } = lab.ports;
  if (logout === undefined) return undefined;
  const filled = await withFormFields(lab, logout, page, lab.ports.logoutFields);
  const answer = await lab.ask({ title: 'The logout', unjudged: true, control: 'visitor', ...session, ...filled });
  return { answer, browser: cookieAfter(session.cookie === undefined ? lab.raw : session.cookie, answer) };
}

/** Follows the redirects of a logout, whose pages may do the rest of it, and gives the browser's cookie then. */
export async function followRedirects(lab: LabContext, { answer, browser }: LoggedOut): Promise<string | null> {
  return (await redirectsOf(lab, answer, { cookie: browser }, 'Where the logout leads')).browser;
}

/**
 * The last page that a browser gets to from a response, within the origin.
 * @param session the cookies that the browser has; its session cookie follows what responses set
 */
export async function redirectsOf(
  lab: LabContext,
  answer: Answer,
  session: Pick<Ask, 'cookie' | 'others'>,
  title: string,
): Promise<LoggedOut> {
  let [at, raw]: [Answer, string | null] = [answer, session.cookie === undefined ? lab.raw : session.cookie];
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    const location = headerOf({ request: { rawHeaders: at.flow.response?.rawHeaders ?? [] } }, 'location');
    const { status } = at.observation;
    if (location === undefined || status < 300 || status > 399) break;
    const from = at.flow.request.url;
    const url = resolveAddress(location, from);
    if (url?.origin !== webAddress(from).origin) break;
    at = await lab.ask({ title, url: url.href, ...session, cookie: raw, unjudged: true, control: 'visitor' });
    raw = cookieAfter(raw, at);
  }
  return { answer: at, browser: raw };
}

function headerOf(
  { request }: { readonly request: Pick<Flow['request'], 'rawHeaders'> },
  name: string,
): string | undefined {
  const { rawHeaders } = request;
  const at = rawHeaders.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}
