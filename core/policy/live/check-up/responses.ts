import { answerOf, SignGroup } from '../../judge/signs.ts';
import type { LabContext } from '../context.ts';
import { cookieAfter, redirectsOf } from '../log-out.ts';
import type { Answer, Ask } from '../ports.ts';

/** What a browser sees of a request: its response, and the page to which that leads. */
export interface Shown {
  readonly answer: Answer;
  /** The response itself where it does not redirect. */
  readonly page: Answer;
}

/** Pages that change anyway are told apart by so many responses of each kind, and twice as many in doubt. */
const RESPONSES = 2;

/** Sends a request and follows where it leads, as a browser does: what went wrong often stands on the next page only. */
export async function showOf(lab: LabContext, ask: Ask): Promise<Shown> {
  const answer = await lab.ask({ ...ask, unjudged: true });
  const sent = ask.cookie === undefined ? lab.raw : ask.cookie;
  const session = { cookie: cookieAfter(sent, answer), ...(ask.others === undefined ? {} : { others: ask.others }) };
  const { answer: page } = await redirectsOf(lab, answer, session, `${ask.title}: where it leads`);
  return { answer, page };
}

/** Responses to one request under one condition. */
export class Responses {
  readonly title: string;
  readonly #send: () => Promise<Shown>;
  readonly #seen: Shown[] = [];

  constructor(title: string, send: () => Promise<Shown>) {
    this.title = title;
    this.#send = send;
  }

  async more(): Promise<void> {
    for (let n = 0; n < RESPONSES; n++) this.#seen.push(await this.#send());
  }

  get seen(): readonly Shown[] {
    return this.#seen;
  }

  /** The status that all responses have; 0 where they differ, or where there was none. */
  get status(): number {
    const statuses = new Set(this.#seen.map(({ answer }) => answer.observation.status));
    return statuses.size === 1 ? ([...statuses][0] ?? 0) : 0;
  }

  /** The response, and what of its page the others do not have: a line for a difference. */
  against(other: Responses): { readonly title: string; readonly value: string } {
    const own = [...this.#group('page').shared].find(
      (sign) => !sign.startsWith('≈') && !/^<[^>]*>$/.test(sign) && !other.#group('page').hasInAny(sign),
    );
    const answer = [...this.#group('answer').answers()].join(' or ');
    return { title: this.title, value: own === undefined ? answer : `${answer}: "${own.slice(0, 120)}"` };
  }

  /** Whether these responses and those show the same to a browser; what changes from one to the next does not count. */
  async showsTheSameAs(other: Responses): Promise<boolean> {
    for (const one of [this, other]) if (one.#seen.length === 0) await one.more();
    if (this.looksLike(other)) return true;
    // Two that happen to agree, of a page that changes by chance, are no difference.
    for (const one of [this, other]) await one.more();
    return this.looksLike(other);
  }

  /** The same of the responses there are. */
  looksLike(other: Responses): boolean {
    return (['answer', 'page'] as const).every((of) => {
      const [mine, theirs] = [this.#group(of), other.#group(of)];
      const answers = theirs.answers();
      if (![...mine.answers()].some((one) => answers.has(one))) return false;
      return (
        [...mine.shared].every((sign) => theirs.hasInAny(sign)) &&
        [...theirs.shared].every((sign) => mine.hasInAny(sign))
      );
    });
  }

  #group(of: keyof Shown): SignGroup {
    return new SignGroup(this.#seen.map((one) => one[of].observation));
  }
}

/** The page asks for a password. */
export function asksForPassword({ page }: Shown): boolean {
  return /<input\b[^>]*\btype\s*=\s*["']?password\b/i.test(page.body);
}

/** Status and redirect target of a response, in short. */
export function outcomeOf({ observation }: Answer): string {
  return answerOf(observation).replace('status ', '').replace(', Location:', '');
}
