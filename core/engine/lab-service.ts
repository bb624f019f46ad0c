import { randomBytes, randomUUID } from 'node:crypto';
import type { RequestOf } from '../bridge/contract.ts';
import type { BodyStore } from '../capture/body-store.ts';
import { tokenizeCookie } from '../cookies/tokenizer.ts';
import { openRecordStore } from '../frameworks/stores.ts';
import type { Notice } from '../model/app.ts';
import { inBackground } from '../model/failures.ts';
import type { Flow } from '../model/flow.ts';
import type { ExperimentMeta, LabRun } from '../model/lab.ts';
import { problem, toProblem } from '../model/problem.ts';
import { pathnameOf, webAddress } from '../model/web-address.ts';
import { carryOut } from '../policy/live/carry-out.ts';
import { EXPERIMENTS } from '../policy/live/catalog.ts';
import type { LabPorts } from '../policy/live/context.ts';
import type { JournalEntry } from '../policy/live/journal.ts';
import { experimentsOf, runExperiments, toConfirm } from '../policy/live/run-experiments.ts';
import { isSafeToRepeat } from '../policy/prove-it.ts';
import { policyOf } from '../policy/report/policy-of.ts';
import { type LabReport, reportAs } from '../policy/report/report.ts';
import type { Replay } from '../proxy/replay/replay-types.ts';
import { possibleIds } from '../registry/record-match.ts';
import type { RecordWatch } from '../registry/record-watch.ts';
import type { LiveSession, Registry } from '../registry/registry.ts';
import { maskStoreUrl } from '../stores/url.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Emitter } from './emitter.ts';
import { bodyOf } from './handlers/flows.ts';
import { LabJournal } from './lab-journal.ts';
import type { MeasuredTimeouts } from './measured-timeouts.ts';
import type { NoticeService } from './notice-service.ts';
import { mustOwn } from './own-session.ts';
import type { StoreService } from './store-service.ts';

export interface LabServiceOptions {
  readonly registry: Registry;
  /** Learns the idle limits that experiments measure. */
  readonly timeouts: Pick<MeasuredTimeouts, 'learn'>;
  readonly watch: Pick<RecordWatch, 'refresh'>;
  readonly workspace: Pick<Workspace, 'settings' | 'flush' | 'flows'>;
  readonly stores: StoreService;
  readonly emitter: Emitter;
  readonly notices: NoticeService;
  readonly bodies: Pick<BodyStore, 'read'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly replay: Replay;
}

interface Kept {
  run: LabRun;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  readonly report: Pick<LabReport, 'target'>;
}

/** How far back requests are looked for. */
const LOOKED_AT = 50;
const MOST_RUNS = 50;
/** So long (ms) until what could not be undone is tried again. */
const RETRY_MS = 5_000;

/** Runs of experiments on live applications: started, watched, cancelled, reported. */
export class LabService {
  readonly #options: LabServiceOptions;
  readonly #runs = new Map<string, Kept>();
  readonly #journal: LabJournal;
  #retry: NodeJS.Timeout | undefined;
  #recovering: Promise<Notice[]> | undefined;
  /** What was told already of each run that could not be undone: it is not told at every attempt. */
  readonly #notify = new Map<string, string>();

  constructor(options: LabServiceOptions) {
    this.#options = options;
    this.#journal = new LabJournal(options.workspace);
  }

  catalog(): readonly ExperimentMeta[] {
    return EXPERIMENTS.map(({ meta }) => meta);
  }

