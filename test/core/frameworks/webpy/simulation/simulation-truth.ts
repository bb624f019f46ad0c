import { openRecordStore } from '../../../../../core/frameworks/stores.ts';
import { decodeSession, encodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { outcomeOf } from '../../../../../core/frameworks/webpy/simulation/ask.ts';
import {
  EARLIER_VISITOR,
  earlierCleanup,
  type PolicySubject,
  runExperiment,
} from '../../../../../core/frameworks/webpy/simulation/experiment.ts';
import { pythonTimeout, timeoutSeconds } from '../../../../../core/frameworks/webpy/simulation/python-timeout.ts';
import { openSandbox, type Sandbox } from '../../../../../core/frameworks/webpy/stores/sandbox.ts';
import type { RecordStore } from '../../../../../core/model/record.ts';
import {
  type InProcessWebpy,
  numberedRandom,
  startInProcessWebpy,
  type TruthRecord,
} from '../../../../support/webpy/in-process.ts';
import type { WebpyStore } from '../../../../support/webpy/webpy.ts';
import { type Combination, cookieValue, ID, OTHER_ID, questionOf, recordBytes } from './combination.ts';

/** What a request did, as the lab says it and as it happened. */
export interface Happened {
  readonly outcome: string;
  readonly status: string;
  readonly body: string;
  readonly setCookie: readonly string[];
  /** Every record of the store afterwards: its last use (ms; on disk `now` for the moment of the request) and its data. */
  readonly records: Readonly<Record<string, { lastUsed: number | string | null; data: string }>>;
}

const HAND_READ_MS = 120_000;

/** The lab on one store and the real web.py on it, asked the same. */
export class SimulationTruth {
  readonly #webpy: InProcessWebpy;
  readonly #records: RecordStore;
  readonly bench: Sandbox;

  private constructor(webpy: InProcessWebpy, records: RecordStore, bench: Sandbox) {
    this.#webpy = webpy;
    this.#records = records;
    this.bench = bench;
  }

  static async start(store: WebpyStore, url: string): Promise<SimulationTruth> {
    const webpy = startInProcessWebpy(store);
    // The program makes the table.
    await webpy.prepare([]);
    return new SimulationTruth(webpy, await openRecordStore(url), await openSandbox(url));
  }

  async stop(): Promise<void> {
    await this.bench.dispose();
    await this.#records.close();
    await this.#webpy.stop();
  }

  /** Lays the store out as a combination says, for a request at the present whole second; gives the subject. */
  async layOut(one: Combination): Promise<PolicySubject> {
    const now = Math.floor(Date.now() / 1000) + one.fraction - (this.bench.kind === 'disk' ? 1 : 0);
    const atime = now - one.age;
    const records: TruthRecord[] = [];
    const bytes = recordBytes(one.record, one.owner);
    if (bytes !== null) records.push({ id: ID, bytes, atime, mtime: atime });
    if (one.neighbour) {
      const neighbours = new Map<unknown, unknown>([
        ['session_id', OTHER_ID],
        ['ip', one.owner],
      ]);
      records.push({ id: OTHER_ID, bytes: encodeSession(neighbours), atime, mtime: atime });
    }
    await this.#webpy.prepare(records);
    return { recordId: ID, cookieName: one.cookieName, cookieValue: cookieValue(one.cookie), now: atime * 1000 };
  }

  /** What the lab says of the store as it lies there. */
  async predict(
    one: Combination,
    subject: PolicySubject,
    profile: Parameters<typeof questionOf>[1] = '0.62',
  ): Promise<Happened & { lastUsed: number; asked: number; errors: readonly string[] }> {
    const experiment = await runExperiment(this.bench, subject, questionOf(one, profile), { random: numberedRandom() });
    const { result, asked, lastUsed } = experiment;
    const records: Record<string, { lastUsed: number | string | null; data: string }> = {};
    for (const id of await this.bench.ids()) records[id] = this.#seen(await this.bench.look(id), asked, lastUsed, id);
    return {
      outcome: outcomeOf(experiment),
      status: `${result.status} ${result.reason}`,
      body: result.body,
      setCookie: result.headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value),
      records,
      lastUsed,
      asked,
      errors: result.errors,
    };
  }

  /** What the real web.py does to the store as it lies there. */
  async truth(one: Combination, subject: PolicySubject, { lastUsed, asked }: { lastUsed: number; asked: number }) {
    const { parameters, initializer, proxyAddress, fromAddress, cleanup } = questionOf(one);
    const { timeout, ...others } = parameters;
    const seconds = timeoutSeconds(pythonTimeout(timeout));
    const earlier = { clock: earlierCleanup(lastUsed, asked, seconds) / 1000, address: EARLIER_VISITOR, cookie: null };
    const cookie = `${subject.cookieName}=${subject.cookieValue}`;
    const request = { clock: asked / 1000, address: proxyAddress ?? fromAddress, cookie };
    const answers = await this.#webpy.run({
      parameters: { ...others, cookie_name: subject.cookieName },
      timeout: String(timeout),
      initializer: initializer ?? null,
      requests: cleanup === 'not-due' ? [earlier, request] : [request],
    });
    const answer = answers.at(-1);
    if (answer === undefined || answer.escaped !== null) throw new Error(`web.py: ${answer?.escaped}`);
    const records: Record<string, { lastUsed: number | string | null; data: string }> = {};
    for await (const { id } of this.#records.list()) {
      // A neighbour that the record does not name is not in the scratch copy, and nothing of it counts.
      if (id === OTHER_ID && one.record !== 'inner-neighbour') continue;
      records[id] = this.#seen(await this.#records.read(id), asked, lastUsed, id);
    }
    const outcome = answer.status.startsWith('500')
      ? 'server-error'
      : !answer.ran
        ? 'expired-message'
        : answer.made > 0
          ? 'new-session'
          : 'accepted';
    return {
      outcome,
      status: answer.status,
      body: answer.body,
      setCookie: answer.headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value),
      records,
    } satisfies Happened;
  }

  #seen(
    record: { bytes: Uint8Array; lastUsed: number | null } | undefined,
    asked: number,
    lastUsed: number,
    id: string,
  ): { lastUsed: number | string | null; data: string } {
    if (record === undefined) return { lastUsed: null, data: 'none' };
    return { lastUsed: this.#moment(record.lastUsed, asked, lastUsed, id), data: dataOf(record.bytes) };
  }

  /**
   * The system keeps access times by its own clock, which stands within moments of the request's: those are the same.
   * Records of the earlier visitor were written now as well, whatever the clock that web.py saw.
   */
  #moment(found: number | null, asked: number, lastUsed: number, id: string): number | string | null {
    if (this.bench.kind !== 'disk' || found === null) return found;
    if (id !== ID && id !== OTHER_ID) return 'written';
    if (asked === lastUsed) return 'now';
    return found >= asked && found < asked + HAND_READ_MS ? 'now' : found;
  }
}

function dataOf(bytes: Uint8Array): string {
  try {
    return JSON.stringify(decodeSession(bytes), (_, value) => (value instanceof Map ? [...value] : value));
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
