import type { ExperimentEvidence, LabSettings } from '../../model/lab.ts';
import { ProblemError, problem } from '../../model/problem.ts';
import type { StoredRecord } from '../../model/record.ts';
import { percentDecoded } from '../../model/web-address.ts';
import { Judge } from '../judge/judge.ts';
import { type Baseline, learnBaseline } from './baseline.ts';
import { Canaries } from './canaries.ts';
import { canaryAges } from './canary-ages.ts';
import { copiesOf } from './canary-copies.ts';
import { MOST_KNOWN } from './journal.ts';
import { askUntilClear } from './persist.ts';
import type { Answer, Ask, LabPorts, LoginOptions } from './ports.ts';
import { contrast, type Proof, type Seen } from './proof.ts';
import { type RecordFacts, recordFacts } from './record-facts.ts';
import { RecordLedger } from './record-ledger.ts';
import { Requester } from './requester.ts';

export type { Answer, Ask, LabPorts } from './ports.ts';

type Others = NonNullable<Ask['others']>;

/** A session that a login of the run gave. */
export interface OwnLogin {
  readonly raw: string;
  /** What goes with its requests: its other cookies, but none that recognise the user by themselves. */
  readonly others: Others;
  /** All its other cookies. */
  readonly given: Readonly<Record<string, string>>;
  readonly setCookie?: string;
}

/** So long (ms) rate limits are waited for in one run. */
const MOST_WAITING_MS = 60_000;

/** One run's view of application and store: sends, ages, removes, and puts everything back. */
export class LabContext {
  readonly settings: LabSettings;
  readonly ports: LabPorts;
  readonly #requester: Requester;
  #baseline: Baseline | undefined;
  #canaries: Canaries | undefined;
  #ledger: RecordLedger | undefined;
  /** The record as the application last accepted it: what experiments begin with. */
  #base: StoredRecord | undefined;
  #baseAt = 0;
  /** The times in the record that the application renews with each request. */
  #renewed: ReadonlySet<string> = new Set();
  /** Raw value of the session cookie. */
  #raw: string;
  readonly #others = new Map<string, string>();
  /** The record was made older on purpose. */
  #aged = false;
  #met: 'written' | 'removed' | undefined;
  #waiting = MOST_WAITING_MS;
  readonly #unsteady = new Set<string>();
  /** Sessions that logins of the run made and that were not ended yet. */
  readonly #logins = new Map<string, Others>();
  #judgedAgain = 0;
  /** Another cookie of the request is enough to be logged in: only the experiment about that sends it. */
  #othersRecognise = false;

