import { randomBytes, randomUUID } from 'node:crypto';
import { type BodyStore, createBodyStore } from '../../capture/body-store.ts';
import { openRecordStore } from '../../frameworks/stores.ts';
import { recordSandbox } from '../../frameworks/webpy/simulation/record-sandbox.ts';
import { openSandbox } from '../../frameworks/webpy/stores/sandbox.ts';
import type { LabSettings } from '../../model/lab.ts';
import { type Problem, problem, toProblem } from '../../model/problem.ts';
import type { RecordStore, StoredRecord } from '../../model/record.ts';
import type { TypedNode } from '../../model/typed.ts';
import { askSimulated, subjectOf } from '../../policy/file/ask-simulated.ts';
import type { Policy, PolicyTarget } from '../../policy/file/policy.ts';
import { type LiveResult, type PolicyResult, type SimulatedResult, withoutSecrets } from '../../policy/file/result.ts';
import type { Canaries } from '../../policy/live/canaries.ts';
import type { LabPorts } from '../../policy/live/context.ts';
import type { LoginOptions } from '../../policy/live/ports.ts';
import { experimentsOf, runExperiments } from '../../policy/live/run-experiments.ts';
import { createReplay } from '../../proxy/replay/replay.ts';
import type { Replay } from '../../proxy/replay/replay-types.ts';
import { joinRecord, possibleIds } from '../../registry/record-match.ts';
import { removeTemporary, temporaryFolder } from '../../stores/temporary-folder.ts';
import { maskStoreUrl } from '../../stores/url.ts';
import { decodeCookieValue } from '../record-codec.ts';
import { confirmationsOf } from './confirmations.ts';
import { type FileJournal, openJournal } from './journal-folder.ts';
import { type LoggedIn, logIn, textOf, userTextsOf } from './log-in.ts';
import { plantBeforeLogin } from './plant-before-login.ts';
import { requestFlow } from './request-flow.ts';
import { storedRecord } from './stored-record.ts';

export interface PolicyRunPorts {
  /** Where journals of runs lie. */
  readonly journalFolder: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
  /** Writes and unsafe requests are allowed, beside what the file itself confirms. */
  readonly confirmed: boolean;
  /** After each question, for progress. */
  readonly notify?: (done: number, total: number, name: string) => void;
}

const MOST_TIDIED = 50_000;

/**
 * Runs one policy: comes to a session, asks the simulated questions of a copy of its record, then the live experiments,
 * and puts everything back. What breaks the run off (an application that is not there, a login that fails) is in the
 * result, beside what was found before.
 * @throws ProblemError `needs-confirmation` before anything is sent or opened
 */
export async function runPolicy(policy: Policy, ports: PolicyRunPorts): Promise<PolicyResult> {
  const wanted = confirmationsOf(policy);
  if (wanted.length > 0 && !policy.confirmed && !ports.confirmed) {
    throw problem('needs-confirmation', `${policy.title}: ${wanted.join('; ')}`, {
      remedy: 'Give --yes, or write `confirm: true` into the policy',
    });
  }
  const folder = temporaryFolder('sessionscope-lab-');
  const run = new PolicyRun(policy, ports, folder);
  try {
    const result = await run.result();
    return withoutSecrets(result, [...policy.secrets, ...run.otherCookies], run.sessionIds);
  } finally {
    await run.close();
    removeTemporary(folder);
  }
}

/** The state of one run. */
class PolicyRun {
  readonly #policy: Policy;
  readonly #ports: PolicyRunPorts;
  readonly #bodies: BodyStore;
  readonly #replay: Replay;
  readonly #runId = `policy-${randomUUID()}`;
  readonly #simulated: SimulatedResult[] = [];
  readonly #live: LiveResult[] = [];
  readonly #leftOver: string[] = [];
  readonly #unsteady: string[] = [];
  #store: RecordStore | undefined;
  #journal: FileJournal | undefined;
  #session: LoggedIn | undefined;
  #beganAt = 0;
  /** Ids in the store before the run; undefined where they are too many. */
  #before: ReadonlySet<string> | undefined;
  /** The record whose copy is asked. */
  #copy: StoredRecord | undefined;
  #canaries: Canaries | undefined;
  /** Cookie values that the application gave out at logins. */
  readonly #issued = new Set<string>();
  #done = 0;

