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
  run = async <T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const taskId = `task-${++this.#count}`;
    const abort = new AbortController();
    this.#running.set(taskId, abort);
    let shown = false;
    const show = setTimeout(() => {
      shown = true;
      this.#options.notify({ taskId, title, done: 0, total: null, finished: false });
    }, this.#options.quietMs ?? 300);
    try {
      return await work(abort.signal);
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
