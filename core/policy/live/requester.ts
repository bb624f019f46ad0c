import type { ExperimentEvidence } from '../../model/lab.ts';
import { problem } from '../../model/problem.ts';
import type { StoredRecord } from '../../model/record.ts';
import type { ReplayChanges } from '../../proxy/replay/replay-types.ts';
import type { Judge } from '../judge/judge.ts';
import { observe } from '../judge/observation.ts';
import { evidenceOf } from './evidence.ts';
import { idReadings } from './id-readings.ts';
import type { Answer, Ask, LabPorts } from './ports.ts';
import type { RecordLedger } from './record-ledger.ts';

/** A request that is under way when the run is cancelled may take so long (ms) until it is given up. */
const GRACE_MS = 3_000;
const TIME_LIMIT_MS = 15_000;

/** What a requester needs of the run's state. */
export interface RequesterState {
  readonly judge: () => Judge | undefined;
  readonly ledger: () => RecordLedger | undefined;
  /** Raw value of the session cookie. */
  readonly raw: () => string;
  /** The other cookies that go with each request. */
  readonly others: () => ReadonlyMap<string, string>;
  /** Whether the other cookies are sent where a request says nothing about them. */
  readonly othersByDefault: () => 'sent' | 'none';
  readonly readRecord: () => Promise<StoredRecord | undefined>;
  /** The record is about to be asked about: somebody else may have been at it. */
  readonly meet: (now: StoredRecord | undefined) => Promise<void>;
  /** The record grew too old on the way under a very short limit: then a refusal says nothing. */
  readonly tookTooLong: (before: StoredRecord | undefined) => boolean;
  /** After each response. */
  readonly answered: () => Promise<void>;
}

/** Sends the run's requests one by one, judges each response, and notes both as evidence. */
export class Requester {
  readonly #ports: LabPorts;
  readonly #state: RequesterState;
  #evidence: ExperimentEvidence[] = [];
  /** Cookie values that the application gave out during the run, or that were made up for it. */
  readonly ids = new Set<string>();
  /** Cookie values of anonymous sessions that requests of the run made, where no record of them was found. */
  readonly unfound = new Set<string>();

  constructor(ports: LabPorts, state: RequesterState) {
    this.#ports = ports;
    this.#state = state;
  }

  /** Sends one request as it is; retries are the caller's. @throws ProblemError `cancelled` */
  async send(ask: Ask): Promise<Answer> {
    const { cookie, replay, verification, signal, runId } = this.#ports;
    if (signal?.aborted === true) throw problem('cancelled', 'The experiments were cancelled');
    const own = this.#state.raw();
    const raw = ask.cookie === undefined ? own : ask.cookie;
    const request = ask.request ?? verification;
    const before = await this.#state.readRecord();
    await this.#state.meet(before);
    const ledger = this.#state.ledger();
    await ledger?.asking();
    // What was sent is waited for: an application that is still at work could write after everything was put back.
    const patience = patient(signal);
    const [flow] = await replay(request, this.#changes(ask, cookie.name, raw), {
      experiment: runId,
      timeoutMs: TIME_LIMIT_MS,
      signal: patience.signal,
      ...(ask.localAddress === undefined ? {} : { localAddress: ask.localAddress }),
    }).finally(patience.end);
    if (flow === undefined) throw problem('no-answer', 'A request of the lab gave no flow');
    const body = await this.#ports.readBody(flow);
    const observation = observe(flow, body, cookie.name, raw ?? undefined, this.#ports.clock());
    const after = await this.#state.readRecord();
    const made = await this.#made(observation.newId, raw);
    await ledger?.answered(observation.status !== 0, after, made);
    await this.#state.answered();
    const judgement = this.#state.judge()?.judge(observation) ?? { judged: 'unclear', because: 'Baseline' };
    const outcome =
      observation.status === 0
        ? 'no-answer'
        : judgement.judged === 'accepted' || judgement.judged === 'refused'
          ? this.#state.tookTooLong(before)
            ? 'unclear'
            : judgement.judged
          : 'unclear';
    return { title: ask.title, flow, body, observation, judgement, outcome, failed: false, before, after };
  }