  constructor(policy: Policy, ports: PolicyRunPorts, folder: string) {
    this.#policy = policy;
    this.#ports = ports;
    this.#bodies = createBodyStore(folder);
    let sent = 0;
    this.#replay = createReplay({
      bodies: this.#bodies,
      clock: ports.clock,
      nextId: () => `p${++sent}`,
      tls: () => ({ verify: policy.target?.verifyCertificate ?? true }),
    });
  }

  async result(): Promise<PolicyResult> {
    const { title, target, store, live } = this.#policy;
    const { clock, signal } = this.#ports;
    const startedAt = clock();
    let failure: Problem | undefined;
    let restored = true;
    try {
      await this.#begin();
      await this.#askSimulated();
      if (live !== undefined && target !== undefined) {
        const ran = await this.#runLive(target, live.settings);
        failure = ran.problem;
        restored = ran.restored;
      }
    } catch (error) {
      failure = toProblem(error);
    }
    try {
      if (this.#store !== undefined) await this.#journal?.settle(this.#store);
    } catch (error) {
      restored = false;
      failure ??= toProblem(error);
    }
    const notAsked = this.#notAsked();
    const cancelled = signal?.aborted === true;
    const state = cancelled ? 'cancelled' : failure === undefined ? 'done' : 'failed';
    return {
      title,
      ...(target === undefined ? {} : { target: { origin: target.origin, cookie: target.cookie } }),
      ...(store === undefined ? {} : { store: maskStoreUrl(store) }),
      startedAt,
      tookMs: clock() - startedAt,
      state,
      restored,
      ...(failure === undefined || (cancelled && restored) ? {} : { problem: failure }),
      simulated: this.#simulated,
      live: this.#live,
      notAsked,
      leftOver: this.#leftOver,
      unsteady: this.#unsteady,
      ...(live === undefined ? {} : { settings: live.settings, reports: live.reports }),
      passed: state === 'done' && restored && [...this.#simulated, ...this.#live].every(({ asExpected }) => asExpected),
    };
  }

  /** Values of cookies beside the session's that evidence would show; short ones are settings of a page. */
  get otherCookies(): string[] {
    const { cookies = [], raw } = this.#session ?? {};
    return cookies.map(([, value]) => value).filter((value) => value !== raw && value.length >= 12);
  }

  /** Ids of sessions that evidence would show. */
  get sessionIds(): string[] {
    const raw = this.#session?.raw;
    const known = [raw, this.#copy?.id].filter((id) => id !== undefined);
    return [...new Set([...known, ...this.#issued])];
  }

  async close(): Promise<void> {
    this.#journal?.close();
    await this.#store?.close();
    await this.#bodies.close();
  }

  /** Opens the store and comes to a session, as far as the policy needs them. */
  async #begin(): Promise<void> {
    const { target, store, live, simulated, record } = this.#policy;
    const { journalFolder } = this.#ports;
    const needsSession =
      target !== undefined && (live !== undefined || (simulated.length > 0 && record.of === 'session'));
    if (store !== undefined) {
      this.#store = await openRecordStore(store);
      if (needsSession) this.#journal = await openJournal(journalFolder, this.#runId, this.#store.url);
    }
    // Before canaries stand there.
    if (record.of === 'newest' || record.of === 'id') this.#copy = await storedRecord(this.#store, record);
    if (needsSession) {
      this.#before = await this.#ids();
      const { clock, signal } = this.#ports;
      this.#canaries = await plantBeforeLogin(this.#policy, {
        store: this.#store,
        journal: this.#journal,
        clock,
        randomHex,
        ...(signal === undefined ? {} : { signal }),
      });
      this.#session = await this.#logIn(target);
      this.#beganAt = clock();
    }
  }

  /** Logs in, and notes the records that this made, also when it fails: they go when the run ends. */
  async #logIn(target: PolicyTarget, options: LoginOptions = {}): Promise<LoggedIn> {
    const { clock, signal } = this.#ports;
    if (options.cookie !== undefined) this.#issued.add(options.cookie);
    try {
      return await logIn(
        target,
        {
          replay: this.#replay,
          bodies: this.#bodies,
          clock,
          answered: async () => await this.#canaries?.look(),
          issued: (raw) => this.#issued.add(raw),
          ...(signal === undefined ? {} : { signal }),
        },
        options,
      );
    } finally {
      await this.#ownRecords();
    }
  }

  #seen(raw: string): { name: string; id: string; raw: string } {
    return { name: this.#policy.target?.cookie ?? '', id: raw, raw };
  }

  /** What a sealed cookie holds, with the policy's keys: the id of its record may stand there. */
  #inside(raw: string): TypedNode | null {
    const { keys, target } = this.#policy;
    if (keys.length === 0) return null;
    return decodeCookieValue(raw, { secrets: keys, ...(target !== undefined && { name: target.cookie }) });
  }

  async #ownRecords(): Promise<void> {
    const before = this.#before;
    const store = this.#store;
    if (before === undefined || store === undefined) return;
    const ours: string[] = [];
    for (const raw of this.#issued) {
      for (const { id } of possibleIds(this.#seen(raw), this.#inside(raw), store.layout)) {
        const made = await store.read(id).catch(() => undefined);
        if (made !== undefined && !before.has(made.id)) ours.push(made.id);
      }
    }
    if (ours.length > 0) await this.#journal?.own(ours);
  }

  async #ids(): Promise<ReadonlySet<string> | undefined> {
    const ids = new Set<string>();
    if (this.#store === undefined) return ids;
    for await (const { id } of this.#store.list(this.#ports.signal)) {
      if (ids.size >= MOST_TIDIED) return undefined;
      ids.add(id);
    }
    return ids;
  }

  async #askSimulated(): Promise<void> {
    const { simulated } = this.#policy;
    if (simulated.length === 0) return;
    const { clock, signal } = this.#ports;
    if (this.#policy.record.of === 'session') this.#copy = await this.#sessionRecord();
    const record = this.#copy;
    const subject = subjectOf(this.#policy, {
      ...(record === undefined ? {} : { record }),
      ...(this.#session === undefined ? {} : { cookieValue: this.#session.raw }),
      now: clock(),
      randomHex,
    });
    const sandbox =
      record === undefined || this.#store === undefined
        ? recordSandbox(subject.record)
        : await openSandbox(this.#store.url);
    try {
      for (const question of simulated) {
        if (signal?.aborted === true) throw problem('cancelled', 'The run was cancelled');
        this.#simulated.push(
          await askSimulated(sandbox, subject, question, { clock, ...(signal === undefined ? {} : { signal }) }),
        );
        this.#notify(question.name);
      }
    } finally {
      await sandbox.dispose();
    }
  }

  async #sessionRecord(): Promise<StoredRecord | undefined> {
    const store = this.#store;
    if (store === undefined) return undefined;
    const raw = this.#session?.raw ?? '';
    const joined = await joinRecord(store, this.#seen(raw), this.#inside(raw));
    if (joined !== undefined) return joined.record;
    throw problem('no-record', `The record of the session is not in ${maskStoreUrl(store.url)}`, {
      remedy: 'Check store: it must be the one that the application uses',
    });
  }

  async #runLive(target: PolicyTarget, settings: LabSettings): Promise<{ problem?: Problem; restored: boolean }> {
    const { clock, signal } = this.#ports;
    const session = this.#session as LoggedIn;
    const expected = this.#policy.live?.expected ?? [];
    const store = this.#store;
    const joined =
      store === undefined ? undefined : await joinRecord(store, this.#seen(session.raw), this.#inside(session.raw));
    const flow = (request: PolicyTarget['verification']) =>
      requestFlow(target, request, session.cookies, { bodies: this.#bodies });
    const ports: LabPorts = {
      runId: this.#runId,
      settings,
      verification: flow(target.verification),
      ...(target.logout === undefined ? {} : { logout: flow(target.logout) }),
      cookie: { name: target.cookie, raw: session.raw },
      ...(store === undefined || joined === undefined ? {} : { record: { store, id: joined.record.id } }),
      replay: this.#replay,
      readBody: (one) => textOf(one, this.#bodies),
      readRequestBody: async ({ request }) =>
        request.body.ref === undefined ? new Uint8Array() : await this.#bodies.read(request.body.ref),
      userTexts: userTextsOf(target),
      ...(target.logout === undefined ? {} : { logoutFields: target.logout.fields }),
      acts: Object.fromEntries(Object.entries(target.acts).map(([key, act]) => [key, { request: flow(act) }])),
      ...(store !== undefined && joined === undefined ? { storeButNoRecord: true } : {}),
      ...(session.setCookie === undefined ? {} : { setCookie: session.setCookie }),
      recordIds: (raw) => possibleIds(this.#seen(raw), this.#inside(raw), store?.layout).map(({ id }) => id),
      journal: this.#journal ?? { write: async () => {} },
      clock,
      randomHex,
      wait,
      ...(this.#canaries === undefined ? {} : { canaries: this.#canaries }),
      ...(target.login.length === 0
        ? {}
        : {
            renew: (options: LoginOptions = {}) => this.#logIn(target, options),
            ownsSession: true,
            beganAt: this.#beganAt,
          }),
      ...(signal === undefined ? {} : { signal }),
    };
    const experiments = experimentsOf(expected.map(([id]) => id));
    const result = await runExperiments(experiments, ports, (outcome) => {
      const meta = experiments.find((one) => one.meta.id === outcome.experimentId)?.meta;
      const allowed = expected.find(([id]) => id === outcome.experimentId)?.[1] ?? [];
      if (meta === undefined) return;
      this.#live.push({
        meta,
        expected: allowed,
        outcome,
        asExpected: allowed.includes(outcome.verdict),
        ...lineOf(this.#policy.lines[meta.id]),
      });
      this.#notify(meta.id);
    });
    this.#leftOver.push(...result.leftOver);
    this.#unsteady.push(...result.unsteady);
    return { restored: result.restored, ...(result.problem === undefined ? {} : { problem: result.problem }) };
  }

  /** What the run did not come to, in the order of the file. */
  #notAsked(): PolicyResult['notAsked'] {
    const { simulated, live } = this.#policy;
    const answered = new Set(this.#live.map(({ meta }) => meta.id));
    return [
      ...simulated.slice(this.#simulated.length).map(({ name, expected }) => ({ name, expected })),
      ...(live?.expected ?? []).filter(([id]) => !answered.has(id)).map(([name, expected]) => ({ name, expected })),
    ];
  }

  #notify(name: string): void {
    const { simulated, live } = this.#policy;
    this.#done += 1;
    this.#ports.notify?.(this.#done, simulated.length + (live?.expected.length ?? 0), name);
  }
}

function lineOf(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
