import { PythonError } from '../../../python/python-error.ts';
import { deepCopy, pythonEquals, truthy, typeName, updateItems } from '../../../python/python-operations.ts';
import { pythonStr, strRepr } from '../../../python/python-text.ts';
import { addSetCookie } from './add-set-cookie.ts';
import type { WebContext } from './context.ts';
import { type FlowParts, failed, idOf, type Values } from './flow-parts.ts';
import type { FlowReport, SessionOutcome } from './flow-report.ts';
import { noAttribute, SessionExpired } from './http-error.ts';
import { isValidSessionId } from './session-id.ts';
import type { Store } from './store.ts';
import { contains, recorded } from './store-calls.ts';

/** What one request needs of the session object. */
export interface RunHost {
  readonly parts: FlowParts;
  generateId(context: WebContext, report?: FlowReport): Promise<string>;
}

/** One request of one session. */
export class SessionRun {
  readonly #flow: RunHost;
  readonly #context: WebContext;
  readonly #values: Values;
  readonly #report: FlowReport;
  #id: string | null = null;

  constructor(flow: RunHost, context: WebContext, values: Values, report: FlowReport) {
    this.#flow = flow;
    this.#context = context;
    this.#values = values;
    this.#report = report;
  }

  /** Steps 2 to 7 of section 4. */
  async load(): Promise<void> {
    const { parameters, store } = this.#flow.parts;
    const values = this.#values;
    const report = this.#report;
    const sent = this.#context.cookies.get(parameters().cookie_name);
    values.set('session_id', this.#usable(sent));
    const cookieId = idOf(values);
    if (cookieId !== null && !(await contains(report, store(), cookieId))) await this.#unknownId(cookieId);
    const known = idOf(values);
    if (known !== null) {
      const stored = await recorded(report, { call: 'load', id: known }, () => store().load(known));
      for (const [key, value] of updateItems(stored)) values.set(key, value);
      report.outcome = 'continued';
      if (truthy(values.get('session_id'))) await this.#checkAddress();
      if (values.get('session_id') !== known) this.#explainInnerId(known);
    }
    if (!truthy(values.get('session_id'))) {
      values.set('session_id', await this.#flow.generateId(this.#context, report));
      report.madeId = true;
      this.#initialize();
      if (report.outcome === 'continued') report.outcome = 'new';
    }
    values.set('ip', this.#context.ip);
    this.#id = idOf(values);
  }

  #usable(sent: string | undefined): string | null {
    if (sent === undefined) {
      this.#report.explain('no-cookie', 'No cookie of the session was sent', '4.2');
      return null;
    }
    if (sent !== '' && isValidSessionId(sent)) return sent;
    this.#report.explain('invalid-id', `${strRepr(sent)} is not a session id and is treated as no cookie`, '3');
    return null;
  }

  async #unknownId(id: string): Promise<void> {
    if (this.#flow.parts.parameters().ignore_expiry) {
      this.#values.set('session_id', null);
      this.#report.outcome = 'replaced';
      this.#report.explain('unknown-id', `The store does not know ${id}: a new session is made, with a new id`, '4.3');
      return;
    }
    this.#report.explain('unknown-id', `The store does not know ${id} and ignore_expiry is off: expired`, '5.3');
    await this.#expired('expired');
  }

  /** Step 5: plain equality with the visitor's address. */
  async #checkAddress(): Promise<void> {
    const stored = this.#get('ip') ?? null;
    const { ip } = this.#context;
    if (stored === ip) return;
    if (this.#flow.parts.parameters().ignore_change_ip) {
      this.#report.explain(
        'address-follows',
        `The address changed from ${pythonStr(stored)} to ${ip}; it is taken over`,
        '4.7',
      );
      return;
    }
    this.#report.explain(
      'address-changed',
      `The session belongs to ${pythonStr(stored)}, the request came from ${ip}, and ignore_change_ip is off`,
      '5.2',
    );
    await this.#expired('address-changed');
  }

  /** Ends the request. Saving may fail first, which is the fault of 0.40 to 0.70. */
  async #expired(outcome: SessionOutcome): Promise<never> {
    this.#values.set('_killed', true);
    this.#report.outcome = outcome;
    this.#id = idOf(this.#values);
    await this.#save();
    throw new SessionExpired(this.#flow.parts.parameters().expired_message);
  }

  #explainInnerId(cookieId: string): void {
    const inner = this.#values.get('session_id');
    const text = truthy(inner)
      ? `The record of ${cookieId} holds the id ${pythonStr(inner)}, which counts from here on`
      : `The record of ${cookieId} holds no id: a new one is made, and the initializer is applied on top`;
    this.#report.explain('inner-id', text, '4.4');
  }

  #initialize(): void {
    const initializer = this.#flow.parts.initializer();
    if (typeof initializer === 'function') initializer();
    else if (typeof initializer === 'object' && initializer !== null && !Array.isArray(initializer)) {
      for (const [key, value] of updateItems(initializer)) this.#values.set(key, deepCopy(value));
    }
  }

  /** Step 9, and what follows from it. */
  async finish(): Promise<void> {
    const report = this.#report;
    try {
      await this.#save();
    } catch (error) {
      failed(report, error);
      throw error;
    } finally {
      report.sessionId = idOf(this.#values);
    }
    const clear = this.#values.get('clear');
    if (this.#values.has('clear') && this.#shadows() && typeof clear !== 'function') {
      report.poisonsThread = true;
      report.explain(
        'shadowing-key',
        "The key 'clear' hides the method that wipes the thread: every later request of it fails",
        '2',
      );
    }
  }

  async #save(): Promise<void> {
    const { parameters, profile, store } = this.#flow.parts;
    const values = this.#values;
    this.#checkIds();
    const { cookie_name: name, timeout } = parameters();
    if (truthy(this.#get('_killed'))) {
      if (
        this.#report.outcome === 'continued' ||
        this.#report.outcome === 'new' ||
        this.#report.outcome === 'replaced'
      ) {
        this.#report.outcome = 'killed';
      }
      this.#cookieAfterKill(truthy(this.#context.cookies.get(name)));
      return;
    }
    if (!profile.storesInitial && this.#equalsInitializer()) {
      this.#report.outcome = 'unsaved';
      this.#report.explain(
        'unsaved',
        'The values equal the initializer: not stored, and no cookie for a new session',
        '12',
      );
      if (truthy(this.#context.cookies.get(name))) this.#setCookie(timeout);
      return;
    }
    this.#setCookie(profile.cookieLifetime === 'timeout' ? timeout : '');
    const id = keyFor(store(), values.get('session_id'));
    await recorded(this.#report, { call: 'save', id }, () => store().save(id, new Map(values)));
  }

  #cookieAfterKill(sent: boolean): void {
    const { parameters, profile } = this.#flow.parts;
    if (!sent && !profile.killedCookieAlways) return;
    if (profile.killedCookie === 'renewing') {
      this.#report.explain(
        'not-deleted',
        'The cookie is sent again with expires = now + timeout instead of being deleted',
        '12',
      );
    }
    this.#setCookie(profile.killedCookie === 'deleting' ? -1 : parameters().timeout);
  }

  #checkIds(): void {
    const { missingIds } = this.#flow.parts.profile;
    const values = this.#values;
    if (missingIds === 'KeyError' && values.has('keys') && this.#shadows()) throw notCallable(values.get('keys'));
    for (const key of ['session_id', 'ip']) {
      if (values.has(key)) continue;
      if (missingIds === 'restored') values.set(key, key === 'ip' ? this.#context.ip : this.#id);
      else if (missingIds === 'KeyError') {
        this.#report.explain(
          'missing-key',
          `Saving needs the key '${key}', which is not there${key === 'ip' ? ' yet: no message and no deleting cookie are sent, and the browser keeps its cookie' : ''}`,
          '5.3',
        );
        throw new PythonError('KeyError', `'${key}'`);
      } else if (key === 'session_id') throw noAttribute(key);
    }
  }

  #equalsInitializer(): boolean {
    const initializer = this.#flow.parts.initializer();
    if (typeof initializer !== 'object' || initializer === null) return false;
    const current = new Map(this.#values);
    current.delete('session_id');
    current.delete('ip');
    return pythonEquals(current, initializer);
  }

  #setCookie(expires: unknown): void {
    const parameters = this.#flow.parts.parameters();
    addSetCookie(this.#context, this.#flow.parts.profile.setCookie, {
      name: parameters.cookie_name,
      value: this.#values.get('session_id'),
      expires,
      domain: parameters.cookie_domain,
      secure: parameters.secure,
      httponly: parameters.httponly,
      path: parameters.cookie_path,
      samesite: parameters.samesite,
    });
  }

  #shadows(): boolean {
    return this.#flow.parts.profile.shadowingKeys === 'break';
  }

  /** `self.get(key)`, which a stored key `get` breaks. */
  #get(key: string): unknown {
    if (this.#values.has('get') && this.#shadows() && typeof this.#values.get('get') !== 'function') {
      this.#report.explain('shadowing-key', "The key 'get' hides the method of that name", '2');
      throw notCallable(this.#values.get('get'));
    }
    return this.#values.get(key);
  }
}

/** What a store saves under. DiskStore looks for a separator in it, which only a text can be asked for. */
function keyFor(store: Store, id: unknown): string {
  if (typeof id === 'string') return id;
  const key = store.keyOf?.(id);
  if (key !== undefined) return key;
  throw new PythonError('TypeError', `argument of type '${typeName(id)}' is not iterable`);
}

function notCallable(value: unknown): PythonError {
  return new PythonError('TypeError', `'${typeName(value)}' object is not callable`);
}
