/**
 * A map that forgets what was not used for long, so that a cache stays a cache. Two generations: what is used moves to
 * the younger one, and when that is full the older one is forgotten. So a value that is asked for again and again costs
 * one look-up. At most `most` values are there, and at least the half of them that was used last.
 */
export class Recent<K, V> {
  readonly #generation: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(most: number) {
    this.#generation = Math.max(1, most >> 1);
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#generation && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** Roughly those unused for longest first. */
  *values(): Generator<V> {
    for (const [key, value] of this.#old) if (!this.#young.has(key)) yield value;
    yield* this.#young.values();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

/** Texts longer than this are worked out again each time unless said otherwise: they would fill the memory. */
const LONGEST_REMEMBERED = 1_024;

/**
 * Remembers the answers of a pure function of a text, since traffic repeats the same few names and values. Bounded:
 * the texts come from the network.
 * @param most answers that are kept
 * @param longest characters of a text that is kept
 */
export function remembered<T extends object | string | boolean>(
  answer: (text: string) => T,
  most = 2_048,
  longest = LONGEST_REMEMBERED,
): (text: string) => T {
  const known = new Recent<string, T>(most);
  return (text) => {
    const value = known.get(text);
    if (value !== undefined) return value;
    if (text.length > longest) return answer(text);
    const own = detached(text);
    const made = answer(own);
    known.set(own, made);
    return made;
  };
}

/** A copy: a part of a message's head would keep the whole head in memory. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
