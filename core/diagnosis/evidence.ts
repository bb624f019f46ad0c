import type { Evidence } from '../model/diagnosis.ts';
import type { AnsweredCookie, Exchange, Facts, RecordFact } from './facts.ts';
import { type Loss, sentValues } from './loss.ts';

/** `GET /news`, cut in the middle of long paths. */
export function nameOf({ method, address }: Exchange): string {
  const path = address.pathname + address.search;
  return `${method} ${path.length > 80 ? `${path.slice(0, 50)}…${path.slice(-25)}` : path}`;
}

export function requestOf(exchange: Exchange, text: string, line?: string): Evidence {
  return { flowId: exchange.flowId, at: exchange.at, text, ...(line === undefined ? {} : { line }) };
}

export function answerOf(exchange: Exchange, text: string, line?: string): Evidence {
  return {
    flowId: exchange.flowId,
    at: exchange.answeredAt ?? exchange.at,
    text,
    ...(line === undefined ? {} : { line }),
  };
}

/** What was sent, with the value cut so that it can be read out. */
export function sentLine(exchange: Exchange, name: string): string {
  const values = sentValues(exchange, name);
  return values.length === 0
    ? `Cookie: (no ${name})`
    : `Cookie: ${values.map((value) => `${name}=${short(value)}`).join('; ')}`;
}

export function short(value: string): string {
  return value.length > 20 ? `${value.slice(0, 8)}…${value.slice(-4)}` : value;
}

/** The value of a Set-Cookie cut, its attributes whole. */
export function setLine({ text, value }: AnsweredCookie): string {
  return `Set-Cookie: ${value.length > 20 ? text.replace(value, short(value)) : text}`;
}

/** The last answer before a moment that set the session's value; undefined when none was seen. */
export function setBefore(facts: Facts, at: number): { exchange: Exchange; cookie: AnsweredCookie } | undefined {
  const { name, value } = facts.subject;
  for (const exchange of facts.exchanges.toReversed()) {
    if ((exchange.answeredAt ?? exchange.at) > at) continue;
    const cookie = exchange.set.findLast((one) => one.name === name && one.value === value);
    if (cookie !== undefined && !cookie.judgement.removes) return { exchange, cookie };
  }
  return undefined;
}

/** `4 s`, `24 h 2 min`: a span of milliseconds with its two largest units. */
export function span(ms: number): string {
  const units: readonly [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  const parts: string[] = [];
  let rest = Math.round(Math.abs(ms) / 1000) * 1000;
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

/** Milliseconds after an answer within which a removal is noticed that happened before it. */
const NOTICED_WITHIN = 1_000;

/** The removal of the record that a loss may come from: before it, and the record was not there again in between. */
export function removalFor({ records }: Facts, loss: Loss): Extract<RecordFact, { readonly kind: 'gone' }> | undefined {
  const at = records.findLastIndex(({ kind }) => kind === 'gone');
  const gone = records[at];
  if (gone?.kind !== 'gone') return undefined;
  if ('in' in loss && gone.at > (loss.in.answeredAt ?? loss.in.at) + NOTICED_WITHIN) return undefined;
  const back = records.slice(at + 1).some((one) => one.kind === 'found' && one.at <= loss.at);
  return back ? undefined : gone;
}
