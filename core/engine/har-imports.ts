import { problem } from '../model/problem.ts';
import { HarImport, type HarImportOptions } from './har-import.ts';
import type { TaskService } from './task-service.ts';

export interface HarImportsPorts extends Pick<HarImportOptions, 'workspace' | 'bodies' | 'traffic' | 'workerUrl'> {
  readonly tasks: Pick<TaskService, 'run'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface ImportedHar {
  readonly flowIds: string[];
  readonly notes: string[];
}

interface Open {
  readonly har: HarImport;
  readonly report: (done: number, total: number) => void;
  readonly end: () => void;
  readonly total: number;
  done: number;
  /** A piece is under way. */
  busy: boolean;
  idle: NodeJS.Timeout;
}

/** Files that are read at the same time; and how long (ms) one waits for its next piece before it is given up. */
const MOST_OPEN = 4;
const IDLE_MS = 60_000;

/** HARs that the window sends piece by piece, each a task with progress that the user can cancel. */
export class HarImports {
  readonly #ports: HarImportsPorts;
  readonly #open = new Map<string, Open>();
  #count = 0;

  constructor(ports: HarImportsPorts) {
    this.#ports = ports;
  }

  /** Reads a text that is there as a whole. @throws ProblemError `bad-har`, `cancelled` */
  async whole(text: string): Promise<ImportedHar> {
    const importId = this.begin('HAR', text.length);
    await this.take(importId, text);
    return this.end(importId);
  }

  /** @param total what the pieces add up to, in whatever unit they are counted */
  begin(name: string, total: number): string {
    if (this.#open.size >= MOST_OPEN) {
      throw problem('import-busy', 'Other files are being read', {
        remedy: 'Wait until they are read, or cancel them.',
      });
    }
    const { clock, tasks } = this.#ports;
    const importId = `i${clock().toString(36)}${(this.#count += 1)}`;
    void tasks
      .run(`Reading ${name}`, (signal, report) => {
        const options = { ...this.#ports, prefix: importId, name, now: clock(), signal };
        return new Promise<void>((end) => {
          const har = new HarImport(options);
          const idle = setTimeout(() => this.#close(importId), IDLE_MS);
          idle.unref();
          signal.addEventListener('abort', () => end(), { once: true });
          this.#open.set(importId, { har, report, end, total, done: 0, busy: false, idle });
        });
      })
      .catch(() => undefined);
    return importId;
  }

  /** @throws ProblemError `bad-har`, `cancelled`, `not-found`; the import is over then */
  async take(importId: string, text: string, size = text.length): Promise<void> {
    const open = this.#use(importId);
    try {
      await open.har.take(text);
      open.done = Math.min(open.total, open.done + size);
      open.report(open.done, open.total);
    } catch (error) {
      this.#close(importId);
      throw error;
    } finally {
      open.busy = false;
      open.idle.refresh();
    }
  }

  /** @throws ProblemError `bad-har`, `cancelled`, `not-found` */
  async end(importId: string): Promise<ImportedHar> {
    const { har } = this.#use(importId);
    try {
      const notes = await har.end();
      return { flowIds: har.flowIds, notes };
    } finally {
      this.#close(importId);
    }
  }

  close(): void {
    for (const importId of this.#open.keys()) this.#close(importId);
  }

  #use(importId: string): Open {
    const open = this.#open.get(importId);
    if (open === undefined) throw problem('not-found', 'That import is over');
    if (open.busy) throw problem('import-busy', 'The piece before it is still being read');
    open.busy = true;
    return open;
  }

  #close(importId: string): void {
    const open = this.#open.get(importId);
    if (open === undefined) return;
    this.#open.delete(importId);
    clearTimeout(open.idle);
    void open.har.close();
    open.end();
  }
}
