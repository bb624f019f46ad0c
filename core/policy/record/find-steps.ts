import { fieldsFor, pageFields, TOKEN_FIELD } from '../live/forms.ts';
import { asksCode, isContent, isUnsafe, passwordsIn, pathOf, type RecordedRequest } from './recording.ts';
import { fieldsOf } from './request-body.ts';

/** A request of the policy, where it came from, and why it is the one. */
export interface Step {
  readonly request: RecordedRequest;
  /** Fields that are taken over from the page before. */
  readonly fields: readonly string[];
  /** Fields that are passwords. */
  readonly passwords: readonly string[];
}

/** What was found in a recording. */
export interface FoundSteps {
  /** Pages and requests that log in, in order; empty where no login can be repeated. */
  readonly login: readonly Step[];
  /** Why there is none, for people. */
  readonly noLogin?: string;
  readonly verification: RecordedRequest | undefined;
  /** How it is known that it looks different without the session; undefined where the recording does not show it. */
  readonly contrast: string | undefined;
  readonly logout: Step | undefined;
  /** The session is over at the end of the recording. */
  readonly loggedOut: boolean;
}

const LOGOUT =
  /(^|[^a-z])(log[-_ ]?(out|off)|sign[-_ ]?(out|off)|logged[-_]?out|abmelden|deconnexion|cerrar[-_]?sesion)([^a-z]|$)/i;
const OWN_PAGE = /(^|[/_-])(me|account|profile|whoami|dashboard|home|user|settings|konto|profil)([/_.-]|$)/i;

/**
 * Finds login, verification and logout in the requests of one application, oldest first.
 * @param cookie name of the session cookie
 */
export function findSteps(requests: readonly RecordedRequest[], cookie: string): FoundSteps {
  const loginAt = loginOf(requests, cookie);
  const logoutAt = logoutOf(requests, cookie, loginAt ?? 0);
  const between = requests.slice((loginAt ?? -1) + 1, logoutAt ?? requests.length);
  const others = [...requests.slice(0, loginAt ?? 0), ...requests.slice((logoutAt ?? requests.length) + 1)];
  const submitted = loginAt === undefined ? undefined : requests[loginAt];
  const names = submitted === undefined ? [] : typedTexts(submitted);
  const { verification, contrast } = verificationOf(between, others, cookie, names);
  const coded = loginAt === undefined ? undefined : between.find((one) => isUnsafe(one) && asksCode(one));
  const login = loginAt === undefined || coded !== undefined ? [] : loginSteps(requests, loginAt, cookie);
  const noLogin =
    coded !== undefined
      ? `the login asks for a one-time code (${coded.method} ${pathOf(coded.url)}), which no file can hold`
      : loginAt === undefined
        ? 'no request sends a password: the login is a passkey, another site, or a link by mail, or it was not recorded'
        : undefined;
  return {
    login,
    ...(noLogin === undefined ? {} : { noLogin }),
    verification,
    contrast,
    logout: logoutAt === undefined ? undefined : stepOf(requests, logoutAt),
    loggedOut: logoutAt !== undefined,
  };
}

/** The last request with a password after which the browser had a session; a login that failed before it is none. */
function loginOf(requests: readonly RecordedRequest[], cookie: string): number | undefined {
  const found = requests.flatMap((request, at) => {
    if (!isUnsafe(request) || (request.status ?? 500) >= 400) return [];
    return passwordsIn(request, pageBefore(requests, at)).length > 0 ? [at] : [];
  });
  const set = found.findLast((at) => {
    const { set: sets } = requests[at] as RecordedRequest;
    return (
      typeof sets[cookie] === 'string' || followed(requests, at).some((one) => typeof one.set[cookie] === 'string')
    );
  });
  // The session may be there before: then the answer that leads on is the one.
  return set ?? found.findLast((at) => isAccepted(requests, at)) ?? found.at(-1);
}

/** A redirect to somewhere else than the form itself, or an answer of data. */
function isAccepted(requests: readonly RecordedRequest[], at: number): boolean {
  const { status = 0, location, url, answerType } = requests[at] as RecordedRequest;
  if (status >= 300 && status < 400) return location !== undefined && pathOf(location) !== pathOf(url);
  return status < 300 && answerType !== 'text/html';
}

/** The requests to which redirects led from there. */
function followed(requests: readonly RecordedRequest[], at: number): RecordedRequest[] {
  const found: RecordedRequest[] = [];
  for (let next = at; found.length < 5; next++) {
    const { status = 0 } = requests[next] ?? {};
    const one = requests[next + 1];
    if (status < 300 || status >= 400 || one === undefined) break;
    found.push(one);
  }
  return found;
}

function logoutOf(requests: readonly RecordedRequest[], cookie: string, from: number): number | undefined {
  const named = requests.findLastIndex(
    (one, at) => at > from && LOGOUT.test(decoded(pathOf(one.url))) && (one.status ?? 500) < 400,
  );
  if (named >= 0) return named;
  // Without a telling name: a request that may change things, and ends the cookie or is DELETE on the session.
  const ended = requests.findLastIndex(
    (one, at) =>
      at > from &&
      isUnsafe(one) &&
      (one.status ?? 500) < 400 &&
      (one.set[cookie] === null || (one.method === 'DELETE' && /session|auth|token/i.test(pathOf(one.url)))),
  );
  return ended >= 0 ? ended : undefined;
}

