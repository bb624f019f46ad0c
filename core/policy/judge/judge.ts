import type { Observation } from './observation.ts';
import { answerOf, cookieSign, pageSigns, SignGroup, textsIn } from './signs.ts';

export type Judged = 'accepted' | 'refused' | 'error' | 'unclear' | 'contradiction';

export interface Judgement {
  readonly judged: Judged;
  /** In words, for the evidence. */
  readonly because: string;
  /** A refusal that looks like none of those that were learnt: it counts only when it repeats and a control does not. */
  readonly unlearnt?: true;
}

/** So large a share of what tells two kinds of pages apart must be there, or may be there at most. */
const MOST = 0.75;
const FEW = 0.25;
const HALF = 0.5;

/**
 * Learns from responses with and without a session how the two look, and then says of another response which of them it
 * looks like. What the visitor gets (status, redirect target, the user's own texts, the page) is judged before the
 * cookie, which counts only where the content says nothing. What changes from response to response anyway tells nothing,
 * because only what all responses of one kind share, and none of the other has, counts; every further response of a kind
 * that is known narrows that down.
 */
export class Judge {
  readonly #with: SignGroup;
  /** The ways of being without the session: no cookie, an id that nobody has, a session before the login. */
  readonly #without: SignGroup[];
  readonly #texts: readonly string[];

  /**
   * @param withoutSession responses to a visitor without any cookie
   * @param foreignId responses to an id that nobody has: many applications refuse that otherwise than no id at all
   * @param texts what the user gave at the login and the page may repeat: the name, an address
   */
  constructor(
    withSession: readonly Observation[],
    withoutSession: readonly Observation[],
    foreignId: readonly Observation[] = [],
    texts: readonly string[] = [],
  ) {
    this.#with = new SignGroup(withSession);
    this.#without = [new SignGroup(withoutSession)];
    this.#texts = texts;
    if (foreignId.length > 0) this.addRefusals(foreignId);
  }

  /** One more response with the session, or to a visitor without any cookie. */
  learn(kind: 'with' | 'without', observation: Observation): void {
    if (kind === 'with') this.#with.add(observation);
    else this.#without[0]?.add(observation);
  }

  /** Another way in which the application refuses; left out when it looks like a response with the session. */
  addRefusals(observations: readonly Observation[]): void {
    if (observations.some((one) => this.judge(one).judged === 'accepted')) return;
    this.#without.push(new SignGroup(observations));
  }

