const GATHER_MS = 50;
/** More flows than this at once are not told one by one: the window asks for the page it shows. */
const MOST = 500;

/** Gathers ids of flows that are new or have changed, so that traffic costs the window a few messages a second. */
export class FlowFeed {
  readonly #tell: (ids: string[]) => void;
  readonly #ids = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(tell: (ids: string[]) => void) {
    this.#tell = tell;
  }

  add(id: string): void {
    if (this.#closed) return;
    this.#ids.delete(id);
    this.#ids.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#ids.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const ids = [...this.#ids].slice(-MOST);
    this.#ids.clear();
    this.#tell(ids);
  }
}
