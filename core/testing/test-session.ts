import { toPlain } from '../codec/typed-plain.ts';
import type { Engine } from '../engine/engine.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import { duration, parseDuration } from '../model/duration.ts';
import type { LabRun } from '../model/lab.ts';
import { problem } from '../model/problem.ts';
import type { SessionSummary } from '../model/session.ts';
import { within } from './within.ts';

/** The answer to "would it still be accepted after so long without use?" */
export interface Survival {
  /** Undefined: it cannot be told; the sentence says why. */
  readonly survives: boolean | undefined;
  readonly sentence: string;
}

/** The lab asks the application some ten times; a slow one takes its time. */
const MOST_LAB_MS = 120_000;

/** One session of a test. */
export class TestSession {
  readonly key: string;
  readonly id: string;
  readonly host: string;
  readonly #engine: Engine;

  /** @internal */
  constructor(engine: Engine, { key, id, host }: SessionSummary) {
    this.#engine = engine;
    this.key = key;
    this.id = id;
    this.host = host;
  }

  /** The data of its record as plain JavaScript; null where there is none. */
  async data(): Promise<unknown> {
    const { detail } = await this.#engine.handlers['session.detail']({ key: this.key });
    const value = detail?.record?.value;
    return value === undefined || value === null ? null : toPlain(value);
  }

  /**
   * Back-dates its last use, as if it had not been used for so long (`2h`, `25h`, `30d`).
   * @returns takes it back
   * @throws ProblemError when there is no record, or the store keeps no such time
   */
  async age(span: string): Promise<() => Promise<void>> {
    const seconds = secondsOf(span);
    const { detail } = await this.#engine.handlers['session.detail']({ key: this.key });
    const record = detail?.record;
    if (record === undefined || record === null) {
      const why = detail?.recordProblem;
      throw problem(
        'no-record',
        why?.message ?? 'The session has no record',
        why?.remedy === undefined ? {} : { remedy: why.remedy },
      );
    }
    const { storeId, id } = record;
    const { editId } = await this.#engine.handlers['record.age']({ storeId, id, seconds });
    return async () => {
      await this.#engine.handlers['edit.undo']({ editId });
    };
  }

  /** Removes its record, as the application does at a logout. Returns how to bring it back. */
  async kill(): Promise<() => Promise<void>> {
    const { editId } = await this.#engine.handlers['session.kill']({ key: this.key });
    return async () => {
      await this.#engine.handlers['edit.undo']({ editId });
    };
  }

  /** Why it ended, or that it goes on. */
  async why(): Promise<Diagnosis> {
    return await this.#engine.handlers['session.why']({ key: this.key });
  }

  /**
   * Whether the application would still accept it after so long without use. Asks the application with the record
   * aged, with controls, and leaves the record as it was. The clock of the cookie counts too.
   */
  async survives(span: string): Promise<Survival> {
    const seconds = secondsOf(span);
    const { detail } = await this.#engine.handlers['session.detail']({ key: this.key });
    const expires = detail?.summary.clocks.cookie.expires ?? null;
    const left = expires === null ? Number.POSITIVE_INFINITY : (expires - Date.now()) / 1_000;
    if (left < seconds) {
      return {
        survives: false,
        sentence: `The browser drops the cookie in ${duration(Math.max(0, Math.round(left)))}, before ${duration(seconds)} have passed.`,
      };
    }
    const { runId } = await this.#engine.handlers['lab.run']({
      key: this.key,
      experiments: ['idle-expiry'],
      settings: { idleSeconds: seconds, absoluteSeconds: null, addressMayChange: true, addresses: [] },
      confirmed: true,
    });
    const run = await within(
      async () => (await this.#engine.handlers['lab.runs']({})).runs.find((one) => one.runId === runId),
      (one) => one !== undefined && one.state !== 'running',
      MOST_LAB_MS,
    );
    return answerOf(run);
  }
}

function answerOf(run: LabRun | undefined): Survival {
  const outcome = run?.outcomes[0];
  if (outcome === undefined) {
    return { survives: undefined, sentence: run?.problem?.message ?? 'The application did not answer in time.' };
  }
  const { verdict, sentence } = outcome;
  // The experiment claims that it is refused.
  const survives = verdict === 'does-not-hold' ? true : verdict === 'holds' ? false : undefined;
  return { survives, sentence };
}

/** @throws ProblemError `bad-seconds` */
function secondsOf(span: string): number {
  const seconds = parseDuration(span);
  if (seconds === undefined) {
    throw problem('bad-seconds', `${span} is no span of time`, { remedy: 'Write 90s, 25h or 30d.' });
  }
  return seconds;
}
