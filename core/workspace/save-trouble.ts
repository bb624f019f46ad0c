import type { Problem } from '../model/problem.ts';
import { DISK_REMEDY } from './disk-refuses.ts';

type Log = (level: 'info' | 'warning' | 'error', message: string, problem?: Problem) => void;

/** So many changes given up are reported as soon as they are as many again as those reported before. */
const FIRST_REPORT = 1_000;

/**
 * Reports that the workspace's file takes nothing: once, however often writing is tried again; then when the reason
 * changes, when changes are given up (each time their number doubles), and when all is saved again.
 */
export class SaveTrouble {
  readonly #log: Log;
  readonly #where: string;
  #reason: string | undefined;
  /** Changes given up in this trouble, and how many of them were reported. */
  #lost = 0;
  #reported = 0;

  constructor(log: Log, where: string) {
    this.#log = log;
    this.#where = where;
  }

  /** @param dropped changes that were given up just now */
  failed(wrong: Problem, dropped: number): void {
    this.#lost += dropped;
    const unreported = this.#lost - this.#reported;
    const isNews = wrong.message !== this.#reason || unreported >= Math.max(FIRST_REPORT, this.#reported);
    this.#reason = wrong.message;
    if (!isNews) return;
    this.#reported = this.#lost;
    const then = unreported > 0 ? `; ${unreported} changes are lost` : '; it will be tried again';
    this.#log('error', `The workspace could not be saved: ${wrong.message}${then}`, {
      ...wrong,
      kind: 'workspace-not-saved',
      where: this.#where,
      remedy: DISK_REMEDY,
    });
  }

  saved(): void {
    if (this.#reason === undefined) return;
    const unreported = this.#lost - this.#reported;
    this.#reason = undefined;
    this.#lost = 0;
    this.#reported = 0;
    this.#log(
      'info',
      unreported === 0
        ? 'The workspace is saved again'
        : `The workspace is saved again; ${unreported} changes are lost that were not reported before`,
    );
  }
}