/** The page with the form where its hidden fields are needed, steps before the password (a name first), and the login. */
function loginSteps(requests: readonly RecordedRequest[], at: number, cookie: string): Step[] {
  const steps: Step[] = [];
  const begin = beginningOf(requests, at, cookie);
  for (let one = begin; one <= at; one++) {
    const request = requests[one] as RecordedRequest;
    if (one !== at && !(isUnsafe(request) && fieldsOf(request) !== undefined)) continue;
    const step = stepOf(requests, one);
    const page = pageBefore(requests, one);
    if (step.fields.length > 0 && page !== undefined) steps.push({ request: page, fields: [], passwords: [] });
    steps.push(step);
  }
  return steps;
}

/** Where a login in several steps begins: forms on the way to the password, without the failed tries. */
function beginningOf(requests: readonly RecordedRequest[], at: number, cookie: string): number {
  const path = pathOf((requests[at] as RecordedRequest).url);
  let begin = at;
  for (let one = at - 1; one >= Math.max(0, at - 20); one--) {
    const request = requests[one] as RecordedRequest;
    // A form of a step before sends no password and another address; data is fetched by pages all the time.
    if (!isUnsafe(request) || fieldsOf(request) === undefined || pathOf(request.url) === path) continue;
    if (passwordsIn(request).length > 0 || (request.status ?? 500) >= 400) continue;
    if (!/log|sign|auth|ident|session|account/i.test(pathOf(request.url)) && request.set[cookie] === undefined)
      continue;
    begin = one;
  }
  return begin;
}

function stepOf(requests: readonly RecordedRequest[], at: number): Step {
  const request = requests[at] as RecordedRequest;
  const page = pageBefore(requests, at);
  return { request, fields: takenOver(request, page), passwords: passwordsIn(request, page) };
}

/** The page that was shown when a request was sent: the one its Referer names, or the newest before it. */
function pageBefore(requests: readonly RecordedRequest[], at: number): RecordedRequest | undefined {
  const referer = requests[at]?.headers['referer'];
  const pages = requests
    .slice(0, at)
    .filter((one) => one.method === 'GET' && one.answerType === 'text/html' && one.answer !== undefined);
  const named = referer === undefined ? undefined : pages.findLast(({ url }) => url.split('#')[0] === referer);
  return named ?? pages.at(-1);
}

/** Fields that the page gave: tokens by name, and values that only the page can know. */
function takenOver(request: RecordedRequest, page: RecordedRequest | undefined): string[] {
  const fields = fieldsOf(request);
  if (fields === undefined || page?.answer === undefined) return [];
  const offered = fieldsFor(pageFields(page.answer), request.url, page.url);
  return Object.entries(fields).flatMap(([name, value]) => {
    const given = offered.get(name);
    if (given === undefined) return [];
    // The token of a form may be written anew for each reading of the page, so that its value need not be the same.
    return TOKEN_FIELD.test(name) || /token/i.test(name) || (given === value && value.length >= 16) ? [name] : [];
  });
}

/** Texts that the user typed at the login, apart from the password: what a page of his may show. */
function typedTexts(login: RecordedRequest): string[] {
  const passwords = new Set(passwordsIn(login));
  return Object.entries(fieldsOf(login) ?? {})
    .filter(
      ([name, value]) => !passwords.has(name) && !TOKEN_FIELD.test(name) && value.length >= 3 && value.length <= 100,
    )
    .map(([, value]) => value);
}

function verificationOf(
  between: readonly RecordedRequest[],
  others: readonly RecordedRequest[],
  cookie: string,
  names: readonly string[],
): { verification: RecordedRequest | undefined; contrast: string | undefined } {
  const pages = between.filter(
    (one) => one.method === 'GET' && one.status === 200 && isContent(one) && one.sent[cookie] !== undefined,
  );
  let best: { one: RecordedRequest; rank: number; contrast: string | undefined } | undefined;
  for (const one of pages) {
    const contrast = contrastOf(one, others);
    const shows = names.some((name) => one.answer?.includes(name) === true);
    const rank =
      (contrast === undefined ? 0 : 8) +
      (shows ? 4 : 0) +
      (OWN_PAGE.test(pathOf(one.url)) ? 2 : 0) +
      (one.answerType === 'text/html' ? 1 : 0);
    // Of equals the first after the login, which pages that come later often lead away from.
    if (rank > (best?.rank ?? -1)) best = { one, rank, contrast };
  }
  return { verification: best?.one, contrast: best?.contrast };
}

/** How the same address answered without the session; undefined where that was not seen, or made no difference. */
function contrastOf(page: RecordedRequest, others: readonly RecordedRequest[]): string | undefined {
  for (const one of others) {
    if (one.method !== 'GET' || one.url.split('#')[0] !== page.url.split('#')[0] || one.status === undefined) continue;
    if (one.status === 304) continue;
    if (one.status !== page.status) {
      return `without the session it answered ${one.status}${one.location === undefined ? '' : ` to ${one.location}`}`;
    }
    if (one.answer !== undefined && page.answer !== undefined && one.answer !== page.answer) {
      return 'without the session it showed something else';
    }
  }
  return undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
