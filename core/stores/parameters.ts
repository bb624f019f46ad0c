import { badUrl } from './url-text.ts';

/**
 * The parameters of a store URL. Each is known by the names that databases' own tools and hosters give it; letter case,
 * `-` and `_` make no difference. One that is unknown is refused by its name: a parameter that is silently left out may
 * be the one that asks for encryption.
 */
export class Parameters {
  readonly #values = new Map<string, string>();

  /**
   * @param known for each parameter its other names; an empty name on the right: understood and of no effect here
   * @throws ProblemError `bad-store-url`
   */
  constructor(query: URLSearchParams, url: string, known: Readonly<Record<string, readonly string[]>>) {
    const byName = new Map<string, string>();
    for (const [name, others] of Object.entries(known)) {
      for (const one of [name, ...others]) byName.set(plain(one), name);
    }
    for (const [name, value] of query) {
      const found = byName.get(plain(name));
      if (found === undefined) {
        const near = nearest(plain(name), [...byName.keys()]);
        throw badUrl(
          url,
          `the parameter ${name} is not known`,
          near === undefined
            ? `Known are ${Object.keys(known).join(', ')}`
            : `Perhaps ${byName.get(near)} is meant. Known are ${Object.keys(known).join(', ')}`,
        );
      }
      if (!this.#values.has(found)) this.#values.set(found, value);
    }
  }

  /** The first value given; undefined for one that is absent or empty. */
  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** The known name with the smallest distance, when that is small for its length. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const one of known) {
    const distance = editDistance(name, one);
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name: one, distance };
  }
  return best !== undefined && best.distance <= (name.length < 5 ? 1 : Math.max(2, Math.floor(name.length / 3)))
    ? best.name
    : undefined;
}

function editDistance(a: string, b: string): number {
  const [left, right] = [a.slice(0, 40), b.slice(0, 40)];
  let row = Array.from({ length: right.length + 1 }, (_, n) => n);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