  /** Newest first. */
  runs(): readonly LabRun[] {
    return [...this.#runs.values()].map(({ run }) => run).reverse();
  }

  /**
   * Starts a run; `lab.changed` tells each outcome.
   * @returns the run's id
   * @throws ProblemError `not-found`, `not-a-cookie`, `no-flow`, `no-experiment`, `lab-busy`, `lab-unfinished`,
   *   `needs-confirmation`
   */
  async start(request: RequestOf<'lab.run'>): Promise<string> {
    const { registry, stores, bodies, clock, emitter } = this.#options;
    this.#refuseWhenBusy();
    const session = mustOwn(registry, request.key);
    if (session.carrier.kind !== 'cookie') {
      throw problem(
        'not-a-cookie',
        'This session id is not carried by a cookie, so the lab cannot ask with another one',
      );
    }
    const { name } = session.carrier;
    const verification = this.#flow(request.verificationFlowId) ?? newestFlow(this.#options, session, name);
    if (verification === undefined) {
      throw problem('no-flow', 'There is no request of this session that can be repeated', {
        remedy: 'Open a page that needs the login in the browser, then try again.',
      });
    }
    const logout = this.#flow(request.logoutFlowId);
    const experiments = experimentsOf(request.experiments);
    const wanted = toConfirm(experiments, { verification, ...(logout === undefined ? {} : { logout }) });
    if (wanted.length > 0 && !request.confirmed) {
      throw problem('needs-confirmation', `${wanted.join('. ')}.`, { remedy: 'Confirm to run them.' });
    }
    const joined = session.record;
    const store =
      joined !== undefined && joined.goneAt === undefined && stores.has(joined.storeId)
        ? stores.get(joined.storeId)
        : undefined;
    if (store !== undefined) await this.#finishEarlier(store.url);
    this.#refuseWhenBusy();
    const runId = `lab-${randomUUID()}`;
    const abort = new AbortController();
    const title = `${session.host} · ${name}`;
    const first: LabRun = {
      runId,
      sessionKey: session.key,
      title,
      startedAt: clock(),
      state: 'running',
      total: experiments.length,
      settings: request.settings,
      outcomes: [],
      restored: true,
    };
    const ports: LabPorts = {
      runId,
      settings: request.settings,
      verification,
      ...(logout === undefined ? {} : { logout }),
      cookie: { name, raw: session.raw },
      ...(store === undefined || joined === undefined ? {} : { record: { store, id: joined.id } }),
      replay: this.#options.replay,
      readBody: async (flow) => (await bodyOf({ bodies }, flow, 'response')).text ?? '',
      recordIds: (raw) => possibleIds({ id: raw, raw }, null, store?.layout).map(({ id }) => id),
      journal: this.#journal.of(runId),
      clock,
      randomHex: (bytes) => randomBytes(bytes).toString('hex'),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      firstSeen: session.firstSeen,
      signal: abort.signal,
      ...(joined === undefined ? {} : { expectWrite: (id, bytes) => registry.expectWrite(joined.storeId, id, bytes) }),
    };
    const notify = (run: LabRun): void => {
      kept.run = run;
      emitter.emit('lab.changed', { run });
      emitter.emit('progress', {
        taskId: runId,
        title: `Policy lab: ${title}`,
        done: run.outcomes.length,
        total: run.total,
        finished: run.state !== 'running',
      });
    };
    const work = async (): Promise<void> => {
      // The caller gets the run's id before its first event.
      await new Promise((resolve) => setImmediate(resolve));
      notify(first);
      registry.beginRun(session.key, runId);
      const result = await runExperiments(experiments, ports, (outcome) => {
        notify({ ...kept.run, outcomes: [...kept.run.outcomes, outcome] });
        this.#options.timeouts.learn(session.host, outcome);
      }).finally(async () => {
        // What was put back last is still the run's.
        await this.#options.watch.refresh(session.key);
        registry.endRun(session.key);
      });
      notify({
        ...kept.run,
        outcomes: result.outcomes,
        state: result.state,
        restored: result.restored,
        ...(result.problem === undefined ? {} : { problem: result.problem }),
      });
      if (!result.restored) this.#tryAgainLater();
    };
    const target: LabReport['target'] = {
      origin: webAddress(verification.request.url).origin,
      cookie: { name, raw: session.raw },
      verification: { method: verification.request.method, url: verification.request.url },
      otherCookies: cookieNames(verification).filter((other) => other !== name),
      ...(logout === undefined ? {} : { logout: { method: logout.request.method, url: logout.request.url } }),
      ...(store === undefined ? {} : { store: maskStoreUrl(store.url) }),
    };
    const kept: Kept = { run: first, abort, report: { target }, ended: work() };
    this.#runs.set(runId, kept);
    for (const [id, { run }] of this.#runs) {
      if (this.#runs.size <= MOST_RUNS) break;
      if (run.state !== 'running') this.#runs.delete(id);
    }
    return runId;
  }

  /** Ends a run; resolves when everything is as it was. */
  async cancel(runId: string): Promise<void> {
    const kept = this.#runs.get(runId);
    kept?.abort.abort();
    await kept?.ended;
  }

  /** @throws ProblemError `not-found` */
  report(runId: string, form: 'html' | 'json' | 'junit' | 'policy'): { name: string; text: string } {
    const kept = this.#runs.get(runId);
    if (kept === undefined) throw problem('not-found', `There is no run ${runId}`);
    const report: LabReport = { run: kept.run, experiments: this.catalog(), ...kept.report };
    if (form === 'policy') return { name: 'policy.yaml', text: policyOf(report) };
    return reportAs(report, form);
  }

  /**
   * Carries out what runs that were killed had left to undo. Call it at the start, after the stores were attached. What
   * cannot be done now (a store that is not reachable) is kept, tried again every now and then, and told by a notice.
   * @returns what was done or could not be done, in words
   */
  async recover(): Promise<Notice[]> {
    this.#recovering ??= this.#recover().finally(() => {
      this.#recovering = undefined;
    });
    return await this.#recovering;
  }

