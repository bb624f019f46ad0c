import { inBackground } from '../model/failures.ts';
import { type Problem, problem } from '../model/problem.ts';
import { Batch } from './batch.ts';
import { BlobTable } from './blob-table.ts';
import { type Committer, InlineCommitter } from './committer.ts';
import { EditTable } from './edit-table.ts';
import { FlowTable } from './flow-table.ts';
import { type OpenedFile, openFile } from './open-file.ts';
import { readHere } from './reading/read-here.ts';
import { Reader } from './reading/reader.ts';
import { contentBytes, describeRemoved, type Removed, type RetentionLimits } from './retention.ts';
import { SaveTrouble } from './save-trouble.ts';
import { SessionTable } from './session-table.ts';
import { SettingsTable } from './settings-table.ts';
import { Slabs } from './slabs.ts';
import { TimelineTable } from './timeline-table.ts';
import { Writer } from './writer.ts';
import { WriterThread } from './writer-thread.ts';

export interface WorkspaceLimits extends RetentionLimits {
  /** Most bytes that are kept of one body. */
  readonly bodyBytes: number;
}

const DEFAULT_LIMITS: WorkspaceLimits = {
  bodyBytes: 1_000_000,
  flows: 1_000_000,
  days: 30,
  bytes: 2_000_000_000,
};

/** Slabs of 1 MB for bodies that are under way or wait to be saved. */
export const BODY_SLABS = 96;

/** Writing threads that take the place of one that failed. */
const MOST_RESTARTS = 3;
/** Batches that the retention waits for at its start, so that bodies which waited then are saved. */
const MOST_SAVES = 100;

export interface WorkspaceOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits?: Partial<WorkspaceLimits>;
  /** For failures of the disk and for what the retention removed: shown to the user, never swallowed. */
  readonly log?: (level: 'info' | 'warning' | 'error', message: string, problem?: Problem) => void;
  readonly nativeBinding?: string;
  readonly whenInUse?: 'fail' | 'another-file';
  /** Longest time a write waits for others, in milliseconds (default 40). */
  readonly batchMs?: number;
  /** Writes are carried out in a thread of its own (default, for a workspace on disk), or in the calling one. */
  readonly writer?: 'thread' | 'here';
  /** Entry of that thread; the bundled application passes its own file. */
  readonly writerUrl?: URL | string;
  /** Entry of the thread that reads lists; the bundled application passes its own file. */
  readonly readerUrl?: URL | string;
}

/**
 * The saved state of the debugger: one SQLite file. Writes are gathered for some 40 ms and then committed together;
 * every read sees all writes made before it. A thread writes, this one reads. Use `openWorkspace` to make one.
 */
export class Workspace {
  readonly file: string;
  readonly limits: WorkspaceLimits;
  /** What was wrong with the file that was asked for; it was put aside or another is used. */
  readonly problem?: Problem;
  /** Where bodies lie until they are saved. */
  readonly bodyMemory = new Slabs(BODY_SLABS);
  readonly flows: FlowTable;
  readonly blobs: BlobTable;
  readonly sessions: SessionTable;
  readonly timeline: TimelineTable;
  readonly edits: EditTable;
  readonly settings: SettingsTable;
  /** Lists of flows and sessions, read by a thread of its own. */
  readonly lists: Reader;
  readonly #opened: OpenedFile;
  readonly #batch: Batch;
  readonly #committer: Committer;
  readonly #options: WorkspaceOptions;
  #tidying: Promise<number> | undefined;
  #bytesAtTidy = 0;
  #closing = false;
  /** Ends the retention's waiting for a save. */
  #wake: (() => void) | undefined;
  readonly #savedListeners = new Set<() => void>();
  readonly #removedListeners = new Set<(removed: Removed) => void>();