  /** The same request so many times at once, with the session; what they leave behind is the run's doing. */
  async sendAtOnce(count: number, ask: Ask): Promise<void> {
    const { cookie, replay, verification, signal, runId } = this.#ports;
    const ledger = this.#state.ledger();
    await this.#state.meet(await this.#state.readRecord());
    await ledger?.asking();
    const patience = patient(signal);
    await replay(ask.request ?? verification, this.#changes(ask, cookie.name, this.#state.raw()), {
      experiment: runId,
      timeoutMs: TIME_LIMIT_MS,
      signal: patience.signal,
      times: count,
      parallel: count,
    }).finally(patience.end);
    await ledger?.answered(true, await this.#state.readRecord(), []);
  }

  #changes(ask: Ask, name: string, raw: string | null): ReplayChanges {
    const rest = {
      ...(ask.method === undefined ? {} : { method: ask.method }),
      ...(ask.url === undefined ? {} : { url: ask.url }),
      ...(ask.body === undefined ? {} : { body: ask.body }),
    };
    if ((ask.others ?? this.#state.othersByDefault()) === 'none') {
      return { ...rest, headers: { Cookie: raw === null ? null : `${name}=${raw}`, ...ask.headers } };
    }
    const others = {
      ...Object.fromEntries(this.#state.others()),
      ...(typeof ask.others === 'object' ? ask.others : {}),
    };
    return {
      ...rest,
      // A value that cannot stand in a Cookie header as a cookie of its own is written by the experiment itself.
      cookies: { ...others, [name]: raw },
      ...(ask.headers === undefined ? {} : { headers: ask.headers }),
    };
  }

  note(answer: Answer): void {
    this.#evidence.push(
      evidenceOf(answer.title, answer, answer.body, {
        now: this.#ports.clock(),
        ids: [this.#state.raw(), ...this.ids],
        hasStore: this.#ports.record !== undefined,
      }),
    );
  }

  /** Evidence that is no request: what canaries or a store showed. */
  add(title: string, text: string): void {
    this.#evidence.push({ title, text });
  }

  /** The evidence since the last call. */
  take(): readonly ExperimentEvidence[] {
    const taken = this.#evidence;
    this.#evidence = [];
    return taken;
  }

  /** Puts evidence back before what was noted since. */
  untake(evidence: readonly ExperimentEvidence[], keepLater: boolean): void {
    this.#evidence = keepLater ? [...evidence, ...this.#evidence] : [...evidence];
  }

  /** Records that a request made under the response's new session id, or under the foreign one that was sent. */
  async #made(newId: string | undefined, sent: string | null): Promise<StoredRecord[]> {
    const { record, recordIds } = this.#ports;
    const ledger = this.#state.ledger();
    const own = this.#state.raw();
    const values = [...(newId === undefined ? [] : [newId]), ...(sent === null || sent === own ? [] : [sent])].filter(
      (value) => value !== own && !this.ids.has(value),
    );
    const made: StoredRecord[] = [];
    for (const value of values) {
      this.ids.add(value);
      let found = false;
      const named = (id: string) => [...recordIds(id), ...(record?.store.layout?.recordNames(id) ?? [])];
      const names = new Set(record === undefined || ledger === undefined ? [] : idReadings(value).flatMap(named));
      for (const id of names) {
        if (id === ledger?.recordId || ledger?.wasKnown(id) === true) continue;
        const stored = await record?.store.read(id).catch(() => undefined);
        // Letter case folded, padding taken off: it may be the session's own record under another name.
        if (stored !== undefined && stored.id !== ledger?.recordId) {
          made.push(stored);
          found = true;
        }
      }
      if (!found && value === newId) this.unfound.add(value);
    }
    return made;
  }
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