  async #recover(): Promise<Notice[]> {
    const notices: Notice[] = [];
    for (const entry of this.#unfinished()) {
      try {
        notices.push(...(await this.#undo(entry)));
        this.#notify.delete(entry.runId);
      } catch (error) {
        const { message, remedy } = toProblem(error);
        const text = `The policy lab was interrupted, and what it changed could not be put back yet: ${message}`;
        if (this.#notify.get(entry.runId) !== text) {
          notices.push({ level: 'warning', message: text, remedy: remedy ?? 'It is tried again by itself.' });
        }
        this.#notify.set(entry.runId, text);
      }
    }
    if (this.#unfinished().length > 0) this.#tryAgainLater();
    return notices;
  }

  async #undo(entry: JournalEntry): Promise<Notice[]> {
    const { stores, registry } = this.#options;
    const attached = stores.list().find(({ storeId }) => stores.get(storeId).url === entry.storeUrl);
    const store = attached === undefined ? await openRecordStore(entry.storeUrl) : stores.get(attached.storeId);
    try {
      const { done, left } = await carryOut(entry, store, (id, bytes) => {
        if (attached !== undefined) registry.expectWrite(attached.storeId, id, bytes);
      });
      await this.#journal.of(entry.runId).write(null);
      return [
        ...done.map((text): Notice => ({ level: 'info', message: `The policy lab was interrupted: ${text}` })),
        ...left.map((text): Notice => ({ level: 'warning', message: `The policy lab was interrupted: ${text}` })),
      ];
    } finally {
      if (attached === undefined) await store.close();
    }
  }

  /** Entries of the journal whose run is not going on. */
  #unfinished(): readonly JournalEntry[] {
    return this.#journal.entries().filter(({ runId }) => this.#runs.get(runId)?.run.state !== 'running');
  }

  /** A run must not begin with what an earlier one left in its store. @throws ProblemError `lab-unfinished` */
  async #finishEarlier(storeUrl: string): Promise<void> {
    const isLeft = () => this.#unfinished().some((entry) => entry.storeUrl === storeUrl);
    if (!isLeft()) return;
    const notices = await this.recover();
    for (const notice of notices) this.#options.notices.notify(notice);
    if (!isLeft()) return;
    throw problem('lab-unfinished', 'An earlier run was interrupted, and its store is not yet as it was before it', {
      remedy: notices.at(-1)?.message ?? 'See that the store can be reached and written.',
    });
  }

  #tryAgainLater(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      const recovered = this.recover().then((notices) => {
        for (const notice of notices) this.#options.notices.notify(notice);
      });
      inBackground('recovery of experiments', recovered);
    }, RETRY_MS).unref();
  }

  /** Cancels what runs and waits until it is undone. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await Promise.all([...this.#runs.keys()].map((runId) => this.cancel(runId)));
    clearTimeout(this.#retry);
    await this.#recovering;
  }

  #refuseWhenBusy(): void {
    if (![...this.#runs.values()].some(({ run }) => run.state === 'running')) return;
    throw problem('lab-busy', 'Other experiments are still running', { remedy: 'Wait for them, or cancel them.' });
  }

  #flow(flowId: string | undefined): Flow | undefined {
    if (flowId === undefined) return undefined;
    const flow = this.#options.workspace.flows.get(flowId);
    if (flow === undefined) throw problem('not-found', 'That flow is not in the workspace any more');
    return flow;
  }
}

/** Pages that log in or out look alike with and without a session, or end it. */
const NO_VERIFICATION = /\/(log|sign)[-_]?(in|out|off)\b|\/auth\b/i;

/** The newest request of the session that may be repeated; one that logs in or out only where there is no other. */
function newestFlow(
  { workspace }: Pick<LabServiceOptions, 'workspace'>,
  session: LiveSession,
  name: string,
): Flow | undefined {
  let other: Flow | undefined;
  for (const { id, origin } of workspace.flows.list({ sessionKey: session.key, limit: LOOKED_AT })) {
    const flow = origin === undefined ? workspace.flows.get(id) : undefined;
    if (flow?.response === undefined || !isSafeToRepeat(flow)) continue;
    if (!cookieNames(flow).includes(name)) continue;
    if (!NO_VERIFICATION.test(pathnameOf(flow.request.url))) return flow;
    other ??= flow;
  }
  return other;
}

function cookieNames({ request: { rawHeaders } }: Flow): string[] {
  const headers = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'cookie');
  return [...new Set(headers.flatMap((header) => tokenizeCookie(header)).map((cookie) => cookie.name))];
}
