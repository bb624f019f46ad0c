/** Most characters of one entry; a larger one is no longer a page of the web. */
const MOST_ENTRY = 256_000_000;

/**
 * Cuts a HAR that comes in pieces into the JSON texts of its entries, so that neither the whole text nor the whole document
 * is ever in memory. It looks at quotes, brackets and commas only: what lies between them is read by `JSON.parse`.
 */
export class HarEntries {
  /** Whether `log.entries` was there. */
  found = false;
  /** Whether every bracket is closed. */
  ended = false;
  #depth = 0;
  /** What encloses the place: `{` or `[`, from the outside. */
  #within: string[] = [];
  #inString = false;
  /** The text so far ends within a string, behind an odd number of backslashes. */
  #escaped = false;
  /** The string that is being read or was read last, where it may be a name: at the outermost two levels. */
  #name = '';
  readonly #names = ['', '', ''];
  #inEntries = false;
  /** Pieces of the entry that has begun. */
  #held: string[] = [];
  #heldLength = 0;

  /**
   * Takes the next piece.
   * @returns the entries that are complete with it
   * @throws RangeError for an entry of more than 256 million characters
   */
  take(piece: string): string[] {
    const entries: string[] = [];
    let at = 0;
    let begun = 0;
    if (this.#inString) at = this.#stringEnd(piece, 0);
    while (at < piece.length && !this.#inString) {
      const next = this.#nextSign(piece, at);
      if (next < 0) break;
      at = next + 1;
      switch (piece[next]) {
        case '"':
          this.#inString = true;
          this.#escaped = false;
          this.#name = '';
          at = this.#stringEnd(piece, at);
          break;
        case ':':
          this.#names[this.#depth] = this.#name;
          break;
        case ',':
          if (this.#inEntries) begun = this.#complete(piece, begun, next, entries);
          break;
        case '{':
        case '[':
          if (this.#opens(piece[next] as string)) begun = at;
          break;
        default:
          if (this.#inEntries && this.#depth === 3) begun = this.#complete(piece, begun, next, entries);
          this.#closes();
      }
    }
    if (this.#inEntries) this.#hold(piece.slice(begun));
    return entries;
  }

  /** Commas and colons matter outside of entries and between them. */
  #nextSign(piece: string, from: number): number {
    const signs = this.#depth > 3 ? /["{}[\]]/g : /["{}[\],:]/g;
    signs.lastIndex = from;
    return signs.exec(piece)?.index ?? -1;
  }

  /** Where the string that was begun ends (behind its quote), or the end of the piece. */
  #stringEnd(piece: string, from: number): number {
    let at = from;
    for (;;) {
      const quote = piece.indexOf('"', at);
      const end = quote < 0 ? piece.length : quote;
      let backslashes = 0;
      while (end - backslashes > at && piece.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
      // The run may go back to the piece before.
      const escaped = (backslashes % 2 === 1) !== (end - backslashes === at && at === from && this.#escaped);
      if (quote < 0) {
        this.#named(piece, from, end);
        this.#escaped = escaped;
        return end;
      }
      at = quote + 1;
      if (escaped) continue;
      this.#named(piece, from, end);
      this.#inString = false;
      this.#escaped = false;
      return at;
    }
  }

  #named(piece: string, from: number, end: number): void {
    if (this.#depth <= 2) this.#name = (this.#name + piece.slice(from, Math.min(end, from + 20))).slice(0, 20);
  }

  /** Whether the list of entries begins here. */
  #opens(sign: string): boolean {
    const isEntries =
      sign === '[' &&
      this.#depth === 2 &&
      this.#within.join('') === '{{' &&
      this.#names[1] === 'log' &&
      this.#names[2] === 'entries';
    this.#depth += 1;
    if (this.#depth <= 3) this.#within.push(sign);
    if (!isEntries) return false;
    this.#inEntries = true;
    this.found = true;
    return true;
  }

  #closes(): void {
    if (this.#inEntries && this.#depth === 3) this.#inEntries = false;
    if (this.#depth <= 3) this.#within.pop();
    this.#depth -= 1;
    if (this.#depth <= 0) this.ended = true;
  }

  /** A comma or the closing bracket at `end`: between entries it ends one. */
  #complete(piece: string, begun: number, end: number, entries: string[]): number {
    if (this.#depth !== 3) return begun;
    this.#hold(piece.slice(begun, end));
    const text = this.#held.join('');
    this.#held = [];
    this.#heldLength = 0;
    if (text.trim() !== '') entries.push(text);
    return end + 1;
  }

  #hold(text: string): void {
    this.#heldLength += text.length;
    if (this.#heldLength > MOST_ENTRY) throw new RangeError('An entry has more than 256 million characters');
    this.#held.push(text);
  }
}
