import { guarded } from '../model/failures.ts';

const GATHER_MS = 50;
/** More flows than this at once are not told one by one: the window asks for the page it shows. */
const MOST = 100;

/** Gathers ids of flows that are new or have changed, so that traffic costs the window a few messages a second. */
export class FlowFeed {
  readonly #notify: (ids: readonly string[], more: boolean) => void;
  readonly #ids = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param tell gets the newest ones; `more`: others have changed too */
  constructor(notify: (ids: readonly string[], more: boolean) => void) {
    this.#notify = notify;
  }

  add(id: string): void {
    if (this.#ids.has(id)) this.#ids.delete(id);
    this.#ids.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#ids.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const ids = [...this.#ids];
    this.#ids.clear();
    guarded('list of flows', () => this.#notify(ids.slice(-MOST), ids.length > MOST));
  }
}