  constructor(opened: OpenedFile, options: WorkspaceOptions) {
    this.#opened = opened;
    this.#options = options;
    this.file = opened.file;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    if (opened.problem !== undefined) this.problem = opened.problem;
    const { db } = opened;
    // Bodies whose flow was still under way when the last run ended: nothing refers to them.
    db.exec('DELETE FROM body WHERE n IS NULL');
    const trouble = new SaveTrouble((...line) => options.log?.(...line), this.file);
    this.#committer = this.#makeCommitter();
    this.#batch = new Batch(this.#committer, {
      delayMs: options.batchMs ?? 40,
      takeBodies: (mostBytes) => this.blobs.take(mostBytes),
      bodiesWaiting: () => this.blobs.waiting,
      onSent: () => {
        for (const table of [this.flows, this.sessions, this.settings]) table.sent();
      },
      onSaved: () => {
        trouble.saved();
        for (const table of [this.flows, this.blobs, this.sessions, this.settings]) table.saved();
        this.#tidyWhenLarge();
        for (const listener of this.#savedListeners) listener();
      },
      onFailed: (wrong, dropped) => trouble.failed(wrong, dropped),
    });
    const read = () => void this.#batch.flush();
    const clock = options.clock ?? Date.now;
    this.flows = new FlowTable(db, this.#batch, read, clock);
    this.blobs = new BlobTable(db, this.#batch, read, (piece) => this.bodyMemory.release(piece));
    this.sessions = new SessionTable(db, this.#batch, this.flows, read, clock);
    this.timeline = new TimelineTable(db, this.#batch, read);
    this.edits = new EditTable(db, this.#batch);
    this.settings = new SettingsTable(db, this.#batch, read);
    this.lists = new Reader({
      file: opened.file,
      nativeBinding: options.nativeBinding,
      workerUrl: options.readerUrl,
      clock,
      whenSaved: () => this.#batch.whenSaved(),
      here: (kind, query) => readHere(this, kind, query),
      log: (line) => options.log?.('warning', line),
    });
  }

  #makeCommitter(): Committer {
    const { db, file } = this.#opened;
    const { nativeBinding, writer, writerUrl } = this.#options;
    const here = () => new InlineCommitter(new Writer(db, this.limits));
    if (file === ':memory:' || writer === 'here') return here();
    let restarts = 0;
    const inThread = (): Committer =>
      new WriterThread({
        file,
        nativeBinding,
        limits: this.limits,
        workerUrl: writerUrl,
        instead: ({ message }, atOnce) => {
          restarts += 1;
          const again = !atOnce && restarts <= MOST_RESTARTS;
          const then = again ? 'Another one carries its work on; nothing is lost.' : 'Going on without one.';
          this.#options.log?.('warning', `The thread that writes the workspace failed: ${message}. ${then}`);
          return again ? inThread() : here();
        },
      });
    return inThread();
  }

  /** Resolves when everything written so far is committed: from then on it survives `kill -9`. */
  readonly flush = async (): Promise<void> => {
    if (this.#batch.flushAll()) return;
    throw problem('workspace-not-saved', 'The workspace could not be saved; it will be tried again');
  };

  /**
   * Resolves when what was put is saved, bodies too, or refused for now: for who brings much and must not fill the queues.
   * @param signal ends the waiting
   */
  async whenSaved(signal: AbortSignal): Promise<void> {
    await this.#batch.whenSaved();
    while (this.blobs.waiting > 0 && !this.#closing && !signal.aborted) {
      await new Promise<void>((done) => {
        const over = () => {
          stop();
          signal.removeEventListener('abort', over);
          done();
        };
        const stop = this.onSaved(over);
        signal.addEventListener('abort', over);
      });
    }
  }

  /**
   * For who is about to tell the user that something is saved: returns when it is.
   * @throws ProblemError `workspace-not-saved` with the reason in words
   */
  confirmSaved(): void {
    this.#batch.confirm();
  }

  /** Calls back after each commit; what was put while it was under way is in the next one. Returns how to stop. */
  onSaved(listener: () => void): () => void {
    this.#savedListeners.add(listener);
    return () => this.#savedListeners.delete(listener);
  }

  /** Calls back with what the retention removed. */
  onRemoved(listener: (removed: Removed) => void): () => void {
    this.#removedListeners.add(listener);
    return () => this.#removedListeners.delete(listener);
  }

  /** Bytes of the contents of the file. */
  size(): number {
    this.#batch.flush();
    return contentBytes(this.#opened.db);
  }

  /**
   * Removes what is beyond the limits, in slices with a pause between them, and reports it. Call now and then (every
   * few minutes). Resolves with the number of flows that were removed.
   */
  tidy(signal?: AbortSignal): Promise<number> {
    this.#tidying ??= this.#tidy(signal).finally(() => {
      this.#tidying = undefined;
    });
    return this.#tidying;
  }

  async #tidy(signal: AbortSignal | undefined): Promise<number> {
    const totals = new Map<Removed['reason'], Removed>();
    await undefined;
    this.#batch.flush();
    // A body that is written after its flow was removed would stay forever.
    for (let saves = 0; this.blobs.waiting > 0 && saves < MOST_SAVES && !this.#closing; saves += 1) {
      await this.#nextSave();
    }
    while (this.#opened.db.open && !this.#closing && signal?.aborted !== true) {
      const removed = await this.#committer.tidy(this.#options.clock());
      if (removed === undefined || removed.flows === 0) break;
      const { reason } = removed;
      const before = totals.get(reason) ?? { flows: 0, sessions: 0 };
      const flows = before.flows + removed.flows;
      totals.set(reason, { reason, flows, sessions: before.sessions + removed.sessions });
      this.flows.forget();
      this.lists.removed();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    let flows = 0;
    for (const removed of totals.values()) {
      flows += removed.flows;
      this.#options.log?.('info', describeRemoved(removed, this.limits));
      for (const listener of this.#removedListeners) listener(removed);
    }
    return flows;
  }

  /** The limit of size must hold also between two of the regular times. */
  #tidyWhenLarge(): void {
    if (this.blobs.bytesWritten - this.#bytesAtTidy < this.limits.bytes / 20) return;
    this.#bytesAtTidy = this.blobs.bytesWritten;
    inBackground('retention', this.tidy());
  }

  #nextSave(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onSaved(() => this.#wake?.());
      this.#wake = () => {
        stop();
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** Saves what waits and closes the file. */
  async close(): Promise<void> {
    if (!this.#opened.db.open) return;
    this.#closing = true;
    this.#wake?.();
    await this.#tidying;
    await this.lists.close();
    const saved = this.#batch.flushAll();
    this.#batch.stop();
    if (!saved) this.#options.log?.('error', `${this.#batch.waiting} changes could not be saved`);
    await this.#committer.close();
    this.#opened.db.close();
    this.#opened.unlock();
  }
}

/**
 * Opens the workspace at `file`, or one in memory for `:memory:`. Throws ProblemErrors: `workspace-in-use`,
 * `workspace-refused`, `sqlite-missing`. A damaged or newer file does not throw: it is kept aside, a new one is begun,
 * and `problem` says so.
 */
export async function openWorkspace(file: string, options: WorkspaceOptions): Promise<Workspace> {
  return new Workspace(await openFile(file, options), options);
}