  /** What the visitor gets differs with and without the session. */
  get contentDiffers(): boolean {
    const [plain] = this.#without;
    if (plain === undefined || plain.isEmpty || this.#with.isEmpty) return false;
    return (
      !intersect(this.#with.answers(), plain.answers()) ||
      this.#userTexts().length > 0 ||
      this.#positive().length > 0 ||
      this.#negative(plain).length > 0
    );
  }

  /** The request looks different with and without the session, in its content or at least in the cookie. */
  get canTell(): boolean {
    return this.contentDiffers || this.#cookieDiffers();
  }

  /** Texts of the user that stand in each response with the session and in none without. */
  get userTexts(): readonly string[] {
    return this.#userTexts();
  }

  /** What tells the two apart, in words, most telling first. */
  get signs(): string[] {
    const [plain] = this.#without;
    if (plain === undefined) return [];
    const words: string[] = [];
    if (!intersect(this.#with.answers(), plain.answers())) {
      words.push(`with the session: ${[...this.#with.answers()].join(' or ')}`);
      words.push(`without it: ${[...plain.answers()].join(' or ')}`);
    }
    for (const text of this.#userTexts()) words.push(`with the session: the text "${text}"`);
    for (const sign of this.#positive()) words.push(`with the session: "${sign.slice(0, 80)}"`);
    for (const sign of this.#negative(plain)) words.push(`without it: "${sign.slice(0, 80)}"`);
    if (words.length === 0 && this.#cookieDiffers()) {
      words.push(`with the session: ${this.#with.cookie()}`, `without it: ${plain.cookie()}`);
    }
    return words.slice(0, 8);
  }

  judge(observation: Observation): Judgement {
    if (observation.status === 0) return { judged: 'error', because: 'There was no response' };
    if (isTrouble(observation.status)) {
      return { judged: 'error', because: `The application answered ${observation.status}` };
    }
    if (!this.canTell) return { judged: 'unclear', because: 'Responses look the same with and without the session' };
    return this.contentDiffers ? this.#byContent(observation) : this.#byCookie(observation);
  }

  #byContent(observation: Observation): Judgement {
    const answer = answerOf(observation);
    const isWith = this.#with.answers().has(answer);
    const page = pageSigns(observation);
    const userTexts = this.#userTexts();
    const user = userTexts.length === 0 ? undefined : textsIn(observation, userTexts).length > 0;
    const positive = share(this.#positive(), page);
    let refused: Judgement | undefined;
    for (const [i, group] of this.#without.entries()) {
      const sameAnswer = group.answers().has(answer);
      if (!sameAnswer) continue;
      const negative = share(this.#negative(group), page);
      const words = i === 0 ? 'a response without the session' : 'a response to an id that is no session';
      const matches = isWith
        ? // The page alone decides.
          user === true
          ? false
          : negative === undefined
            ? (positive ?? 1) === 0
            : negative >= MOST && (positive ?? 0) <= FEW
        : user !== true && (positive ?? 0) <= FEW;
      if (matches) {
        const found = this.#negative(group).find((sign) => page.has(sign));
        const why = isWith ? (found ?? 'nothing of the session is in it') : answer;
        refused ??= { judged: 'refused', because: `It looks like ${words} (${quoted(why)})` };
      } else if (user === true && negative !== undefined && negative >= MOST && (positive ?? 0) <= FEW) {
        return {
          judged: 'contradiction',
          because: `The user's text is in it, and it looks like ${words}`,
        };
      }
    }
    const negatives = Math.max(
      0,
      ...this.#without
        .filter((group) => group.answers().has(answer))
        .map((group) => share(this.#negative(group), page) ?? 0),
    );
    const accepted =
      isWith &&
      (user === true
        ? negatives < MOST
        : user === undefined &&
          negatives <= FEW &&
          // Where the status alone tells them apart, pages of several layouts may share only half.
          (positive === undefined || positive >= (this.#answersDiffer() ? HALF : MOST)));
    if (accepted && refused === undefined) {
      // Where only the page differs and it has nothing of its own, the cookie must not speak against it.
      if (user === undefined && positive === undefined && this.#cookieSaysOtherwise(observation)) {
        return { judged: 'contradiction', because: 'The page speaks for the session and the cookie against it' };
      }
      const what = user === true ? `the text "${userTexts[0]}"` : (this.#positive().find((s) => page.has(s)) ?? answer);
      const renewed = observation.id === 'new' ? ', continued under a new id' : '';
      return { judged: 'accepted', because: `It looks like a response with the session (${quoted(what)}${renewed})` };
    }
    if (refused !== undefined && !accepted) return refused;
    if (refused !== undefined) {
      return { judged: 'contradiction', because: 'It looks like a response with the session and like one without' };
    }
    // The user is known by their text, and the page has neither that nor anything else of the session.
    if (!isWith && user !== true && (positive ?? 0) <= FEW && isRefusal(observation)) {
      return { judged: 'refused', because: `A refusal of its own kind: ${answer}`, unlearnt: true };
    }
    if (isWith && user === false && negatives >= 0.5) {
      return { judged: 'refused', because: `The text "${userTexts[0]}" is not in it`, unlearnt: true };
    }
    // Another page under the same status, such as "session expired": with nothing of what the session's pages share.
    if (isWith && user !== true && negatives === 0 && (user === false ? (positive ?? 0) <= FEW : positive === 0)) {
      const why = user === false ? `the text "${userTexts[0]}" is not in it` : 'nothing of the session is in it';
      return { judged: 'refused', because: `Another page: ${why}`, unlearnt: true };
    }
    return { judged: 'unclear', because: 'It looks neither like a response with the session nor like one without' };
  }

  /** The content is the same for everybody: all that is left is what becomes of the cookie. */
  #byCookie(observation: Observation): Judgement {
    const sign = cookieSign(observation);
    if (sign === this.#with.cookie()) return { judged: 'accepted', because: `As with the session, ${sign}` };
    if (this.#without.some((group) => group.cookie() === sign)) {
      return { judged: 'refused', because: `As without the session, ${sign}` };
    }
    if (observation.id === 'deleted') return { judged: 'refused', because: 'The application deleted the cookie' };
    return { judged: 'unclear', because: 'It looks neither like a response with the session nor like one without' };
  }

  /** A response of the session itself, which may be one of a layout that was not seen yet. */
  mayLearn(observation: Observation): boolean {
    const page = pageSigns(observation);
    const texts = this.#userTexts();
    return (
      this.#with.answers().has(answerOf(observation)) &&
      (texts.length === 0 || textsIn(observation, texts).length > 0) &&
      (share(this.#positive(), page) ?? 1) >= HALF &&
      this.#without.every((group) => (share(this.#negative(group), page) ?? 0) <= FEW)
    );
  }

  /** No way of being without the session has a status and target that responses with it have. */
  #answersDiffer(): boolean {
    return !this.#without.some((group) => intersect(group.answers(), this.#with.answers()));
  }

  #cookieDiffers(): boolean {
    const mine = this.#with.cookie();
    const [plain] = this.#without;
    return mine !== undefined && plain?.cookie() !== undefined && plain.cookie() !== mine;
  }

  #cookieSaysOtherwise(observation: Observation): boolean {
    return this.#cookieDiffers() && cookieSign(observation) !== this.#with.cookie();
  }

  #userTexts(): readonly string[] {
    return this.#texts.filter(
      (text) =>
        this.#with.observations.every((one) => textsIn(one, [text]).length > 0) &&
        this.#without.every(({ observations }) => observations.every((one) => textsIn(one, [text]).length === 0)),
    );
  }

  /** What each page with the session has, and none without. */
  #positive(): string[] {
    return [...this.#with.shared].filter((sign) => !this.#without.some((group) => group.hasInAny(sign)));
  }

  /** What each page of one way of being without the session has, and none with it. */
  #negative(group: SignGroup): string[] {
    return [...group.shared].filter((sign) => !this.#with.hasInAny(sign));
  }
}

/** Statuses that say nothing about the session: the application, or something before it, is in trouble. */
export function isTrouble(status: number): boolean {
  return status >= 500 || status === 429;
}

/** Statuses by which applications refuse: login pages, "forbidden", "session expired". */
function isRefusal({ status, id }: Observation): boolean {
  return (status >= 300 && status < 500 && status !== 304) || id === 'deleted';
}

function quoted(text: string): string {
  const plain = text.replace(/^≈ /, '');
  return plain.startsWith('the ') || plain.startsWith('status ') || plain.startsWith('nothing ')
    ? plain
    : `"${plain.length > 80 ? `${plain.slice(0, 80)}…` : plain}"`;
}

function intersect(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a) if (b.has(one)) return true;
  return false;
}

/** Share of the signs that are there; undefined when there are none to look for. */
function share(signs: readonly string[], there: ReadonlySet<string>): number | undefined {
  if (signs.length === 0) return undefined;
  return signs.filter((sign) => there.has(sign)).length / signs.length;
}
