import { reportFailure } from '../model/failures.ts';
/** What may wait. */
export interface Gathered {
  /** Its place among those that wait for the time; −1 before. */
  place: number;
}

/**
 * Has things told a little later: after some milliseconds, or soon, when nothing more is to come. What is told soon is
 * let go of soon: what thousands of exchanges a second leave in memory costs more than telling them.
 */
export class Gathering<T extends Gathered> {
  readonly #delayMs: number;
  readonly #notify: (one: T) => void;
  #waiting: (T | undefined)[] = [];
  #soon: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(delayMs: number, notify: (one: T) => void) {
    this.#delayMs = delayMs;
    this.#notify = notify;
  }

  later(one: T): void {
    one.place = this.#waiting.push(one) - 1;
    this.#timer ??= setTimeout(() => this.settle(), this.#delayMs);
  }

  /** Behind the events that are being worked on. */
  soon(one: T): void {
    if (this.#waiting[one.place] === one) this.#waiting[one.place] = undefined;
    this.#soon.push(one);
    this.#immediate ??= setImmediate(() => this.#tellSoon());
  }

  /** Tells all of it now. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) if (one !== undefined) this.#tellOne(one);
    clearImmediate(this.#immediate);
    this.#tellSoon();
  }

  /** What fails at one exchange must not keep the others from being recorded. */
  #tellOne(one: T): void {
    try {
      this.#notify(one);
    } catch (error) {
      reportFailure(error, 'recorder');
    }
  }

  #tellSoon(): void {
    this.#immediate = undefined;
    const soon = this.#soon;
    this.#soon = [];
    for (const one of soon) this.#tellOne(one);
  }
}
