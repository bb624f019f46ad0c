import type { Observation } from './observation.ts';
import { withoutNoise } from './page-parts.ts';

/** What a response says on its face: status and redirect target. */
export function answerOf({ status, location }: Observation): string {
  return location === undefined ? `status ${status}` : `status ${status}, Location: ${location}`;
}

/** The parts of a page, and each part once more without clocks, counters and tokens. */
export function pageSigns({ parts }: Observation): ReadonlySet<string> {
  const signs = new Set<string>();
  for (const part of parts) {
    signs.add(part);
    const plain = withoutNoise(part);
    if (plain !== undefined) signs.add(`≈ ${plain}`);
  }
  return signs;
}

const ID_WORDS = {
  same: 'the cookie is repeated',
  new: 'the cookie is given another value',
  deleted: 'the cookie is deleted',
  none: 'the cookie is not set',
} as const;

export function cookieSign({ id }: Observation): string {
  return ID_WORDS[id];
}

/** Those of the texts (the user's name, …) that stand in the response. Compared without regard to letter case. */
export function textsIn({ text, location }: Observation, texts: readonly string[]): readonly string[] {
  const where = `${location ?? ''}\n${text}`.toLowerCase();
  return texts.filter((one) => where.includes(one.toLowerCase()));
}

/** Responses of one kind (with the session, or one way of being without it), and what all of them share. */
export class SignGroup {
  readonly #observations: Observation[] = [];
  #page: Set<string> | undefined;
  readonly #any = new Set<string>();

  constructor(observations: readonly Observation[] = []) {
    for (const one of observations) this.add(one);
  }

  add(observation: Observation): void {
    this.#observations.push(observation);
    const signs = pageSigns(observation);
    for (const sign of signs) this.#any.add(sign);
    if (this.#page === undefined) this.#page = new Set(signs);
    else for (const sign of this.#page) if (!signs.has(sign)) this.#page.delete(sign);
  }

  get observations(): readonly Observation[] {
    return this.#observations;
  }

  get isEmpty(): boolean {
    return this.#observations.length === 0;
  }

  /** Page signs that every response has. */
  get shared(): ReadonlySet<string> {
    return this.#page ?? new Set();
  }

  hasInAny(sign: string): boolean {
    return this.#any.has(sign);
  }

  answers(): ReadonlySet<string> {
    return new Set(this.#observations.map(answerOf));
  }

  /** The cookie's fate when it is the same in all of them. */
  cookie(): string | undefined {
    const all = new Set(this.#observations.map(cookieSign));
    return all.size === 1 ? [...all][0] : undefined;
  }
}
