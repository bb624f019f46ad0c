/** Lists that are looked at: traffic that runs side by side has a few kinds of heads. */
const MOST = 4;

/**
 * Gives equal lists of header fields as one, so that what is found out about a list, and its text in the workspace, holds
 * for all messages that have it.
 */
export class SharedLists {
  readonly #lists: (readonly string[])[] = [];
  #next = 0;

  /** @param list never changed from now on */
  of(list: readonly string[]): readonly string[] {
    for (const known of this.#lists) if (known === list || sameList(known, list)) return known;
    this.#lists[this.#next] = list;
    this.#next = (this.#next + 1) % MOST;
    return list;
  }
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  // The ends first: what tells heads apart (dates, tags, cookies) seldom stands at the beginning.
  for (let i = a.length - 1; i >= 0; i -= 1) if (a[i] !== b[i]) return false;
  return true;
}
