import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import { POLICY_VERSION } from '../file/schema.ts';
import type { FoundSteps, Step } from './find-steps.ts';
import type { RecordedRequest } from './recording.ts';
import { fieldsOf, isJson, jsonOf } from './request-body.ts';

/** What the policy is written for. */
export interface RecordedTarget {
  readonly origin: string;
  /** Name of the session cookie. */
  readonly cookie: string;
  /** As it is to stand in the file. */
  readonly store?: string;
  /** The file with the session's cookies, from the policy on, for a login that cannot be repeated. */
  readonly cookieFile?: string;
}

/** A policy file, and what has to be in the environment when it is run. */
export interface RecordedPolicy {
  readonly text: string;
  readonly variables: readonly string[];
}

/**
 * The policy file of what was found. Passwords are never in it: they are variables of the environment.
 */
export function recordedPolicy(found: FoundSteps, target: RecordedTarget): RecordedPolicy {
  const variables: string[] = [];
  const secret = (): string => {
    const name = variables.length === 0 ? 'PASSWORD' : `PASSWORD_${variables.length + 1}`;
    variables.push(name);
    return `\${${name}}`;
  };
  const token = (): string => {
    if (!variables.includes('CSRF_TOKEN')) variables.push('CSRF_TOKEN');
    return `\${CSRF_TOKEN}`;
  };
  const written = { secret, token };
  const login = found.login.map((step) => requestOf(step, target.origin, written));
  const byCookies = login.length === 0;
  const session = byCookies && target.cookieFile === undefined;
  if (session) variables.push('SESSION_ID');
  const document = new Document({
    version: POLICY_VERSION,
    title: target.origin,
    target: {
      origin: target.origin,
      cookie: literal(target.cookie),
      ...(found.verification === undefined
        ? { verification: '/' }
        : { verification: address(found.verification, target.origin) }),
      ...(byCookies ? {} : { login: login.length === 1 ? login[0] : login }),
      ...(target.cookieFile === undefined || !byCookies ? {} : { cookie_file: literal(target.cookieFile) }),
      ...(session ? { cookies: { [target.cookie]: `\${SESSION_ID}` } } : {}),
      ...(found.logout === undefined ? {} : { logout: requestOf(found.logout, target.origin, written) }),
    },
    ...(target.store === undefined ? {} : { store: target.store }),
    live: { experiments: 'check-up' },
  });
  document.commentBefore = ' Recorded from a browser. Run it with: sessionscope lab run FILE --yes';
  const say = (path: readonly string[], ...lines: string[]) => comment(document, path, lines);
  if (found.verification === undefined) {
    say(['target', 'verification'], 'To fill in: a page that looks different when logged in. None was recorded.');
  } else if (found.contrast === undefined) {
    say(
      ['target', 'verification'],
      'The recording does not show how this page looks without the session; the run finds out.',
    );
  } else say(['target', 'verification'], `In the recording ${found.contrast}.`);
  if (found.noLogin !== undefined) {
    const way = session
      ? `Set SESSION_ID to the raw value of ${target.cookie} before each run.`
      : 'The cookies of a browser that is logged in stand in this file; a run uses up that session.';
    say(['target', session ? 'cookies' : 'cookie_file'], `Not repeatable: ${found.noLogin}.`, way);
  }
  say(['live', 'experiments'], 'A report. To judge, name experiments and what is expected: docs/policy-file.md.');
  return { text: document.toString({ lineWidth: 0 }), variables };
}

/** Makes variables of what must not stand in the file. */
interface Written {
  secret(): string;
  token(): string;
}

function requestOf({ request, fields, passwords }: Step, origin: string, make: Written): object | string {
  const url = address(request, origin);
  const sent = fieldsOf(request);
  const method = request.method;
  const token = tokenHeader(request);
  const headers = token === undefined ? {} : { headers: { [token]: make.token() } };
  if (sent === undefined) {
    if (request.body !== undefined && request.body !== '')
      return { method, url, body: literal(request.body), ...headers };
    return method === 'GET' && token === undefined ? url : { method, url, ...headers };
  }
  const taken = new Set(fields);
  const kept = Object.entries(sent).filter(([name]) => !taken.has(name));
  const written = (name: string, value: string): string => (passwords.includes(name) ? make.secret() : literal(value));
  const common = {
    ...(method === 'POST' ? {} : { method }),
    url,
    ...(fields.length === 0 ? {} : { fields: fields.length === 1 ? fields[0] : [...fields] }),
    ...headers,
  };
  if (isJson(request.contentType)) {
    const value = jsonOf(request.body ?? '') ?? {};
    return {
      ...common,
      json: Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
          name,
          passwords.includes(name) ? make.secret() : typeof one === 'string' ? literal(one) : one,
        ]),
      ),
    };
  }
  return {
    ...common,
    ...(kept.length === 0
      ? {}
      : { form: Object.fromEntries(kept.map(([name, value]) => [name, written(name, value)])) }),
  };
}

/** A header that carries the token of a script's request: what it holds is to be filled in. */
function tokenHeader({ headers }: RecordedRequest): string | undefined {
  return Object.keys(headers).find((name) => /^x-(csrf|xsrf)[\w-]*$/.test(name));
}

function address({ url }: RecordedRequest, origin: string): string {
  return literal(url.startsWith(`${origin}/`) ? url.slice(origin.length).replace(/#.*$/, '') : url);
}

/** Text of the application that must not be taken for a variable. */
function literal(text: string): string {
  return text.replace(/\$(?=\{)/g, '$$$$');
}

function comment(document: Document, path: readonly string[], lines: readonly string[]): void {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1));
  if (!isMap(parent)) return;
  const pair = (parent as YAMLMap).items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (!isScalar(pair?.key)) return;
  pair.key.commentBefore = lines.map((line) => ` ${line.replace(/[\r\n]/g, ' ')}`).join('\n');
}
