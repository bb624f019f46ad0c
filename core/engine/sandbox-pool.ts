import { openSandbox, type Sandbox } from '../frameworks/webpy/stores/sandbox.ts';

/** A scratch copy that was not asked for so long (ms) is removed; a slider asks many times a second. */
const IDLE_MS = 20_000;

interface Kept {
  readonly sandbox: Promise<Sandbox>;
  /** The end of the line of questions. */
  last: Promise<unknown>;
  idle: NodeJS.Timeout | undefined;
}

/** Scratch copies of attached stores for the policy lab: made at the first question, removed when nobody asks any more. */
export class SandboxPool {
  readonly #kept = new Map<string, Kept>();
  readonly #idleMs: number;

  constructor(options: { readonly idleMs?: number } = {}) {
    this.#idleMs = options.idleMs ?? IDLE_MS;
  }

  /**
   * Carries out questions on the scratch copy of a store, one after the other.
   * @throws ProblemError when the copy cannot be made, and what `work` throws
   */
  async use<T>(storeId: string, url: string, work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    let kept = this.#kept.get(storeId);
    if (kept === undefined) {
      kept = { sandbox: openSandbox(url), last: Promise.resolve(), idle: undefined };
      this.#kept.set(storeId, kept);
    }
    const mine = kept;
    clearTimeout(mine.idle);
    const turn = mine.last.then(async () => work(await mine.sandbox));
    const settled = turn.catch(() => {});
    mine.last = settled;
    try {
      return await turn;
    } catch (error) {
      // The copy may be what is wrong (the server was restarted, somebody dropped the table): the next question gets a new one.
      if (mine.last === settled) await this.end(storeId).catch(() => {});
      throw error;
    } finally {
      if (mine.last === settled && this.#kept.get(storeId) === mine) {
        mine.idle = setTimeout(() => void this.end(storeId).catch(() => {}), this.#idleMs).unref();
      }
    }
  }

  /** Removes the copy of a store, after the questions that are under way. */
  async end(storeId: string): Promise<void> {
    const kept = this.#kept.get(storeId);
    if (kept === undefined) return;
    this.#kept.delete(storeId);
    clearTimeout(kept.idle);
    await kept.last;
    const sandbox = await kept.sandbox.catch(() => undefined);
    await sandbox?.dispose();
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#kept.keys()].map((storeId) => this.end(storeId)));
  }
}
