import { AsyncLocalStorage } from 'node:async_hooks';
import { parseCookies } from '../../../cookies/parse-cookies.ts';
import type { SetCookieForm } from '../../../cookies/set-cookie.ts';
import type { FlowReport } from './flow-report.ts';
import type { HTTPError } from './http-error.ts';
import type { Profile } from './profiles.ts';
import type { Clock } from './store.ts';

/** What an application is asked, without any socket. */
export interface AppRequest {
  readonly method: string;
  /** Path and query as in the request line, still percent-encoded. */
  readonly target: string;
  /** The value of the (last) Cookie header as Latin-1 text. */
  readonly cookieHeader?: string | undefined;
  /** The visitor's address; null when unknown. */
  readonly remoteAddr: string | null;
  readonly host?: string | undefined;
  readonly protocol?: 'http' | 'https';
  /** Path under which the application is mounted, without a slash at the end. */
  readonly scriptName?: string;
  readonly body?: Uint8Array;
  readonly contentType?: string | undefined;
}

/** What an application answers. `body` is at most once iterable. */
export interface AppResponse {
  readonly status: string;
  /** In order, as set; several of one name stay apart. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: AsyncIterable<Uint8Array>;
  /** The same where it is one piece, as for every page that does not give an iterator. */
  readonly whole?: Uint8Array;
  /** One for each session that took part, outermost first. */
  readonly reports: readonly FlowReport[];
}

interface Pending {
  readonly promise: Promise<unknown>;
  observed: boolean;
}

const NOTHING = new Uint8Array();

/** web.py's `web.ctx`: everything that belongs to one request, and nothing that outlives it. */
export class WebContext {
  readonly method: string;
  readonly query: string;
  readonly host: string;
  readonly protocol: string;
  readonly ip: string | null;
  readonly realhome: string;
  readonly homedomain: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly clock: Clock;
  /** How `setcookie` writes. */
  readonly cookieForm: SetCookieForm;
  home: string;
  /** Script name of the application that is being asked; changes inside a mounted one. */
  homepath: string;
  path: string;
  status = '200 OK';
  readonly headers: [string, string][] = [];
  readonly reports: FlowReport[] = [];
  /** Values of each session object during this request: the place of web.py's thread-local dictionary. */
  readonly values = new WeakMap<object, Map<unknown, unknown>>();
  readonly #pending: Pending[] = [];
  readonly #applied = new WeakSet<HTTPError>();
  readonly #cookieHeader: string;
  readonly #python: 2 | 3;
  #cookies: Map<string, string> | undefined;

  constructor(request: AppRequest, clock: Clock, profile: Profile) {
    const question = request.target.indexOf('?');
    const path = question < 0 ? request.target : request.target.slice(0, question);
    this.method = request.method;
    this.query = question < 0 ? '' : request.target.slice(question);
    this.host = request.host ?? '';
    this.protocol = request.protocol ?? 'http';
    this.ip = request.remoteAddr;
    this.homedomain = `${this.protocol}://${this.host}`;
    this.homepath = request.scriptName ?? '';
    this.home = this.homedomain + this.homepath;
    this.realhome = this.home;
    this.path = decodePath(path);
    this.body = request.body ?? NOTHING;
    this.contentType = request.contentType ?? '';
    this.clock = clock;
    this.cookieForm = profile.setCookie;
    this.#python = profile.python;
    this.#cookieHeader = request.cookieHeader ?? '';
  }

  /** The request's cookies, parsed once. */
  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(this.#cookieHeader, this.#python);
    return this.#cookies;
  }

  /** Sets status and adds headers of an HTTPError, once: web.py does it where the error is made. */
  apply(error: HTTPError): HTTPError {
    if (!this.#applied.has(error)) {
      this.#applied.add(error);
      this.status = error.status;
      this.headers.push(...error.headers.map(([name, value]): [string, string] => [name, value]));
    }
    return error;
  }

  /**
   * Lets a handler start something (`session.kill()`) without awaiting it, as the tutorial is written: the request waits
   * for it before it goes on, and fails with it unless the handler awaited it itself.
   */
  track<T>(promise: Promise<T>): PromiseLike<T> {
    const pending: Pending = { promise, observed: false };
    this.#pending.push(pending);
    promise.catch(() => {});
    return {
      // biome-ignore lint/suspicious/noThenProperty: a thenable that knows whether it was awaited
      then: (onValue, onError) => {
        pending.observed = true;
        return promise.then(onValue, onError);
      },
    };
  }

  /** Waits for what was started; rethrows the first failure that nobody saw. */
  async settle(): Promise<void> {
    for (let pending = this.#pending.shift(); pending !== undefined; pending = this.#pending.shift()) {
      const { promise } = pending;
      if (pending.observed) await promise.catch(() => {});
      else await promise;
    }
  }
}

const contexts = new AsyncLocalStorage<WebContext>();

/** Runs `work` as part of a request. */
export function inContext<T>(context: WebContext, work: () => T): T {
  return contexts.run(context, work);
}

/** The request that is being handled; undefined outside of one. */
export function currentContext(): WebContext | undefined {
  return contexts.getStore();
}

/** The request that is being handled. */
export function needContext(): WebContext {
  const context = contexts.getStore();
  if (context === undefined) throw new Error('There is no request here: this works only while a handler runs');
  return context;
}

function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
