import type { Flow } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { HarEntries } from './har-entries.ts';
import { type HarFlowOptions, harFlow } from './har-flow.ts';

export interface ReadHar {
  readonly flows: readonly Flow[];
  /** What was left out or is not as it was on the wire. */
  readonly notes: readonly string[];
}

const MOST_NOTES = 50;

const REMEDY = 'A HAR is a JSON document with `log.entries`; browsers save one from their network panel.';

/**
 * Reads HAR 1.2 (and what browsers and other proxies make of it) into flows with new ids, piece by piece.
 */
export class HarReader {
  readonly #options: HarFlowOptions;
  readonly #entries = new HarEntries();
  readonly #notes = new Set<string>();
  #count = 0;
  #flows = 0;
  #begun = false;
  /** Behind the place where the file is broken nothing is read. */
  #broken = false;
  #why: string | undefined;

  constructor(options: HarFlowOptions) {
    this.#options = options;
  }

  /**
   * Takes the next piece of the text.
   * @returns the flows that are complete with it
   * @throws ProblemError `bad-har` when it cannot be one
   */
  take(piece: string): Flow[] {
    if (this.#broken) return [];
    this.#begin(piece);
    try {
      return this.#entries.take(piece).flatMap((text) => {
        const flow = this.#flow(text);
        return flow === undefined ? [] : [flow];
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#breaks(`entry ${this.#count + 1} has more than 256 million characters`);
      return [];
    }
  }

  /**
   * The text is over.
   * @returns what was left out or is not as it was on the wire
   * @throws ProblemError `bad-har`
   */
  end(): readonly string[] {
    if (!this.#entries.found) {
      throw problem('bad-har', 'This is no HAR: it has no list of entries', {
        remedy: REMEDY,
      });
    }
    if (!this.#entries.ended && !this.#broken) this.#breaks(`it ends in the middle, after entry ${this.#count}`);
    return [...this.#notes].slice(0, MOST_NOTES).concat(this.#why ?? []);
  }

  #begin(piece: string): void {
    if (this.#begun) return;
    const first = piece.replace(/^\ufeff/, '').trimStart()[0];
    if (first === undefined) return;
    this.#begun = true;
    if (first !== '{') throw problem('bad-har', 'This is no HAR: it is not a JSON document', { remedy: REMEDY });
  }

  #flow(text: string): Flow | undefined {
    if (this.#broken) return undefined;
    this.#count += 1;
    let entry: unknown;
    try {
      entry = JSON.parse(text);
    } catch (error) {
      this.#breaks(`entry ${this.#count} is not JSON: ${(error as Error).message}`);
      return undefined;
    }
    const flow = harFlow(entry, this.#options, this.#notes);
    if (flow === undefined) {
      if (this.#notes.size < 2 * MOST_NOTES) this.#notes.add(`Entry ${this.#count} has no request that can be read`);
    } else this.#flows += 1;
    return flow;
  }

  /** What was read up to here stays; without any of it the file is refused. */
  #breaks(why: string): void {
    if (this.#flows === 0) throw problem('bad-har', `This is no HAR that can be read: ${why}`, { remedy: REMEDY });
    this.#broken = true;
    this.#why = `The file is broken: ${why}. The entries before that were read`;
  }
}

/** Reads a HAR that is there as one text. @throws ProblemError `bad-har` */
export function readHar(text: string, options: HarFlowOptions): ReadHar {
  const reader = new HarReader(options);
  const flows = reader.take(text);
  return { flows, notes: reader.end() };
}
