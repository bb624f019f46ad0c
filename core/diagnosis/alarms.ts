import type { Alarm } from '../model/diagnosis.ts';
import { companionsOf, lastSet } from './companions.ts';
import { answerOf, nameOf, requestOf, setLine, short, span } from './evidence.ts';
import type { Exchange, Facts } from './facts.ts';

/** Ends that lie closer together are one moment: answers to a login are seconds apart. */
const SAME_MS = 60_000;

/** What is wrong with a session although it goes on. Pure. */
export function findAlarms(facts: Facts): readonly Alarm[] {
  return [sharedId(facts), ...contradictingClocks(facts)].filter((one) => one !== undefined);
}

/** One id that answers gave to two visitors: somebody is logged in as somebody else. */
function sharedId({ subject, exchanges, others }: Facts): Alarm | undefined {
  const given = [...exchanges, ...others]
    .filter(({ set }) =>
      set.some((one) => one.name === subject.name && one.value === subject.value && !one.judgement.removes),
    )
    .toSorted((a, b) => a.at - b.at);
  const first = given[0];
  // An application that sets the id again for the one who sent it gives nothing away.
  const second = given.find((one) => one.visitor !== first?.visitor && !sends(one, subject));
  if (first === undefined || second === undefined) return undefined;
  const age = second.response.get('age');
  const line = second.set.findLast(({ name }) => name === subject.name);
  return {
    kind: 'shared-id',
    at: second.at,
    flowId: second.flowId,
    sentence: `Two visitors were given one id: ${subject.name}=${short(subject.value)} was set for the first by ${nameOf(first)} and for another by ${nameOf(second)}${
      age === undefined ? '' : `, whose answer had been kept by a cache for ${age} s`
    }.`,
    evidence: [
      answerOf(first, `${nameOf(first)}: given to the first visitor`),
      answerOf(second, `${nameOf(second)}: given to another`, line === undefined ? undefined : setLine(line)),
      ...(age === undefined ? [] : [answerOf(second, 'A cache answered', `Age: ${age}`)]),
    ],
    remedy:
      'Answer with Cache-Control: private or no-store wherever a session is set, let the cache pass answers with Set-Cookie by, and end the sessions that were given away.',
  };
}

function sends({ cookies }: Exchange, { name, value }: Facts['subject']): boolean {
  return cookies.some((one) => one.name === name && one.value === value);
}

/** Cookies that carry one session and end at moments at which they cannot. */
function contradictingClocks(facts: Facts): readonly (Alarm | undefined)[] {
  const { subject, exchanges } = facts;
  const own = lastSet(exchanges, subject.name);
  if (own === undefined) return [];
  const ownEnd = own.cookie.judgement.cookie?.expires;
  return companionsOf(facts).map(({ name, bond }) => {
    const set = lastSet(exchanges, name);
    const cookie = set?.cookie.judgement.cookie;
    if (set === undefined || cookie === undefined) return undefined;
    const [sooner, later, because] =
      bond === 'refresh'
        ? [subject.name, name, 'it is what renews the other, and is gone when it is needed']
        : bond === 'copy'
          ? [name, subject.name, 'the copy is believed after the session itself is over']
          : bond === 'chunk' || bond === 'signature'
            ? ['', '', 'neither is of use without the other']
            : [undefined, undefined, ''];
    if (sooner === undefined) return undefined;
    const gap = distance(ownEnd, cookie.expires);
    if (gap < SAME_MS) return undefined;
    const first = ends(ownEnd) < ends(cookie.expires) ? subject.name : name;
    const wrong = sooner === '' || (first !== sooner && later !== undefined);
    if (!wrong) return undefined;
    const [short, long] = first === name ? [name, subject.name] : [subject.name, name];
    const blamed = bond === 'copy' ? long : short;
    const alarm: Alarm = {
      kind: 'clocks',
      at: set.exchange.answeredAt ?? set.exchange.at,
      flowId: set.exchange.flowId,
      sentence: `${subject.name} and ${name} carry one session together, and ${short} ends ${
        Number.isFinite(gap)
          ? `${span(gap)} before ${long}`
          : `at a set moment while ${long} lives until the browser closes`
      }: ${blamed === short ? '' : `${blamed} outlives it, and `}${because}.`,
      evidence: [
        answerOf(own.exchange, `${nameOf(own.exchange)} set ${subject.name}`, setLine(own.cookie)),
        requestOf(set.exchange, `${nameOf(set.exchange)} set ${name}`, setLine(set.cookie)),
      ],
      remedy:
        bond === 'refresh'
          ? `Let ${name} end after ${subject.name}.`
          : bond === 'copy'
            ? `Let ${name} end no later than ${subject.name}, and delete both together.`
            : `Set ${subject.name} and ${name} with the same Max-Age, always together.`,
    };
    return alarm;
  });
}

/** A cookie without an end lives until the browser closes: later than any moment, for this question. */
function ends(expires: number | undefined): number {
  return expires ?? Number.POSITIVE_INFINITY;
}

function distance(a: number | undefined, b: number | undefined): number {
  return a === undefined && b === undefined ? 0 : Math.abs(ends(a) - ends(b));
}
