/** Keys that are remembered of one kind of trouble; what differs beyond them is counted together. */
const MOST = 100;

/**
 * Says each kind of trouble once; then counts, and says the count each time it has grown tenfold. Who makes the same
 * trouble under ever new names (of hosts, say) fills neither the log nor memory.
 */
export class LogOnce {
  readonly #write: (line: string) => void;
  readonly #seen = new Map<string, number>();
  readonly #kinds = new Map<string, number>();

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write ?? (() => {});
  }

  /** @param key what counts as the same trouble; its first word is the kind. */
  log(key: string, line: string): void {
    const known = this.#seen.has(key) || this.#isRoom(key) ? key : `${kindOf(key)} and others`;
    const count = (this.#seen.get(known) ?? 0) + 1;
    this.#seen.set(known, count);
    if (count === 1) this.#write(known === key ? line : `${line} (and others like it)`);
    else if (Number.isInteger(Math.log10(count))) this.#write(`${line} (${count} times)`);
  }

  #isRoom(key: string): boolean {
    const kind = kindOf(key);
    const count = (this.#kinds.get(kind) ?? 0) + 1;
    if (count > MOST) return false;
    this.#kinds.set(kind, count);
    return true;
  }
}

function kindOf(key: string): string {
  return key.split(' ', 1)[0] as string;
}
