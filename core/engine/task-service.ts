import type { Progress } from '../model/app.ts';

export interface TaskServiceOptions {
  readonly notify: (progress: Progress) => void;
  /** Work that ends sooner is not shown at all (ms). */
  readonly quietMs?: number;
}

/** Long work that the window shows and the user can cancel. */
export class TaskService {
  readonly #options: TaskServiceOptions;
  readonly #running = new Map<string, AbortController>();
  #count = 0;

  constructor(options: TaskServiceOptions) {
    this.#options = options;
  }

  /** Runs the work; it is shown once it takes noticeably long. */
  run = async <T>(
    title: string,
    work: (signal: AbortSignal, report: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> => {
    const taskId = `task-${++this.#count}`;
    const abort = new AbortController();
    this.#running.set(taskId, abort);
    let shown = false;
    let reached: { readonly done: number; readonly total: number | null } = { done: 0, total: null };
    const show = setTimeout(() => {
      shown = true;
      this.#options.notify({ taskId, title, ...reached, finished: false });
    }, this.#options.quietMs ?? 300);
    const report = (done: number, total: number): void => {
      reached = { done, total };
      if (shown) this.#options.notify({ taskId, title, done, total, finished: false });
    };
    try {
      return await work(abort.signal, report);
    } finally {
      clearTimeout(show);
      this.#running.delete(taskId);
      if (shown) this.#options.notify({ taskId, title, done: 1, total: 1, finished: true });
    }
  };

  /** Nothing happens when the work has ended meanwhile. */
  cancel(taskId: string): void {
    this.#running.get(taskId)?.abort();
  }

  close(): void {
    for (const abort of this.#running.values()) abort.abort();
  }
}
