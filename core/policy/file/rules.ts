import { isIP } from 'node:net';
import { MOST_CELLS } from '../../frameworks/webpy/simulation/matrix.ts';
import { toProblem } from '../../model/problem.ts';
import { parseUrl } from '../../model/web-address.ts';
import { parseStoreUrl } from '../../stores/url.ts';
import { EXPERIMENTS } from '../live/catalog.ts';
import { ACTS } from '../live/run-experiments.ts';
import type { PolicyFileProblem } from './policy-file-error.ts';
import { CHECK_UP, type PolicyDocument, type PolicyRequest } from './schema.ts';
import { shown } from './shapes.ts';
import type { YamlPart } from './yaml-source.ts';

/** RFC 9110 section 5.6.2: what a cookie's and a header's name are made of. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
/** Experiments whose question is about the idle time. */
const ABOUT_IDLE: readonly string[] = ['idle-expiry', 'idle-limit'];

/**
 * What the keys of a policy have to do with one another, which a schema cannot say. `known` tells whether the value at a
 * path is there to be judged: one with a variable that is not set is not.
 */
export function brokenRules(
  policy: PolicyDocument,
  { placeOf }: Pick<YamlPart, 'placeOf'>,
  known: (path: readonly PropertyKey[]) => boolean,
  folder: string,
): PolicyFileProblem[] {
  const found: PolicyFileProblem[] = [];
  const say = (path: readonly PropertyKey[], message: string, remedy: string, of: 'key' | 'value' = 'value') =>
    void (known(path) && found.push({ place: placeOf(path, of), message, remedy }));
  const { target, store, parameters, record, simulated = [], live } = policy;

  if (policy.start !== undefined && target === undefined) {
    say(['start'], 'There is no application to be started', 'Add target, whose origin is waited for', 'key');
  }
  if (target !== undefined) judgeTarget(target, say, known);
  if (store !== undefined && known(['store'])) judgeStore(store, folder, say);
  if (
    target?.cookie !== undefined &&
    parameters?.cookie_name !== undefined &&
    target.cookie !== parameters.cookie_name
  ) {
    say(
      ['parameters', 'cookie_name'],
      `The cookie is called ${shown(target.cookie)} in target`,
      'Give one name',
      'value',
    );
  }

  const logsIn = hasSession(policy);
  if (record === 'session' && (!logsIn || store === undefined)) {
    say(
      ['record'],
      'There is no session whose record could be copied',
      'Give store, and target with login or cookies; or record: new',
    );
  }
  if (record !== undefined && record !== 'new' && store === undefined) {
    say(['record'], 'There is no store from which a record could be copied', 'Give store, or record: new');
  }
  const names = new Set<string>();
  simulated.forEach((question, i) => {
    const { name, after = [], from = [], timeout = [], profiles = policy.profiles ?? [] } = question;
    const at = ['simulated', i];
    if (name !== undefined && names.has(name)) {
      say(
        [...at, 'name'],
        `Two questions are called ${shown(name)}`,
        'Reports tell them apart by their names: give another',
      );
    }
    if (name !== undefined) names.add(name);
    for (const [n, address] of from.entries()) judgeAddress(address, [...at, 'from'], n, say);
    const cells = [after, from, timeout, profiles].reduce((product, list) => product * Math.max(1, list.length), 1);
    if (cells > MOST_CELLS) {
      say(at, `This asks ${cells} combinations, more than the ${MOST_CELLS} that are computed`, 'Give shorter lists');
    }
  });

  if (live !== undefined) judgeLive();
  if (simulated.length === 0 && live === undefined) {
    say([], 'This policy asks nothing', 'Add questions under simulated, or experiments under live');
  }
  return found;

  function judgeLive(): void {
    if (live === undefined) return;
    if (target === undefined) {
      say(
        ['live'],
        'Live experiments need an application to ask',
        'Add target with origin, verification and login',
        'key',
      );
    } else if (!logsIn) {
      say(['target'], 'There is no way to a session in this target', 'Add login, cookies or cookie_file', 'key');
    }
    for (const [n, address] of (live.addresses ?? []).entries()) judgeAddress(address, ['live', 'addresses'], n, say);
    const { experiments = CHECK_UP } = live;
    for (const [id, allowed] of experiments === CHECK_UP ? [] : Object.entries(experiments)) {
      const { needs = [] } = EXPERIMENTS.find(({ meta }) => meta.id === id)?.meta ?? {};
      const path = ['live', 'experiments', id];
      const lacks = (what: string, remedy: string) => say(path, `${id} needs ${what}`, remedy, 'key');
      if (ABOUT_IDLE.includes(id) && live.idle === undefined)
        lacks('the idle time', 'Add idle under live, such as idle: 2h');
      if (id === 'absolute-lifetime' && live.absolute === undefined && !allowed.includes('not-applicable')) {
        lacks('the absolute lifetime', 'Add absolute under live, or expect not-applicable');
      }
      if (allowed.includes('cannot-tell')) continue;
      if (needs.includes('logout') && target?.logout === undefined)
        lacks('the request that logs out', 'Add logout to target');
      for (const need of needs) {
        const named = target as Readonly<Record<string, unknown>> | undefined;
        if (ACTS.has(need) && named?.[need] === undefined && !allowed.includes('not-applicable')) {
          lacks(`the request ${need}`, `Add ${need} to target, or expect not-applicable`);
        }
      }
      if (needs.includes('record') && store === undefined) lacks('the store of the application', 'Add store');
    }
  }
}