  constructor(ports: LabPorts) {
    this.ports = ports;
    this.settings = ports.settings;
    this.#raw = ports.cookie.raw;
    if (ports.ownsSession === true) this.#logins.set(this.#raw, {});
    this.#requester = new Requester(ports, {
      judge: () => this.#baseline?.judge,
      ledger: () => this.#ledger,
      raw: () => this.#raw,
      others: () => this.#others,
      othersByDefault: () => (this.#othersRecognise ? 'none' : 'sent'),
      readRecord: () => this.readRecord(),
      meet: (now) => this.#meet(now),
      tookTooLong: (before) => this.#tookTooLong(before),
      answered: async () => await this.#canaries?.look(),
    });
  }

  /** What a visitor gets looks different with and without the session. */
  get canTell(): boolean {
    return this.#baseline !== undefined && this.#baseline.blind === undefined;
  }

  /** Why it does not. */
  get blind(): string | undefined {
    return this.#baseline?.blind;
  }

  get signs(): readonly string[] {
    return this.#baseline?.judge.signs ?? [];
  }

  get judge(): Judge | undefined {
    return this.#baseline?.judge;
  }

  /** The application gives out a new id with each response. */
  get rotates(): boolean {
    return this.#baseline?.rotates ?? false;
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

  /** When the application wrote that record (ms), as far as the run saw. */
  get baseAt(): number {
    return this.#baseAt;
  }

  /** What somebody else did to the record while the run went on: it stays as they left it. */
  get met(): 'written' | 'removed' | undefined {
    return this.#met;
  }

  /** What did not repeat during the run, in words. */
  get unsteady(): readonly string[] {
    return [...this.#unsteady];
  }

  /** A session that ends for good can be replaced. */
  get canRenew(): boolean {
    return this.hasRecord || this.ports.renew !== undefined;
  }

  facts(record: StoredRecord | undefined = this.#base): RecordFacts {
    return recordFacts(record?.bytes ?? new Uint8Array(), this.ports.clock());
  }

  /** Times in the data that are renewed with each request (`true`), or that stay (`false`). */
  times(renewed: boolean): RecordFacts['times'] {
    return this.facts().times.filter(({ at }) => this.#renewed.has(at) === renewed);
  }

  /** Writes the journal, plants canaries, and learns how responses look with and without the session. */
  async begin(withCanaries: boolean): Promise<void> {
    const { record, journal, runId, clock, randomHex, expectWrite, signal } = this.ports;
    if (record !== undefined) {
      const original = await record.store.read(record.id);
      const known: string[] = [];
      for await (const { id } of record.store.list(signal)) if (known.push(id) > MOST_KNOWN) break;
      this.#canaries = this.ports.canaries;
      const plant =
        withCanaries &&
        this.#canaries === undefined &&
        original !== undefined &&
        record.store.traits.canAge &&
        // Only of web.py it is known which records its cleanup takes, and under which names records stand.
        this.facts(original).isWebpy;
      const { idleSeconds } = this.settings;
      const ages = plant ? (this.ports.canaryAges ?? canaryAges([idleSeconds, idleSeconds / 2])) : [];
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
        const bytesFor = copiesOf(original, clock());
        this.#canaries = new Canaries(prefix, { store: record.store, clock, bytesFor });
        await this.#canaries.plant(ages, this.ports.wait, signal);
        // Planting takes a while: the session must not grow too old by it for what is learnt next.
        if (signal?.aborted !== true) await this.setRecord(0);
      }
    }
    await this.#learn();
    this.takeEvidence();
  }

  async #learn(): Promise<void> {
    let before: StoredRecord | undefined;
    const baseline = await learnBaseline({
      send: (ask) => this.#requester.send(ask),
      wait: this.ports.wait,
      randomHex: this.ports.randomHex,
      raw: () => this.#raw,
      follow: (raw) => this.#follow(raw),
      restore: async () => {
        if (!this.hasRecord) return false;
        await this.setRecord(0);
        return true;
      },
      pause: async () => {
        before = await this.readRecord();
        this.#measureSkew(before);
        // Times of whole seconds do not differ within one: then the difference is waited for.
        if (before === undefined || recordFacts(before.bytes, this.ports.clock()).times.length === 0) return;
        await this.ports.wait(1_100);
      },
      texts: this.ports.userTexts ?? [],
      unsteady: (what) => this.#unsteady.add(what),
    });
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
    this.#baseAt = this.ports.clock();
    this.#baseline = baseline;
    if ((await this.#ledger?.learnt()) === 'written') this.#note('written', this.#base);
    await this.#askOthers();
  }

  /** Whether the other cookies recognise the user by themselves, and the session's own is enough without them. */
  async #askOthers(): Promise<void> {
    if (!this.canTell) return;
    const without = await this.#send({ title: 'Baseline: the other cookies alone', cookie: null });
    if (without.outcome !== 'accepted') return;
    this.#othersRecognise = true;
    const alone = await this.#own('Baseline: the session cookie alone');
    if (alone.outcome !== 'accepted') this.#othersRecognise = false;
  }

  #follow(raw: string): void {
    this.#requester.ids.add(this.#raw);
    this.#requester.unfound.delete(raw);
    this.#raw = raw;
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

  /**
   * Sends a request until its response can be relied on (see `askUntilClear`), and notes it as evidence.
   * @throws ProblemError `cancelled`
   */
  async ask(ask: Ask): Promise<Answer> {
    const answer = await askUntilClear(ask, {
      attempt: async (one) => {
        await one.prepare?.();
        return await this.#send(one);
      },
      control: async (kind) =>
        kind === 'visitor'
          ? await this.#send(VISITOR)
          : await this.#own('Control between: the session without the cause'),
      judgeAgain: (one) => this.#judgeAgain(one),
      wait: this.ports.wait,
      isUnsteady: () => this.#unsteady.size > 0,
      unsteady: (what) => this.#unsteady.add(what),
      takeWaiting: (ms) => {
        this.#waiting -= ms;
        return this.#waiting >= 0;
      },
    });
    this.#requester.note(answer);
    return answer;
  }

  /** Sends a request once; where the application renews ids with each response, the session is followed. */
  async #send(ask: Ask): Promise<Answer> {
    const own = ask.cookie === undefined;
    if (own && this.rotates && this.hasRecord && ask.prepare === undefined) await this.setRecord(0);
    const answer = await this.#requester.send(ask);
    const { newId } = answer.observation;
    if (own && this.rotates && !this.hasRecord && newId !== undefined && answer.outcome === 'accepted') {
      this.#follow(newId);
    }
    return answer;
  }

  /** So many requests with the session at once; their responses are not judged. */
  async sendAtOnce(count: number, ask: Ask): Promise<void> {
    await this.#requester.sendAtOnce(count, ask);
  }

  /** The session as it was, asked without any cause. */
  async #own(title: string): Promise<Answer> {
    if (this.hasRecord) await this.setRecord(0);
    return await this.#send({ title });
  }

  /**
   * The session as it was, asked without any cause and noted as evidence: the control of what follows.
   * @throws ProblemError `control-failed` when it is not accepted
   */
  async control(title = 'Control: the session without the cause'): Promise<Answer> {
    const answer = await this.ask({
      title,
      ...(this.hasRecord ? { prepare: () => this.setRecord(0) } : {}),
    });
    if (answer.outcome === 'accepted') return answer;
    throw problem('control-failed', `The session itself is not accepted (${answer.judgement.because})`);
  }

  /** A visitor without any cookie, as a control for what is accepted. */
  async visitor(more: Partial<Ask> = {}): Promise<Answer> {
    return await this.ask({ ...VISITOR, ...more });
  }

  /** The proof of a verdict: what was seen with the cause beside its control. @throws ProblemError `control-failed` */
  contrast(cause: Seen, control: Seen): Proof {
    return contrast(cause, control, this.#baseline?.noise);
  }

  /** More responses with and without the session narrow down what tells them apart. */
  async #judgeAgain(answer: Answer): Promise<Answer> {
    const baseline = this.#baseline;
    if (baseline === undefined || baseline.blind !== undefined || this.#judgedAgain++ > 8) return answer;
    const own = await this.#own('Baseline: the session');
    if (baseline.judge.mayLearn(own.observation)) baseline.judge.learn('with', own.observation);
    const visitor = await this.#send(VISITOR);
    if (visitor.outcome === 'refused') baseline.judge.learn('without', visitor.observation);
    const judgement = baseline.judge.judge(answer.observation);
    const { judged } = judgement;
    return { ...answer, judgement, outcome: judged === 'accepted' || judged === 'refused' ? judged : 'unclear' };
  }

  /** Judges responses by what visitors get elsewhere: where something recognises the visitor at their own address. */
  judgeFrom(withSession: readonly Answer[], without: readonly Answer[]): Judge {
    const seen = (answers: readonly Answer[]) => answers.map(({ observation }) => observation);
    return new Judge(seen(withSession), seen(without), [], this.ports.userTexts ?? []);
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
    this.#base = met === 'removed' ? undefined : now;
    // Whether it was somebody else, or the application that saves late, shows at the end of the baseline.
    if (met === 'written' && this.#baseline === undefined) return;
    this.#met = met;
    this.addEvidence(
      met === 'removed' ? 'The record was removed by somebody else' : 'The record was written by somebody else',
      met === 'removed'
        ? 'It was there after the last request of the lab. It is not made again.'
        : 'It holds what no request of the lab left there. That is what will be put back.',
    );
  }

  /** Whether a record now stands under a cookie value that is not the session's own; under a name that has it in it. */
  async recordUnder(raw: string): Promise<boolean> {
    const { record, recordIds } = this.ports;
    if (record === undefined) return false;
    const sent = `${raw}\n${percentDecoded(raw) ?? ''}`.toLowerCase();
    for (const id of recordIds(raw)) {
      // A name that is a digest of the id says nothing about how the application treats ids of that form.
      const literal = id
        .replace(/^sess_/, '')
        .replace(/\.json$/, '')
        .toLowerCase();
      if (literal === '' || !sent.includes(literal)) continue;
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
    // Again when somebody else was at it: their content is the one to begin with from then on.
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
   * One more login. Its session is ended when the run ends, or named where that is not possible.
   * @throws ProblemError of the login, `no-login` where the run has none
   */
  async logIn(options?: LoginOptions): Promise<OwnLogin> {
    const { renew, cookie } = this.ports;
    if (renew === undefined) throw problem('no-login', 'The run has no login of its own');
    const { raw, cookies = [], setCookie } = await renew(options);
    this.#requester.ids.add(raw);
    const given = Object.fromEntries(cookies.filter(([name]) => name !== cookie.name));
    const others = this.#othersRecognise ? 'none' : given;
    this.#logins.set(raw, others);
    return { raw, others, given, ...(setCookie === undefined ? {} : { setCookie }) };
  }

  /** A login in place of a session that is over; undefined where it fails, as after the account was disabled. */
  async #logInAgain(): Promise<OwnLogin | undefined> {
    try {
      return await this.logIn();
    } catch (error) {
      if (this.ports.signal?.aborted === true || !(error instanceof ProblemError)) throw error;
      this.addEvidence('The session is over, and another login failed', error.message);
      return undefined;
    }
  }

  /** The run goes on with this session. */
  continueWith({ raw, given }: Pick<OwnLogin, 'raw' | 'given'>): void {
    this.#requester.ids.add(this.#raw);
    this.#raw = raw;
    for (const [name, value] of Object.entries(given)) this.#others.set(name, value);
  }

  /** A session of the run has ended: nothing is left of it. */
  ended(raw: string): void {
    this.#logins.delete(raw);
  }

  /** Sessions that logins of the run made and that were not ended yet, each with its other cookies. */
  get logins(): ReadonlyMap<string, Others> {
    return this.#logins;
  }

  /** Ids that the application gave visitors of the run, and of which no record was found. */
  get anonymous(): readonly string[] {
    return [...this.#requester.unfound].filter((raw) => !this.#logins.has(raw));
  }

  /** Whether the store has a record of that session, so that it can be removed there. */
  async isStored(raw: string): Promise<boolean> {
    const { record, recordIds } = this.ports;
    for (const id of record === undefined ? [] : recordIds(raw)) {
      if ((await record?.store.read(id).catch(() => undefined)) !== undefined) return true;
    }
    return false;
  }

  /**
   * After each experiment: the record fresh again, the run's own records removed, and a control request. False when the
   * session is not accepted any more, so that what was found cannot be relied on.
   */
  async settle(): Promise<boolean> {
    if (this.hasRecord) await this.setRecord(0);
    await this.#ledger?.removeCreated();
    if (!this.canTell) return true;
    const evidence = this.#requester.take();
    const restore = this.hasRecord ? { prepare: () => this.setRecord(0) } : {};
    let control = await this.ask({ title: 'Control: the session as it was, restored', ...restore });
    if (control.outcome !== 'accepted' && !this.hasRecord && this.ports.renew !== undefined) {
      const login = await this.#logInAgain();
      if (login !== undefined) {
        this.continueWith(login);
        control = await this.ask({ title: 'Control: a session of a new login' });
      }
    }
    this.#requester.untake(evidence, control.outcome !== 'accepted');
    if (control.outcome === 'accepted' && this.#base !== undefined && !this.rotates) {
      this.#base = control.after ?? this.#base;
      this.#baseAt = this.ports.clock();
    }
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

  /** Records that appeared during the run and are not known to be its. Call it after `end`. */
  async unexplained(): Promise<readonly string[]> {
    return (await this.#ledger?.unexplained()) ?? [];
  }

  /** The evidence since the last call. */
  takeEvidence(): readonly ExperimentEvidence[] {
    return this.#requester.take();
  }

  /** Evidence that is no request: what canaries or a store showed. */
  addEvidence(title: string, text: string): void {
    this.#requester.add(title, text);
  }
}

const VISITOR: Ask = {
  title: 'Control: a visitor without any cookie',
  cookie: null,
  others: 'none',
  control: 'visitor',
};

function changed(): ProblemError {
  return problem('record-changed', 'Somebody else wrote the record meanwhile', {
    remedy: 'Run it again while nobody uses the session.',
  });
}
