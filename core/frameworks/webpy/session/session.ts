import { PythonError } from '../../../python/python-error.ts';
import { updateItems } from '../../../python/python-operations.ts';
import { strRepr } from '../../../python/python-text.ts';
import { type Config, config as programConfig } from './config.ts';
import { currentContext, needContext, type WebContext } from './context.ts';
import type { Initializer } from './flow-parts.ts';
import { noAttribute } from './http-error.ts';
import type { SessionParameters } from './parameters.ts';
import { SessionFlow } from './session-flow.ts';
import { isValidSessionId } from './session-id.ts';
import type { Store } from './store.ts';

/** What a session needs of an application. */
export interface ProcessorHost {
  addProcessor(processor: (handler: () => Promise<unknown>) => Promise<unknown>): void;
}

/** The methods that reach the values, like those of web.py's thread-local dictionary. A stored key of the name hides one. */
interface ValueMethods {
  get(key: unknown, fallback?: unknown): unknown;
  update(values: unknown): void;
  pop(key: unknown, ...fallback: readonly unknown[]): unknown;
  setdefault(key: unknown, fallback?: unknown): unknown;
  keys(): unknown[];
  values(): unknown[];
  items(): [unknown, unknown][];
  copy(): Map<unknown, unknown>;
  clear(): void;
}

/** Names that are the object's own and cannot be keys by attribute (section 2). */
interface Slots {
  store: Store;
  _initializer: unknown;
  _config: SessionParameters;
  _last_cleanup_time: number;
}

const SLOTS: ReadonlySet<PropertyKey> = new Set(['store', '_initializer', '_config', '_last_cleanup_time']);
const METHODS: ReadonlySet<PropertyKey> = new Set(['kill', '_generate_session_id', '_valid_session_id', '_processor']);
/** What JavaScript and its tools ask of any object; never an error, and undefined unless it is a key. */
const PROBES: ReadonlySet<string> = new Set(['then', 'toJSON', 'constructor', 'inspect', 'nodeType', '$$typeof']);

/** The object behind the proxy. */
class SessionObject implements Slots {
  store: Store;
  _initializer: unknown;
  _config: SessionParameters;
  readonly flow: SessionFlow;
  /** Values outside of any request: web.py's main thread. */
  readonly #outside = new Map<unknown, unknown>();

  constructor(app: ProcessorHost | null, store: Store, initializer: unknown, config: Config) {
    this.store = store;
    this._initializer = initializer;
    this._config = { ...config.sessionParameters };
    this.flow = new SessionFlow({
      store: () => this.store,
      parameters: () => this._config,
      initializer: () => this._initializer,
      profile: config.profile,
      clock: () => config.clock(),
      random: (size) => config.random(size),
    });
    app?.addProcessor((handler) => this._processor(handler));
  }

  get _last_cleanup_time(): number {
    return this.flow.lastCleanup;
  }
  set _last_cleanup_time(seconds: number) {
    this.flow.lastCleanup = seconds;
  }

  /** This request's values. */
  get data(): Map<unknown, unknown> {
    const context = currentContext();
    if (context === undefined) return this.#outside;
    const values = context.values.get(this) ?? new Map();
    context.values.set(this, values);
    return values;
  }

  /** Deletes the record and marks the session killed; what is set after it in the request is not saved. */
  kill(): PromiseLike<void> {
    const context = currentContext();
    const killed = this.flow.kill(this.data);
    return context === undefined ? killed : context.track(killed);
  }

  /** web.py's `_generate_session_id`, for handlers that give a session a new id. */
  _generate_session_id(): Promise<string> {
    return this.flow.generateId(needContext());
  }

  _valid_session_id(id: string): boolean {
    return isValidSessionId(id);
  }

  _processor(handler: () => Promise<unknown>): Promise<unknown> {
    const context: WebContext = needContext();
    context.values.set(this, new Map());
    return this.flow.process(context, this.data, handler);
  }
}

const valueMethods: { readonly [Name in keyof ValueMethods]: (data: Map<unknown, unknown>) => ValueMethods[Name] } = {
  get: (data) => (key, fallback) => (data.has(key) ? data.get(key) : fallback),
  update: (data) => (values) => {
    for (const [key, value] of updateItems(values)) data.set(key, value);
  },
  pop:
    (data) =>
    (key, ...fallback) => {
      if (!data.has(key) && fallback.length === 0) throw new PythonError('KeyError', strRepr(String(key)));
      const value = data.has(key) ? data.get(key) : fallback[0];
      data.delete(key);
      return value;
    },
  setdefault:
    (data) =>
    (key, fallback = null) => {
      if (!data.has(key)) data.set(key, fallback);
      return data.get(key);
    },
  keys: (data) => () => [...data.keys()],
  values: (data) => () => [...data.values()],
  items: (data) => () => [...data.entries()],
  copy: (data) => () => new Map(data),
  clear: (data) => () => data.clear(),
};

const traps: ProxyHandler<SessionObject> = {
  get(target, name) {
    if (SLOTS.has(name)) return Reflect.get(target, name, target);
    if (METHODS.has(name)) return (Reflect.get(target, name, target) as () => unknown).bind(target);
    if (typeof name === 'symbol') return undefined;
    const { data } = target;
    if (data.has(name)) return data.get(name);
    if (Object.hasOwn(valueMethods, name)) return valueMethods[name as keyof ValueMethods](data);
    if (PROBES.has(name)) return undefined;
    throw noAttribute(name);
  },
  set(target, name, value) {
    if (typeof name === 'symbol') return false;
    if (SLOTS.has(name)) return Reflect.set(target, name, value, target);
    target.data.set(name, value);
    return true;
  },
  has: (target, name) => target.data.has(name),
  deleteProperty(target, name) {
    if (!target.data.delete(name)) throw noAttribute(String(name));
    return true;
  },
  ownKeys: (target) => [...target.data.keys()].filter((key) => typeof key === 'string'),
  getOwnPropertyDescriptor(target, name) {
    if (!target.data.has(name)) return undefined;
    return { value: target.data.get(name), writable: true, enumerable: true, configurable: true };
  },
  defineProperty(target, name, descriptor) {
    if (typeof name !== 'string' || !('value' in descriptor)) return false;
    target.data.set(name, descriptor.value);
    return true;
  },
  getPrototypeOf: () => null,
  preventExtensions: () => false,
};

/** A session as handlers see it: its keys are properties of any type, as in Python. */
export type Session = Slots &
  ValueMethods & {
    kill(): PromiseLike<void>;
    _generate_session_id(): Promise<string>;
    _valid_session_id(id: string): boolean;
    _processor(handler: () => Promise<unknown>): Promise<unknown>;
    session_id: string;
    ip: string | null;
    // biome-ignore lint/suspicious/noExplicitAny: keys are the application's own
    [key: string]: any;
  };

interface SessionMaker {
  /**
   * `new Session(app, store, { count: 0 })`: attaches a session to an application. The initializer is copied into every
   * new session; a function is called instead and sets values itself. Reading a key that is not there throws
   * AttributeError, as in Python. Assigning `store`, `_config`, … changes the object for all visitors.
   */
  new (app: ProcessorHost | null, store: Store, initializer?: Initializer | unknown, config?: Config): Session;
}

/** web.py's `web.session.Session`. */
export const Session = new Proxy(SessionObject, {
  construct: (maker, [app, store, initializer = null, config = programConfig]) =>
    new Proxy(new maker(app, store, initializer, config), traps),
}) as unknown as SessionMaker;