/** Whether the target says how to come to a session. */
export function hasSession({ target }: PolicyDocument): boolean {
  return (target?.login ?? target?.cookies ?? target?.cookie_file) !== undefined;
}

type Say = (path: readonly PropertyKey[], message: string, remedy: string, of?: 'key' | 'value') => void;

function judgeTarget(
  target: NonNullable<PolicyDocument['target']>,
  say: Say,
  known: (path: readonly PropertyKey[]) => boolean,
): void {
  const origin = httpUrl(target.origin);
  if (origin === undefined) {
    say(
      ['target', 'origin'],
      `${shown(target.origin)} is no address of a web application`,
      'Give scheme, host and port: http://127.0.0.1:8080',
    );
  } else if (origin.pathname !== '/' || origin.search !== '' || origin.hash !== '' || origin.username !== '') {
    say(
      ['target', 'origin'],
      `${shown(target.origin)} is more than an origin`,
      `Write ${origin.origin}, and paths in the requests`,
    );
  }
  if (target.cookie !== undefined && !TOKEN.test(target.cookie)) {
    say(
      ['target', 'cookie'],
      `${shown(target.cookie)} cannot be the name of a cookie`,
      'Give the name as it stands in Set-Cookie',
    );
  }
  judgeHeaders(target.headers, ['target', 'headers'], say);
  for (const [name, value] of Object.entries(target.cookies ?? {})) {
    if (!TOKEN.test(name))
      say(
        ['target', 'cookies', name],
        `${shown(name)} cannot be the name of a cookie`,
        'Give the name as it stands in Set-Cookie',
        'key',
      );
    if (/[\x00-\x1f\x7f;]|[^\x00-\xff]/.test(value))
      say(
        ['target', 'cookies', name],
        'This cannot be the value of a cookie',
        'Give the raw value as it stands in Set-Cookie',
      );
  }
  if (origin === undefined || !known(['target', 'origin'])) return;
  const check = (request: PolicyRequest, path: readonly PropertyKey[]) => {
    const url = httpUrl(request.url, origin);
    if (url === undefined)
      say(path, `${shown(request.url)} is neither a path nor an address`, 'Give a path such as /login');
    if (!TOKEN.test(request.method))
      say([...path, 'method'], `${shown(request.method)} is no method`, 'Give GET or POST');
    judgeHeaders(request.headers, [...path, 'headers'], say);
    const bodies = [request.form, request.json, request.body].filter((body) => body !== undefined);
    if (bodies.length > 1) say(path, 'A request has one body', 'Give only one of form, json and body');
    return url;
  };
  const verified = check(target.verification, ['target', 'verification']);
  if (verified !== undefined && verified.origin !== origin.origin) {
    say(
      ['target', 'verification'],
      `${verified.origin} is another origin than ${origin.origin}`,
      'The cookie of the session would not be sent there',
    );
  }
  if (target.logout !== undefined) check(target.logout, ['target', 'logout']);
  (target.login ?? []).forEach((request, i) => {
    check(request, ['target', 'login', i]);
    if (i === 0 && request.fields.length > 0) {
      say(
        ['target', 'login', i, 'fields'],
        'There is no page before this request',
        'Get the page with the form in a request before it',
      );
    }
  });
}

function judgeHeaders(
  headers: Readonly<Record<string, string>> | undefined,
  path: readonly PropertyKey[],
  say: Say,
): void {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!TOKEN.test(name))
      say(
        [...path, name],
        `${shown(name)} cannot be the name of a header field`,
        'Give a name such as Accept-Language',
        'key',
      );
    else if (/^cookie$/i.test(name))
      say([...path, name], 'Cookies are not given as a header field', 'Use cookies, or cookie_file', 'key');
    if (/[\x00\r\n]|[^\x00-\xff]/.test(value))
      say([...path, name], 'This cannot be the value of a header field', 'Give one line of Latin-1 text');
  }
}

function judgeStore(store: string, folder: string, say: Say): void {
  try {
    if (parseStoreUrl(store, folder).kind === 'memory') {
      say(
        ['store'],
        'The memory of another program cannot be opened',
        'Give the store of the application: disk:, sqlite:, …',
      );
    }
  } catch (error) {
    const { message, remedy = '' } = toProblem(error);
    say(['store'], message, remedy);
  }
}

function judgeAddress(address: string, path: readonly PropertyKey[], at: number, say: Say): void {
  if (isIP(address) === 0)
    say([...path, at], `${shown(address)} is no IP address`, 'Give one such as 127.0.0.2 or ::1');
}

function httpUrl(text: string, base?: URL): URL | undefined {
  const url = parseUrl(text, base);
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}
