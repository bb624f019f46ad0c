import type { Observation } from './observation.ts';

export type Judged = 'accepted' | 'refused' | 'error' | 'unclear';

export interface Judgement {
  readonly judged: Judged;
  /** In words, for the evidence. */
  readonly because: string;
}

interface Feature {
  readonly name: string;
  readonly weight: number;
  /** What the visitor gets (status, target, text), and not which cookie. */
  readonly content: boolean;
}

/** So sure must a judgement be: the share of what tells the two baselines apart. */
const SURE = 0.75;
const LEAST_WEIGHT = 4;

/**
 * Learns from answers with and without a session how the two look, and then says of another answer which of them it
 * looks like. What changes from answer to answer anyway (counters, times, tokens) tells nothing, because only what all
 * answers of one side share, and none of the other side has, counts.
 */
export class Judge {
  readonly #positive: readonly Feature[];
  readonly #negative: readonly Feature[];
  /** The same of answers to an id that does not exist. */
  readonly #foreign: Judge | undefined;

  /**
   * @param foreignId answers to a session id that nobody has: many applications refuse that otherwise than no id at all
   *   (no new cookie, another status)
   */
  constructor(
    withSession: readonly Observation[],
    withoutSession: readonly Observation[],
    foreignId: readonly Observation[] = [],
  ) {
    const inAll = (group: readonly Observation[]) => shared(group.map(featuresOf));
    const inAny = (group: readonly Observation[]) =>
      new Set(group.flatMap((o) => featuresOf(o).map(({ name }) => name)));
    const any = { with: inAny(withSession), without: inAny(withoutSession) };
    this.#positive = inAll(withSession).filter(({ name }) => !any.without.has(name));
    this.#negative = inAll(withoutSession).filter(({ name }) => !any.with.has(name));
    const foreign = foreignId.length === 0 ? undefined : new Judge(withSession, foreignId);
    this.#foreign = foreign?.isPlain === true ? foreign : undefined;
  }

  /** Each side has at least what a status of its own says. */
  get isPlain(): boolean {
    const weigh = (features: readonly Feature[]) => features.reduce((sum, { weight }) => sum + weight, 0);
    return weigh(this.#positive) >= LEAST_WEIGHT && weigh(this.#negative) >= LEAST_WEIGHT;
  }

  /** Whether the request looks different with and without the session at all. */
  get canTell(): boolean {
    return this.#positive.length + this.#negative.length > 0;
  }

  /** What tells the two apart, in words, weightiest first. */
  get signs(): string[] {
    const words = (features: readonly Feature[], side: string) => features.map(({ name }) => `${side}: ${name}`);
    return [...words(this.#positive, 'with the session'), ...words(this.#negative, 'without it')].slice(0, 8);
  }

  /** Only the answers without any session make an answer an accepted one; either kind of refusal makes it a refused one. */
  judge(observation: Observation): Judgement {
    const judgement = this.#judge(observation);
    const foreign = this.#foreign?.judge(observation);
    if (foreign?.judged !== 'refused') return judgement;
    if (judgement.judged === 'unclear') {
      return { judged: 'refused', because: foreign.because.replace('without the session', 'to an id that nobody has') };
    }
    if (judgement.judged !== 'accepted') return judgement;
    return {
      judged: 'unclear',
      because: 'The answer looks like one with the session, and like one to an id that nobody has',
    };
  }

  #judge(observation: Observation): Judgement {
    if (observation.status === 0) return { judged: 'error', because: 'There was no answer' };
    if (!this.canTell) return { judged: 'unclear', because: 'The answers look the same with and without the session' };
    const names = new Set(featuresOf(observation).map(({ name }) => name));
    const yes = share(this.#positive, names);
    const no = share(this.#negative, names);
    const found = (features: readonly Feature[]) =>
      features
        .filter(({ name }) => names.has(name))
        .map(({ name }) => name)
        .slice(0, 3)
        .join(', ');
    // A side of which nothing was learnt cannot speak for or against.
    const forIt = yes ?? 1 - (no ?? 0);
    const againstIt = no ?? 1 - (yes ?? 0);
    if (forIt >= SURE && againstIt <= 1 - SURE) {
      return {
        judged: 'accepted',
        because: `It looks like an answer with the session (${found(this.#positive) || 'nothing speaks against it'})`,
      };
    }
    if (againstIt >= SURE && forIt <= 1 - SURE) {
      return {
        judged: 'refused',
        because: `It looks like an answer without the session (${found(this.#negative) || 'nothing of the session is in it'})`,
      };
    }
    const byContent = this.#judgeContent(names);
    if (byContent !== undefined) return byContent;
    if (observation.status >= 500)
      return { judged: 'error', because: `The application answered ${observation.status}` };
    // The application neither goes on with the session nor treats the visitor as a new one: a refusal of its own kind.
    if (observation.id === 'deleted') return { judged: 'refused', because: 'The application deleted the cookie' };
    return { judged: 'unclear', because: 'The answer looks neither like one with the session nor like one without' };
  }

  /**
   * Where cookie and content contradict each other, what the visitor gets decides: an application may forget the user and
   * keep the session's id, or give the session a new id and go on with it.
   */
  #judgeContent(names: ReadonlySet<string>): Judgement | undefined {
    const content = (features: readonly Feature[]) => features.filter((feature) => feature.content);
    const yes = share(content(this.#positive), names);
    const no = share(content(this.#negative), names);
    if (yes === undefined || no === undefined) return undefined;
    if (yes === 0 && no >= SURE) {
      return { judged: 'refused', because: 'The visitor gets what they get without the session, whatever the cookie' };
    }
    if (no === 0 && yes >= SURE) {
      return { judged: 'accepted', because: 'The visitor gets what they get with the session, whatever the cookie' };
    }
    return undefined;
  }
}

function featuresOf({ status, location, id, lines }: Observation): Feature[] {
  return [
    { name: `the cookie is ${ID_WORDS[id]}`, weight: 6, content: false },
    { name: `status ${status}`, weight: 4, content: true },
    ...(location === undefined ? [] : [{ name: `Location: ${location}`, weight: 4, content: true }]),
    // All lines together weigh as much as a status, however long the page is.
    ...lines.map((line) => ({ name: `"${line.slice(0, 80)}"`, weight: 4 / lines.length, content: true })),
  ];
}

const ID_WORDS = {
  same: 'repeated',
  new: 'given another id',
  deleted: 'deleted',
  none: 'not set',
} as const;

function shared(lists: readonly (readonly Feature[])[]): Feature[] {
  const [first = [], ...rest] = lists;
  const others = rest.map((list) => new Set(list.map(({ name }) => name)));
  const unique = new Map(first.map((feature) => [feature.name, feature]));
  return [...unique.values()]
    .filter(({ name }) => others.every((names) => names.has(name)))
    .sort((a, b) => b.weight - a.weight);
}

/** Share by weight of the features that are there; undefined when there are none to look for. */
function share(features: readonly Feature[], names: ReadonlySet<string>): number | undefined {
  if (features.length === 0) return undefined;
  const total = features.reduce((sum, { weight }) => sum + weight, 0);
  const there = features.reduce((sum, { name, weight }) => sum + (names.has(name) ? weight : 0), 0);
  return there / total;
}
