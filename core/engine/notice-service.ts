import type { Notice } from '../model/app.ts';
import { toProblem } from '../model/problem.ts';

/** Notices that wait at most; a start tells a few. */
const MOST_WAITING = 50;

/** Tells notices; those of the start wait until there is a window that can show them. */
export class NoticeService {
  readonly #notify: (notice: Notice) => void;
  #waiting: Notice[] | undefined = [];

  constructor(notify: (notice: Notice) => void) {
    this.#notify = notify;
  }

  readonly notify = (notice: Notice): void => {
    if (this.#waiting === undefined) this.#notify(notice);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(notice);
  };

  /** Somebody listens from now on. */
  heard(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const notice of waiting) this.#notify(notice);
  }
}

/** A failure that stops nothing else, as a notice. */
export function noticeOf(error: unknown): Notice {
  const { message, remedy } = toProblem(error);
  return { level: 'warning', message, ...(remedy === undefined ? {} : { remedy }) };
}
