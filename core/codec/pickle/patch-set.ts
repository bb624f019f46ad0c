/** One change of the stream: the bytes from `start` to `end` give way to what `write` writes. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly write: () => void;
}

/** Changes by where they begin. Those at one place are written in order of `rank`, then as they came. */
export class PatchSet {
  private readonly byStart = new Map<number, (Patch & { rank: number })[]>();
  /** Two changes overlap, or cannot be told in place. */
  impossible = false;

  add(start: number, end: number, write: () => void, rank = 1): void {
    if (start < 0 || end < start) this.impossible = true;
    const list = this.byStart.get(start) ?? [];
    list.push({ start, end, write, rank });
    list.sort((a, b) => a.rank - b.rank);
    this.byStart.set(start, list);
  }

  at(start: number): readonly Patch[] {
    return this.byStart.get(start) ?? NONE;
  }

  get size(): number {
    return this.byStart.size;
  }
}

const NONE: readonly Patch[] = [];
