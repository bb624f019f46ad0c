import type { ExperimentOutcome } from '../model/lab.ts';
import { SETTING } from './settings.ts';

interface Settings {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/**
 * Idle limits that the policy lab measured on applications, by host; saved in the workspace. By them the window says when a
 * record may be removed. An application that was configured otherwise since is wrong here until it is measured again.
 */
export class MeasuredTimeouts {
  readonly #settings: Settings;
  readonly #seconds: Map<string, number>;

  constructor(settings: Settings) {
    this.#settings = settings;
    const saved = settings.get(SETTING.timeouts);
    const entries = typeof saved === 'object' && saved !== null ? Object.entries(saved) : [];
    this.#seconds = new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  }

  /** Seconds; undefined where none was measured. */
  of(host: string): number | undefined {
    return this.#seconds.get(host);
  }

  /** Takes what an experiment measured, if it is the limit itself: a range says too little. */
  learn(host: string, { experimentId, measured }: ExperimentOutcome): void {
    const [limit, ...more] = measured ?? [];
    if (experimentId !== 'idle-limit' || limit?.unit !== 's' || more.length > 0) return;
    this.#seconds.set(host, limit.value);
    this.#settings.set(SETTING.timeouts, Object.fromEntries(this.#seconds));
  }
}
