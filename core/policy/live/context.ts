import { encodeSession } from '../../frameworks/webpy/session/encoding.ts';
import type { Flow } from '../../model/flow.ts';
import type { ExperimentEvidence, LabSettings } from '../../model/lab.ts';
import { type ProblemError, problem } from '../../model/problem.ts';
import type { RecordStore, StoredRecord } from '../../model/record.ts';
import type { Replay, ReplayChanges } from '../../proxy/replay/replay-types.ts';
import { Judge, type Judgement } from '../judge.ts';
import { type Observation, observe } from '../observation.ts';
import { alike } from './alike.ts';
import { Canaries, canaryAges } from './canaries.ts';
import { evidenceOf } from './evidence.ts';
import { type Journal, MOST_KNOWN } from './journal.ts';
import { type RecordFacts, recordFacts } from './record-facts.ts';
import { RecordLedger } from './record-ledger.ts';

/** What a run is given of the world. */
export interface LabPorts {
  readonly runId: string;
  readonly settings: LabSettings;
  /** A request that looks different with and without the session. */
  readonly verification: Flow;
  readonly logout?: Flow;
  /** The cookie that carries the session, and its raw value. */
  readonly cookie: { readonly name: string; readonly raw: string };
  readonly record?: { readonly store: RecordStore; readonly id: string };
  readonly replay: Replay;
  /** The decoded text of an answer. */
  readonly readBody: (flow: Flow) => Promise<string>;
  /** Under which ids the record of a cookie value may stand in the store. */
  readonly recordIds: (raw: string) => readonly string[];
  readonly journal: Journal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** So many random bytes as hex. */
  readonly randomHex: (bytes: number) => string;
  readonly wait: (ms: number) => Promise<void>;
  /** Logs in again: where that can be done, what ends the session for good may be tried without a record to restore. */
  readonly renew?: () => Promise<string>;
  /**
   * Canaries that stand in the store already, planted before the session was come by, so that the cleanup of a fresh
   * process was not missed; the caller removes them. Absent: the run plants its own.
   */
  readonly canaries?: Canaries;
  /** Ages (seconds) of the canaries that the run plants, oldest first; absent: those of `canaryAges`. */
  readonly canaryAges?: readonly number[];
  /** When the session was first seen (ms): it is at least as old as that. */
  readonly firstSeen?: number;
  readonly signal?: AbortSignal;
  /** Before a write into the store. */
  readonly expectWrite?: (id: string, bytes: Uint8Array) => void;
}

/** What is to be different in a request of the run. */
export interface Ask {
  /** For the evidence: "The same session from 127.0.0.2". */
  readonly title: string;
  /** Raw value of the session cookie: the session's own unless given; null for none. */
  readonly cookie?: string | null;
  readonly localAddress?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly request?: 'verification' | 'logout';
}

export interface Answer {
  readonly flow: Flow;
  readonly observation: Observation;
  readonly judgement: Judgement;
  /** accepted; refused (a server error is one too: `failed`); unclear; no-answer */
  readonly outcome: 'accepted' | 'refused' | 'unclear' | 'no-answer';
  /** A status of 500 or more. */
  readonly failed: boolean;
  readonly before: StoredRecord | undefined;
  readonly after: StoredRecord | undefined;
}

/** A request that is under way when the run is cancelled may take so long (ms) until it is given up. */
const GRACE_MS = 3_000;

/** One run's view of application and store: asks, ages, removes, and puts everything back. */
export class LabContext {
  readonly settings: LabSettings;
  readonly ports: LabPorts;
  #judge: Judge | undefined;
  #canaries: Canaries | undefined;
  #evidence: ExperimentEvidence[] = [];
  #ledger: RecordLedger | undefined;
  /** The record as the application last accepted it: what experiments begin with. */
  #base: StoredRecord | undefined;
  /** The times in the record that the application renews with each request, and those that it keeps. */
  #renewed: ReadonlySet<string> = new Set();
  readonly #ids = new Set<string>();
  /** Raw value of the session cookie. */
  #raw: string;
  /** The record was made older on purpose. */
  #aged = false;
  #met: 'written' | 'removed' | undefined;

  constructor(ports: LabPorts) {
    this.ports = ports;
    this.settings = ports.settings;
    this.#raw = ports.cookie.raw;
  }

