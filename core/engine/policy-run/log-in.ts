import type { BodyStore } from '../../capture/body-store.ts';
import { decodeBody } from '../../capture/decode-body.ts';
import type { Flow } from '../../model/flow.ts';
import { problem } from '../../model/problem.ts';
import { resolveAddress, webAddress } from '../../model/web-address.ts';
import type { PolicyRequest, PolicyTarget } from '../../policy/file/policy.ts';
import { fieldsFor, pageFields } from '../../policy/live/forms.ts';
import type { Login, LoginOptions } from '../../policy/live/ports.ts';
import type { Replay } from '../../proxy/replay/replay-types.ts';
import { maskUrl } from '../../secrets/mask.ts';
import { CookieSource, givenCookies } from './cookie-source.ts';
import { requestFlow, urlOf } from './request-flow.ts';

export interface LogInPorts {
  readonly replay: Replay;
  readonly bodies: BodyStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
  /** After each answer. */
  readonly answered?: () => Promise<void>;
  /** Each cookie value that the application gives out on the way: records under it are ours. */
  readonly issued?: (raw: string) => void;
}

/** A session of the application, obtained as the policy says. */
export interface LoggedIn extends Login {
  /** All cookies that go with the verification request. */
  readonly cookies: readonly (readonly [name: string, raw: string])[];
}

const MOST_REDIRECTS = 20;
const TIME_LIMIT_MS = 30_000;

/**
 * Comes to a session: the given cookies, then the requests of the login in order, redirects followed, cookies kept as a
 * browser keeps them.
 * @throws ProblemError `login-failed`, `no-session`, `file-unreadable`, `bad-cookies`, `cancelled`
 */
export async function logIn(target: PolicyTarget, ports: LogInPorts, options: LoginOptions = {}): Promise<LoggedIn> {
  const { clock } = ports;
  const given = new Map(await givenCookies(target, clock()));
  if (options.cookie !== undefined) given.set(target.cookie, options.cookie);
  const cookies = new CookieSource(target.origin, given);
  let page = '';
  for (const written of target.login) {
    const request = withFields(written, options.fields);
    const answer = await follow(target, request, page, cookies, ports);
    page = answer.page;
    const { status } = answer;
    if (status >= 400) {
      throw problem('login-failed', `The login failed: ${nameOf(target, request)} was answered with ${status}`, {
        remedy: 'Check the requests under target.login: address, fields, user and password',
      });
    }
  }
  const now = clock();
  const sent = cookies.matching(urlOf(target, target.verification), now);
  const raw = sent.findLast(([name]) => name === target.cookie)?.[1];
  if (raw === undefined || raw === '') {
    const there = cookies.names;
    const has = there.length === 0 ? 'no cookie at all' : `only ${there.slice(0, 10).join(', ')}`;
    throw problem('no-session', `There is no cookie ${target.cookie} for ${target.origin}: there is ${has}`, {
      remedy: 'Check target.cookie, and whether the login gives the session',
    });
  }
  const setCookie = cookies.fields.get(target.cookie);
  return { raw, cookies: sent, ...(setCookie === undefined ? {} : { setCookie }) };
}

/** The request with other values in those fields that its form or JSON body has. */
function withFields(request: PolicyRequest, fields: LoginOptions['fields'] = {}): PolicyRequest {
  const replaced = <T extends Readonly<Record<string, unknown>>>(body: T): T =>
    Object.fromEntries(Object.entries(body).map(([name, value]) => [name, fields[name] ?? value])) as T;
  const { form, json } = request;
  return {
    ...request,
    ...(form === undefined ? {} : { form: replaced(form) }),
    ...(typeof json !== 'object' || json === null || Array.isArray(json)
      ? {}
      : { json: replaced(json as Record<string, unknown>) }),
  };
}

const SECRET_FIELD = /pass|pwd|secret|token|otp|pin|csrf|captcha/i;

