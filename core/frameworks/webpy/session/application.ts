import { pythonStr } from '../../../python/python-text.ts';
import { type Config, config as programConfig } from './config.ts';
import { type AppRequest, type AppResponse, inContext, WebContext } from './context.ts';
import { debugPage } from './debug-page.ts';
import { HTTPError, internalerror, nomethod, notfound } from './http-error.ts';
import { redirect } from './web-api.ts';

/** A page: a class whose methods are named like HTTP methods, made again for each request. */
// biome-ignore lint/suspicious/noExplicitAny: handlers take the groups of their pattern and return what they like
export type Page = new () => Record<string, any>;
/** Names of handlers, as the list of URLs has them, and what answers: a class or another application. */
export type Handlers = Readonly<Record<string, Page | Application>>;
/** Patterns and names in turn, as web.py writes them: `['/count', 'count', '/reset', 'reset']`. */
export type Urls = readonly (string | Page | Application)[];
/** Runs around each handler: `app.add_processor`. It calls the handler, or answers in its place. */
export type Processor = (handler: () => Promise<unknown>) => Promise<unknown>;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

/** web.py's `application(urls, globals())`: finds the page for a path and runs the processors around it. */
export class Application {
  #mapping: readonly (readonly [pattern: RegExp | string, target: string | Page | Application])[];
  #handlers: Handlers;
  readonly #processors: Processor[] = [];
  readonly #config: Config;
  /** Told of exceptions that became a 500. Default: standard error, as web.py does. */
  onError: (error: unknown) => void = (error) => console.error(error);

  constructor(urls: Urls, handlers: Handlers = {}, config: Config = programConfig) {
    this.#mapping = pairs(urls);
    this.#handlers = handlers;
    this.#config = config;
  }

  get config(): Config {
    return this.#config;
  }

  /** Adds work around every request; those added first are outermost. */
  addProcessor(processor: Processor): void {
    this.#processors.push(processor);
  }

  /** web.py's name of the same. */
  add_processor(processor: Processor): void {
    this.addProcessor(processor);
  }

  /** What web.py's reloader does in debug mode: pages come from a second run of the program, processors stay. */
  takeHandlersOf(other: Application): void {
    this.#mapping = other.#mapping;
    this.#handlers = other.#handlers;
  }

  /** Answers one request without any socket. Rejects only for bugs of the caller. */
  async respond(request: AppRequest): Promise<AppResponse> {
    const context = new WebContext(request, this.#config.clock, this.#config.profile);
    return inContext(context, async () => {
      const result = await this.#result(context);
      const { status, headers, reports } = context;
      if (isIterator(result)) {
        const first = await result.next();
        return { status: context.status, headers, body: rest(first, result), reports };
      }
      const whole = toBytes(result);
      return { status, headers, body: once(whole), whole, reports };
    });
  }

  async #result(context: WebContext): Promise<unknown> {
    try {
      // A method with a lower-case letter is refused before the processors.
      if (context.method.toUpperCase() !== context.method) throw context.apply(nomethod());
      return await this.handleWithProcessors(context, 0);
    } catch (error) {
      if (error instanceof HTTPError) return context.apply(error).data;
      throw error;
    }
  }

  /** The processors from `at` on, then the page. Exceptions that are no HTTPError become a 500 where they happen. */
  async handleWithProcessors(context: WebContext, at: number): Promise<unknown> {
    try {
      const processor = this.#processors[at];
      if (processor !== undefined) return await processor(() => this.handleWithProcessors(context, at + 1));
      const result = await this.#handle(context);
      await context.settle();
      return result;
    } catch (error) {
      if (error instanceof HTTPError) throw context.apply(error);
      this.onError(error);
      throw context.apply(this.#config.debug ? internalerror(debugPage(error, context)) : internalerror());
    }
  }

  async #handle(context: WebContext): Promise<unknown> {
    for (const [pattern, target] of this.#mapping) {
      if (typeof pattern === 'string') {
        if (context.path.startsWith(pattern)) return this.#mounted(context, pattern, target as Application);
        continue;
      }
      const match = pattern.exec(context.path);
      if (match !== null) return this.#delegate(context, target, match.slice(1));
    }
    throw notfound();
  }

  async #delegate(context: WebContext, target: string | Page | Application, groups: string[]): Promise<unknown> {
    const page = typeof target === 'string' ? Object.hasOwn(this.#handlers, target) && this.#handlers[target] : target;
    if (typeof target === 'string' && target.startsWith('redirect ')) throw redirect(target.slice('redirect '.length));
    if (!page) throw notfound();
    if (page instanceof Application) return page.handleWithProcessors(context, 0);
    const handler = new page();
    const method = context.method === 'HEAD' && !has(handler, 'HEAD') ? 'GET' : context.method;
    if (!has(handler, method)) throw nomethod(METHODS.filter((name) => has(handler, name)));
    return handler[method](...groups);
  }

  /** An application under a path of this one: its pages see the rest of the path, its cookies the longer script name. */
  async #mounted(context: WebContext, prefix: string, application: Application): Promise<unknown> {
    const { home, homepath, path } = context;
    context.home += prefix;
    context.homepath += prefix;
    context.path = path.slice(prefix.length);
    try {
      return await application.handleWithProcessors(context, 0);
    } finally {
      Object.assign(context, { home, homepath, path });
    }
  }
}

function has(page: Record<string, unknown>, method: string): boolean {
  return METHODS.includes(method) && typeof page[method] === 'function';
}

function pairs(urls: Urls): [RegExp | string, string | Page | Application][] {
  const found: [RegExp | string, string | Page | Application][] = [];
  for (let at = 0; at + 1 < urls.length; at += 2) {
    const pattern = urls[at];
    const target = urls[at + 1];
    if (typeof pattern !== 'string' || target === undefined) throw new TypeError(`urls[${at}] is not a pattern`);
    found.push([target instanceof Application ? pattern : new RegExp(`^(?:${pattern})$`), target]);
  }
  return found;
}

/** `application(urls, { count, reset })`, without `new`, as Python calls it. */
export function application(urls: Urls, handlers: Handlers = {}, config: Config = programConfig): Application {
  return new Application(urls, handlers, config);
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/**
 * A generator is run up to its first part before this, while headers can still be set; the rest runs while it is sent,
 * when the session has long been saved.
 */
async function* rest(
  first: IteratorResult<unknown>,
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
): AsyncIterable<Uint8Array> {
  for (let part = first; !part.done; part = await iterator.next()) yield toBytes(part.value);
}

function isIterator(value: unknown): value is Iterator<unknown> | AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}

/** Bytes as they are, everything else as UTF-8 of Python's `str()`: a page that returns nothing answers `None`. */
function toBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(pythonStr(value), 'utf8');
}