  /** The request looks different with and without the session. */
  get canTell(): boolean {
    return this.#judge?.canTell ?? false;
  }

  get signs(): readonly string[] {
    return this.#judge?.signs ?? [];
  }

  get canaries(): Canaries | undefined {
    return this.#canaries;
  }

  /** Raw value of the session cookie. */
  get raw(): string {
    return this.#raw;
  }

  /** There is a record that can be changed and restored. */
  get hasRecord(): boolean {
    return this.#base !== undefined && this.ports.record?.store.traits.canWrite === true;
  }

  get canAge(): boolean {
    return this.hasRecord && this.ports.record?.store.traits.canAge === true;
  }

  get base(): StoredRecord | undefined {
    return this.#base;
  }

  /** What somebody else did to the record while the run went on: it stays as they left it. */
  get met(): 'written' | 'removed' | undefined {
    return this.#met;
  }

  facts(record: StoredRecord | undefined = this.#base): RecordFacts {
    return recordFacts(record?.bytes ?? new Uint8Array(), this.ports.clock());
  }

  /** Times in the data that are renewed with each request (`true`), or that stay (`false`). */
  times(renewed: boolean): RecordFacts['times'] {
    return this.facts().times.filter(({ at }) => this.#renewed.has(at) === renewed);
  }

  /** Writes the journal, plants canaries, and learns how answers look with and without the session. */
  async begin(withCanaries: boolean): Promise<void> {
    const { record, journal, runId, clock, randomHex, expectWrite, signal } = this.ports;
    if (record !== undefined) {
      const original = await record.store.read(record.id);
      const known: string[] = [];
      for await (const { id } of record.store.list(signal)) if (known.push(id) > MOST_KNOWN) break;
      this.#canaries = this.ports.canaries;
      const plant =
        withCanaries && this.#canaries === undefined && original !== undefined && record.store.traits.canAge;
      const { idleSeconds } = this.settings;
      const usual = () => canaryAges([idleSeconds, idleSeconds / 2], record.store.traits.kind);
      const ages = plant ? (this.ports.canaryAges ?? usual()) : [];
      const prefix = randomHex(16);
      this.#ledger = await RecordLedger.open(
        { runId, record, journal, clock, ...(expectWrite === undefined ? {} : { expectWrite }) },
        original,
        {
          canaries: plant ? { prefix, count: ages.length } : null,
          known: known.length > MOST_KNOWN ? null : known,
        },
      );
      this.#base = original;
      if (plant) {
        const webpy = this.facts(original).isWebpy;
        this.#canaries = new Canaries(prefix, {
          store: record.store,
          clock,
          bytesFor: (id) => (webpy ? encodeSession(new Map([['session_id', id]])) : original.bytes),
        });
        await this.#canaries.plant(ages, this.ports.wait, signal);
        // Planting takes a while: the session must not grow too old by it for what is learnt next.
        if (signal?.aborted !== true) await this.setRecord(0);
      }
    }
    await this.#learn();
    this.takeEvidence();
  }

  async #learn(): Promise<void> {
    const ask = async (cookie?: string | null) =>
      (await this.ask({ title: 'Baseline', ...(cookie === undefined ? {} : { cookie }) })).observation;
    const first = await ask();
    const before = await this.readRecord();
    this.#measureSkew(before);
    const without = [await ask(null), await ask(null)];
    const foreign = async () => await ask(alike(this.#raw, this.ports.randomHex));
    const unknown = [await foreign(), await foreign()];
    // Times of whole seconds do not differ within one: then the difference is waited for.
    if (before !== undefined && recordFacts(before.bytes, this.ports.clock()).times.length > 0) {
      await this.ports.wait(1_100);
    }
    const second = await ask();
    const after = await this.readRecord();
    if (before !== undefined && after !== undefined) {
      const was = new Map(this.facts(before).times.map(({ at, time }) => [at, time]));
      this.#renewed = new Set(
        this.facts(after)
          .times.filter(({ at, time }) => was.get(at) !== time)
          .map(({ at }) => at),
      );
    }
    if (this.#base !== undefined) this.#base = after ?? this.#base;
    this.#ledger?.learnt();
    this.#judge = new Judge([first, second], without, unknown);
  }

  /** A database column read in another zone than it was written in is off by whole quarters of an hour. */
  #measureSkew(touched: StoredRecord | undefined): void {
    if (touched?.lastUsed == null || this.#ledger === undefined) return;
    const off = this.ports.clock() - touched.lastUsed;
    const skew = Math.round(off / 900_000) * 900_000;
    if (Math.abs(off - skew) >= 10_000) return;
    this.#ledger.skewMs = skew;
    if (skew !== 0 && this.#canaries !== undefined) this.#canaries.skew = skew;
  }

  /** Sends a request and judges the answer; notes both as evidence. */
  async ask(ask: Ask): Promise<Answer> {
    const { cookie, replay, logout, verification, signal, runId } = this.ports;
    if (signal?.aborted === true) throw problem('cancelled', 'The experiments were cancelled');
    const raw = ask.cookie === undefined ? this.#raw : ask.cookie;
    const request = ask.request === 'logout' ? logout : verification;
    if (request === undefined) throw problem('no-flow', 'There is no request to send');
    const before = await this.readRecord();
    await this.#meet(before);
    await this.#ledger?.asking();
    const changes: ReplayChanges = {
      // A value that cannot stand in a Cookie header as a cookie of its own is written by the experiment itself.
      cookies: { [cookie.name]: raw },
      ...(ask.headers === undefined ? {} : { headers: ask.headers }),
      ...(ask.url === undefined ? {} : { url: ask.url }),
    };
    // What was sent is waited for: an application that is still at work could write after everything was put back.
    const patience = patient(signal);
    const [flow] = await replay(request, changes, {
      experiment: runId,
      timeoutMs: 15_000,
      signal: patience.signal,
      ...(ask.localAddress === undefined ? {} : { localAddress: ask.localAddress }),
    }).finally(patience.end);
    if (flow === undefined) throw problem('no-answer', 'A request of the lab gave no flow');
    const body = await this.ports.readBody(flow);
    const observation = observe(flow, body, cookie.name, raw ?? undefined);
    const after = await this.readRecord();
    await this.#ledger?.answered(observation.status !== 0, after, await this.#made(observation, raw));
    await this.#canaries?.look();
    const judgement = this.#judge?.judge(observation) ?? { judged: 'unclear', because: 'Baseline' };
    const failed = observation.status >= 500;
    const outcome =
      observation.status === 0
        ? 'no-answer'
        : this.#tookTooLong(before)
          ? 'unclear'
          : judgement.judged === 'error' || (failed && judgement.judged !== 'accepted')
            ? 'refused'
            : judgement.judged;
    const answer: Answer = { flow, observation, judgement, outcome, failed, before, after };
    this.#evidence.push(
      evidenceOf(ask.title, answer, body, {
        now: this.ports.clock(),
        ids: [this.#raw, ...this.#ids],
        hasStore: this.ports.record !== undefined,
      }),
    );
    return answer;
  }

  /** Under a limit of a few seconds the record may have grown too old on the way: then a refusal says nothing. */
  #tookTooLong(before: StoredRecord | undefined): boolean {
    const limit = this.#canaries?.limit;
    if (this.#aged || limit === undefined || before?.lastUsed == null) return false;
    return this.ports.clock() - before.lastUsed > Math.max(1, limit.atLeast) * 1000 && limit.atLeast < 30;
  }

  /** Somebody else wrote or removed the record since the last look: theirs counts from now on. */
  async #meet(now: StoredRecord | undefined): Promise<void> {
    const met = await this.#ledger?.meet(now);
    if (met !== undefined) this.#note(met, now);
  }

  #note(met: 'written' | 'removed', now: StoredRecord | undefined): void {
    this.#met = met;
    this.#base = met === 'removed' ? undefined : now;
    this.addEvidence(
      met === 'removed' ? 'The record was removed by somebody else' : 'The record was written by somebody else',
      met === 'removed'
        ? 'It was there after the last request of the lab. It is not made again.'
        : 'It holds what no request of the lab left there. That is what will be put back.',
    );
  }

  /** Records that this request made under the answer's new session id, or under the foreign one that was sent. */
  async #made(observation: Observation, sent: string | null): Promise<StoredRecord[]> {
    const { record, recordIds } = this.ports;
    const ledger = this.#ledger;
    if (record === undefined || ledger === undefined) return [];
    const values = [
      ...(observation.newId === undefined ? [] : [observation.newId]),
      ...(sent === null || sent === this.#raw ? [] : [sent]),
    ].filter((value) => value !== this.#raw && !this.#ids.has(value));
    const made: StoredRecord[] = [];
    for (const value of values) {
      this.#ids.add(value);
      for (const id of recordIds(value)) {
        if (id === ledger.recordId || ledger.wasKnown(id)) continue;
        const found = await record.store.read(id).catch(() => undefined);
        // Letter case folded, padding taken off: it may be the session's own record under another name.
        if (found !== undefined && found.id !== ledger.recordId) made.push(found);
      }
    }
    return made;
  }

  /** Whether a record now stands under a cookie value that is not the session's own. */
  async recordUnder(raw: string): Promise<boolean> {
    const { record, recordIds } = this.ports;
    if (record === undefined) return false;
    for (const id of recordIds(raw)) {
      const found = await record.store.read(id).catch(() => undefined);
      if (found !== undefined && found.id !== this.#ledger?.recordId) return true;
    }
    return false;
  }

  async readRecord(): Promise<StoredRecord | undefined> {
    const { record } = this.ports;
    return record?.store.read(record.id);
  }

  /**
   * The record as it is to be for the next request: last used so many seconds ago, and with these bytes.
   * @throws ProblemError `no-record`, or of the store
   */
  async setRecord(secondsAgo: number, bytes?: Uint8Array): Promise<void> {
    // Anew when somebody else was at it: their content is the one to begin with from then on.
    for (let met: LabContext['met'] = 'written'; met !== undefined; ) {
      const wanted = bytes ?? this.#base?.bytes;
      if (this.#ledger === undefined || wanted === undefined || this.#base === undefined) {
        throw problem('no-record', 'There is no record to change');
      }
      this.#aged = secondsAgo > 0;
      met = await this.#ledger.put(wanted, secondsAgo);
      if (met === undefined) return;
      this.#note(met, await this.readRecord());
      if (bytes !== undefined) throw changed();
    }
  }

  /** @throws ProblemError `record-changed` when somebody else wrote it meanwhile, or of the store */
  async removeRecord(): Promise<void> {
    const met = await this.#ledger?.remove();
    if (met === undefined) return;
    this.#note(met, await this.readRecord());
    throw changed();
  }

  /**
   * After each experiment: the record fresh again, the run's own records removed, and a control request. False when the
   * session is not accepted any more, so that what was found cannot be relied on.
   */
  async settle(): Promise<boolean> {
    if (this.hasRecord) await this.setRecord(0);
    await this.#ledger?.removeCreated();
    if (!this.canTell) return true;
    const evidence = this.#evidence;
    this.#evidence = [];
    const { renew } = this.ports;
    let control = await this.ask({ title: 'Control: the session as it was, restored' });
    if (control.outcome !== 'accepted' && !this.hasRecord && renew !== undefined) {
      this.#ids.add(this.#raw);
      this.#raw = await renew();
      control = await this.ask({ title: 'Control: a session of a new login' });
    }
    this.#evidence = control.outcome === 'accepted' ? evidence : [...evidence, ...this.#evidence];
    if (control.outcome === 'accepted' && this.#base !== undefined) this.#base = control.after ?? this.#base;
    return control.outcome === 'accepted';
  }

  /**
   * Everything as it was before the run, whatever happened.
   * @returns what was left alone because it is somebody else's, in words
   * @throws ProblemError of the store
   */
  async end(): Promise<readonly string[]> {
    return (await this.#ledger?.undo())?.left ?? [];
  }

  /** The evidence since the last call. */
  takeEvidence(): readonly ExperimentEvidence[] {
    const taken = this.#evidence;
    this.#evidence = [];
    return taken;
  }

  /** Evidence that is no request: what canaries or a store showed. */
  addEvidence(title: string, text: string): void {
    this.#evidence.push({ title, text });
  }
}

function changed(): ProblemError {
  return problem('record-changed', 'Somebody else wrote the record meanwhile', {
    remedy: 'Run it again while nobody uses the session.',
  });
}

/** A signal that fires some time after the given one: what is under way may come to its end. */
function patient(signal: AbortSignal | undefined): { readonly signal: AbortSignal; readonly end: () => void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer ??= setTimeout(() => late.abort(), GRACE_MS);
  };
  if (signal?.aborted === true) begin();
  signal?.addEventListener('abort', begin, { once: true });
  return {
    signal: late.signal,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', begin);
    },
  };
}
