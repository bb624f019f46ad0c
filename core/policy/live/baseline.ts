import { isTrouble, Judge } from '../judge/judge.ts';
import type { Observation } from '../judge/observation.ts';
import { alike } from './alike.ts';
import type { Answer, Ask } from './ports.ts';

/** What learning needs of the run. */
export interface BaselinePorts {
  /** Sends a request; nothing is judged yet. */
  readonly send: (ask: Ask) => Promise<Answer>;
  readonly wait: (ms: number) => Promise<void>;
  readonly randomHex: (bytes: number) => string;
  readonly raw: () => string;
  /** Goes on with another value of the session cookie. */
  readonly follow: (raw: string) => void;
  /** The record as it was, where it can be put back; false where there is none. */
  readonly restore: () => Promise<boolean>;
  /** Between two responses with the session, so that times of whole seconds differ. */
  readonly pause: () => Promise<void>;
  readonly texts: readonly string[];
  readonly unsteady: (what: string) => void;
}

export interface Baseline {
  readonly judge: Judge;
  /** The application gives out a new id with each response and lets the old one go. */
  readonly rotates: boolean;
  /** Parts of pages that changed between two responses of one kind. */
  readonly noise: ReadonlySet<string>;
  /** Why nothing can be told from the verification; undefined where it can. */
  readonly blind: string | undefined;
}

const TRIES = 8;

/**
 * Learns how responses look: with the session, to a visitor without any cookie, and with an id that nobody has; each
 * several times and by turns, so that what changes with time is not taken for a sign.
 */
export async function learnBaseline(ports: BaselinePorts): Promise<Baseline> {
  const visitor: Ask = { title: 'Baseline: a visitor without cookies', cookie: null, others: 'none' };
  const foreign = (): Ask => ({
    title: 'Baseline: an id that nobody has',
    cookie: alike(ports.raw(), ports.randomHex),
  });
  const first = await steady(ports, { title: 'Baseline: the session' });
  const without = [await steady(ports, visitor)];
  const unknown = [await steady(ports, foreign())];
  await ports.pause();
  const provisional = new Judge([first], without, [], ports.texts);
  let rotates = false;
  let second = await steady(ports, { title: 'Baseline: the session' });
  if (first.newId !== undefined && provisional.contentDiffers && provisional.judge(second).judged !== 'accepted') {
    // The old id may be over: then the record is put back, or the new id is followed.
    if (!(await ports.restore())) ports.follow(first.newId);
    const again = await steady(ports, { title: 'Baseline: the session, its id followed' });
    rotates = provisional.judge(again).judged === 'accepted';
    if (rotates) {
      second = again;
      if (again.newId !== undefined && !(await ports.restore())) ports.follow(again.newId);
    }
  }
  without.push(await steady(ports, visitor));
  unknown.push(await steady(ports, foreign()));
  if (rotates) await ports.restore();
  const third = await steady(ports, { title: 'Baseline: the session' });
  if (rotates && third.newId !== undefined && !(await ports.restore())) ports.follow(third.newId);
  const withSession = [first, second, third];
  const judge = new Judge(withSession, without, unknown, ports.texts);
  return {
    judge,
    rotates,
    noise: new Set([...changing(withSession), ...changing(without), ...changing(unknown)]),
    blind: blindness(judge, withSession, without, ports.texts),
  };
}

/** One response without trouble, as far as there is one. */
async function steady(ports: BaselinePorts, ask: Ask): Promise<Observation> {
  for (let attempt = 1; ; attempt++) {
    const { observation } = await ports.send(ask);
    const { status, retryAfter } = observation;
    if ((status !== 0 && !isTrouble(status)) || attempt === TRIES) return observation;
    ports.unsteady(status === 0 ? 'A request was not answered' : `A request was answered with ${status}`);
    await ports.wait(status === 429 ? Math.min(5_000, Math.max(500, (retryAfter ?? 1) * 1000)) : 50);
  }
}

function changing(observations: readonly Observation[]): string[] {
  const all = new Set(observations.flatMap(({ parts }) => [...parts]));
  return [...all].filter((part) => !observations.every(({ parts }) => parts.includes(part)));
}

/** Why the verification says nothing about the session. */
function blindness(
  judge: Judge,
  withSession: readonly Observation[],
  without: readonly Observation[],
  texts: readonly string[],
): string | undefined {
  const [one] = withSession;
  if (one !== undefined && (isTrouble(one.status) || one.status === 0)) {
    const what = one.status === 0 ? 'is not answered' : `is answered with ${one.status}`;
    return `The verification request ${what} even with the session.`;
  }
  if (judge.contentDiffers) return undefined;
  const cache = [...withSession, ...without].flatMap(({ cacheHeaders }) => cacheHeaders);
  if (cache.length > 0) {
    return `The response looks the same with and without the session, and a cache in between answers (${[...new Set(cache)].join('; ')}).`;
  }
  const known = texts.find((text) =>
    without.every((observation) => observation.text.toLowerCase().includes(text.toLowerCase())),
  );
  if (known !== undefined) {
    return (
      `The response to a visitor without any cookie has the text "${known}" too: something other than the cookie ` +
      'recognises the visitor (the address, a cache), or no login is needed.'
    );
  }
  return (
    'The response looks the same with and without the session: no login is needed for it, something other than the cookie ' +
    'recognises the visitor, or a cache answers. Choose a request that needs the login.'
  );
}