/** What the login tells of the user, and pages may repeat: texts of its fields that are no secrets. */
export function userTextsOf(target: PolicyTarget): readonly string[] {
  const found = new Set<string>();
  const add = (body: unknown) => {
    if (typeof body !== 'object' || body === null) return;
    for (const [name, value] of Object.entries(body)) {
      const isText = typeof value === 'string' && value.length >= 3 && value.length <= 100 && /\p{L}/u.test(value);
      if (isText && !SECRET_FIELD.test(name)) found.add(value);
      else if (typeof value === 'object') add(value);
    }
  };
  for (const { form, json } of target.login) {
    add(form);
    add(json);
  }
  return [...found];
}

async function follow(
  target: PolicyTarget,
  request: PolicyRequest,
  pageBefore: string,
  cookies: CookieSource,
  { replay, bodies, clock, signal, answered, issued }: LogInPorts,
): Promise<{ status: number; page: string }> {
  let flow = requestFlow(target, request, cookies.matching(urlOf(target, request), clock()), {
    bodies,
    fields: takenFields(target, request, pageBefore),
  });
  for (let hops = 0; ; hops++) {
    const [answer] = await replay(flow, {}, { timeoutMs: TIME_LIMIT_MS, ...(signal === undefined ? {} : { signal }) });
    await answered?.();
    const response = answer?.response;
    const { url } = flow.request;
    if (answer === undefined || response === undefined) {
      throw problem('login-failed', `${maskUrl(url)} gave no answer: ${answer?.error ?? 'nothing came'}`, {
        remedy: 'Start the application first, and check target.origin',
      });
    }
    for (const raw of cookies.take(url, response.rawHeaders, clock())) issued?.(raw);
    const next = redirected(target, flow, answer, cookies, clock(), bodies);
    if (next === undefined) return { status: response.status, page: await textOf(answer, bodies) };
    if (hops === MOST_REDIRECTS) {
      throw problem('login-failed', `${nameOf(target, request)} is redirected without end`, {
        remedy: 'Check the requests under target.login',
      });
    }
    flow = next;
  }
}

/** The next request of a redirect (RFC 9110 section 15.4): a GET, but for 307 and 308. */
function redirected(
  target: PolicyTarget,
  flow: Flow,
  { response }: Flow,
  cookies: CookieSource,
  now: number,
  bodies: BodyStore,
): Flow | undefined {
  const { status = 0, rawHeaders = [] } = response ?? {};
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'location');
  const location = at < 0 ? undefined : rawHeaders[at + 1];
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = resolveAddress(location, flow.request.url);
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  // Headers of the policy may hold keys: they stay with the application.
  const headers = url.origin === target.origin ? target.headers : {};
  const get: PolicyRequest = { method: 'GET', url: url.url, headers: {}, fields: [] };
  const next = requestFlow({ origin: target.origin, headers }, get, cookies.matching(url.url, now), { bodies });
  if (status < 307 || url.origin !== webAddress(flow.request.url).origin) return next;
  const { method, body, rawHeaders: sent } = flow.request;
  const type = sent.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type');
  const kept = type < 0 ? [] : sent.slice(type, type + 2);
  return { ...next, request: { ...next.request, method, body, rawHeaders: [...next.request.rawHeaders, ...kept] } };
}

function takenFields(target: PolicyTarget, request: PolicyRequest, page: string): Record<string, string> {
  if (request.fields.length === 0) return {};
  const there = fieldsFor(pageFields(page), urlOf(target, request), target.origin);
  return Object.fromEntries(
    request.fields.map((name) => {
      const value = there.get(name);
      if (value !== undefined) return [name, value];
      const known = [...there.keys()].slice(0, 10).join(', ');
      throw problem('login-failed', `The page before ${nameOf(target, request)} has no field ${name}`, {
        remedy: known === '' ? 'It has no fields at all: get the page with the form before it' : `It has: ${known}`,
      });
    }),
  );
}

/** The decoded text of an answer. */
export async function textOf({ response }: Flow, bodies: Pick<BodyStore, 'read'>): Promise<string> {
  const ref = response?.body.ref;
  if (ref === undefined) return '';
  const raw = response?.rawHeaders ?? [];
  const at = raw.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-encoding');
  const { bytes } = await decodeBody(await bodies.read(ref), at < 0 ? undefined : raw[at + 1]);
  return bytes.toString('utf8');
}

function nameOf(target: PolicyTarget, request: PolicyRequest): string {
  return `${request.method} ${maskUrl(urlOf(target, request))}`;
}
