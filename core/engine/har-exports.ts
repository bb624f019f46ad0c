import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError, problem, toProblem } from '../model/problem.ts';
import { type HarExportPorts, type HarQuery, harPieces } from './har-export.ts';
import type { Host } from './host.ts';
import type { TaskService } from './task-service.ts';

export interface HarExportsPorts extends HarExportPorts {
  readonly tasks: Pick<TaskService, 'run'>;
  readonly host: Pick<Host, 'pickFile'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

interface Written {
  readonly count: number;
  readonly notes: readonly string[];
}

/** Most characters of a HAR that is given as one text. */
const MOST_TEXT = 200_000_000;
const TITLE = 'Saving as HAR';

/** Flows as HAR, each a task with progress that the user can cancel: as a text, or streamed into a file of any size. */
export class HarExports {
  readonly #ports: HarExportsPorts;

  constructor(ports: HarExportsPorts) {
    this.#ports = ports;
  }

  /** @throws ProblemError `too-large`, `filter`, `cancelled` */
  async text(query: HarQuery): Promise<Written & { readonly name: string; readonly text: string }> {
    const pieces: string[] = [];
    let size = 0;
    const written = await this.#write(query, async (piece) => {
      size += piece.length;
      if (size > MOST_TEXT) {
        throw problem('too-large', 'This HAR would be larger than 200 MB', {
          remedy: 'Filter the flows first, or save it from the desktop application, which writes files of any size.',
        });
      }
      pieces.push(piece);
    });
    return { name: this.#name(), text: pieces.join(''), ...written };
  }

  /**
   * Writes into the file that the user chooses in the dialog of the host; it takes its name when it is complete.
   * @returns path null: the user chose none
   * @throws ProblemError `no-file-dialog`, `har-not-written`, `filter`, `cancelled`
   */
  async file(title: string, query: HarQuery): Promise<Written & { readonly path: string | null }> {
    const { pickFile } = this.#ports.host;
    if (pickFile === undefined) {
      throw problem('no-file-dialog', 'There is no file dialog in web mode', {
        remedy: 'Use the browser’s downloads.',
      });
    }
    const place = await pickFile({ kind: 'save', title, name: this.#name() });
    if (place === null) return { path: null, count: 0, notes: [] };
    const part = `${place}.part`;
    try {
      const file = await open(part, 'w', 0o600);
      let written: Written;
      try {
        written = await this.#write(query, async (piece) => {
          await file.writeFile(piece);
        });
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, place);
      return { path: place, ...written };
    } catch (cause) {
      await rm(part, { force: true }).catch(() => undefined);
      if (cause instanceof ProblemError) throw cause;
      throw problem('har-not-written', `${path.basename(place)} could not be written: ${toProblem(cause).message}`, {
        where: place,
        remedy: 'Choose another place.',
        cause,
      });
    }
  }

  #write(query: HarQuery, put: (piece: string) => Promise<void>): Promise<Written> {
    return this.#ports.tasks.run(TITLE, async (signal, report) => {
      const pieces = harPieces(this.#ports, query, { signal, report });
      for (;;) {
        const step = await pieces.next();
        if (step.done === true) return step.value;
        try {
          await put(step.value);
        } catch (error) {
          await pieces.return({ count: 0, notes: [] });
          throw error;
        }
      }
    });
  }

  /** `sessionscope-2026-11-23-1840.har`, in UTC. */
  #name(): string {
    const at = new Date(this.#ports.clock()).toISOString().slice(0, 16).replace('T', '-').replace(':', '');
    return `sessionscope-${at}.har`;
  }
}
