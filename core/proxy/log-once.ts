/** Says each kind of trouble once; then counts, and says the count each time it has grown tenfold. */
export class LogOnce {
  readonly #write: (line: string) => void;
  readonly #seen = new Map<string, number>();

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write ?? (() => {});
  }

  /** @param key what counts as the same trouble; a bounded number of keys is remembered. */
  log(key: string, line: string): void {
    const count = (this.#seen.get(key) ?? 0) + 1;
    if (count === 1 && this.#seen.size >= 1000) {
      const oldest = this.#seen.keys().next();
      if (!oldest.done) this.#seen.delete(oldest.value);
    }
    this.#seen.set(key, count);
    if (count === 1) this.#write(line);
    else if (Number.isInteger(Math.log10(count))) this.#write(`${line} (${count} times)`);
  }
}
