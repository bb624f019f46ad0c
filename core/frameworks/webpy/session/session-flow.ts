/**
 * One request through web.py's session machinery (sections 3 to 6 of the reference): cleanup, id from the cookie, expiry,
 * load, address, new id, handler, save. No sockets and no globals: store, clock and random source are passed in.
 */

import { PythonError } from '../../../python/python-error.ts';
import { typeName } from '../../../python/python-operations.ts';
import { PyFloat } from '../../../python/python-types.ts';
import type { WebContext } from './context.ts';
import { type FlowParts, failed, idOf, type Values } from './flow-parts.ts';
import { FlowReport } from './flow-report.ts';
import { noAttribute, SessionExpired } from './http-error.ts';
import { makeSessionId } from './session-id.ts';
import { SessionRun } from './session-run.ts';
import { contains, recorded } from './store-calls.ts';

/** State that lives as long as the session object: web.py's, per process. */
export class SessionFlow {
  readonly parts: FlowParts;
  /** Seconds since 1970; 0 so that the first request of a process cleans up. */
  lastCleanup = 0;
  #cleaning: Promise<void> | undefined;
  readonly #reports = new WeakMap<Values, FlowReport>();

  constructor(parts: FlowParts) {
    this.parts = parts;
  }

  /** The processor: everything around one request. */
  async process(context: WebContext, values: Values, handler: () => Promise<unknown>): Promise<unknown> {
    const report = new FlowReport();
    context.reports.push(report);
    this.#reports.set(values, report);
    const run = new SessionRun(this, context, values, report);
    let result: unknown;
    try {
      await this.#cleanup(report);
      await run.load();
    } catch (error) {
      report.sessionId = idOf(values);
      if (!(error instanceof SessionExpired)) failed(report, error);
      throw error;
    }
    try {
      result = await handler();
    } finally {
      await run.finish();
    }
    return result;
  }

  /** Section 6: at most once in `timeout` seconds, before the request's own session is looked up. */
  async #cleanup(report: FlowReport): Promise<void> {
    const { clock, parameters, store } = this.parts;
    const now = clock() / 1000;
    const timeout = this.#timeout(parameters().timeout, report);
    if (timeout === undefined || !(now - this.lastCleanup > timeout)) return;
    // Parallel requests wait for one cleanup; web.py's threads would each run their own.
    if (this.#cleaning === undefined) {
      report.explain('cleanup', `Cleanup was due: records unused for more than ${timeout} s are removed`, '6');
      this.#cleaning = recorded(report, { call: 'cleanup', timeout }, () => store().cleanup(timeout)).then(() => {
        this.lastCleanup = now;
      });
      this.#cleaning.catch(() => {}).then(() => (this.#cleaning = undefined));
    }
    await this.#cleaning;
  }

  #timeout(timeout: unknown, report: FlowReport): number | undefined {
    if (typeof timeout === 'number' || typeof timeout === 'boolean' || typeof timeout === 'bigint')
      return Number(timeout);
    if (timeout instanceof PyFloat) return timeout.value;
    const type = typeName(timeout);
    const { oddTimeout } = this.parts.profile;
    if (oddTimeout === 'error') {
      report.explain(
        'odd-timeout',
        `timeout is a ${type}, which cannot be compared with a time: every request fails`,
        '1',
      );
      throw new PythonError('TypeError', `'>' not supported between instances of 'float' and '${type}'`);
    }
    const inner: unknown = Array.isArray(timeout) ? timeout[0] : undefined;
    if (oddTimeout === 'unwrap' && typeof inner === 'number') return inner;
    report.explain('odd-timeout', `timeout is a ${type}: no number is ever greater, so no cleanup ever runs`, '1, 12');
    return undefined;
  }

  /** Section 3: until the store does not know it. */
  async generateId(context: WebContext, report?: FlowReport): Promise<string> {
    const { clock, random, parameters, profile, store } = this.parts;
    for (;;) {
      const id = makeSessionId(random(16), clock(), context.ip, parameters().secret_key, profile.python);
      if (!(await contains(report, store(), id))) return id;
    }
  }

  /** Section 5.1. */
  async kill(values: Values): Promise<void> {
    const report = this.#reports.get(values);
    const id = values.get('session_id');
    if (id === undefined) throw noAttribute('session_id');
    try {
      await recorded(report, { call: 'delete', id: String(id) }, () => this.parts.store().delete(String(id)));
    } catch (error) {
      if (this.parts.profile.killUnknown !== 'fine' || !isKeyError(error)) throw error;
    }
    values.set('_killed', true);
    report?.explain('killed', 'The handler killed the session: its record was deleted', '5.1');
  }
}

function isKeyError(error: unknown): boolean {
  return error instanceof PythonError && error.pythonName === 'KeyError';
}
