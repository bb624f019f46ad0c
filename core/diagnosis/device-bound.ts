import type { Exchange } from './facts.ts';

const ANSWERS = [
  'secure-session-registration',
  'secure-session-challenge',
  'sec-session-registration',
  'sec-session-challenge',
];
const ASKS = [
  'sec-secure-session-id',
  'secure-session-response',
  'sec-session-id',
  'sec-session-response',
  'secure-session-skipped',
];

/** The newest exchange that belongs to a device-bound session (DBSC): registration, challenge or refresh. */
export function deviceBound(exchanges: readonly Exchange[]): { exchange: Exchange; line: string } | undefined {
  for (const exchange of exchanges.toReversed()) {
    const answer = ANSWERS.find((field) => exchange.response.get(field) !== undefined);
    if (answer !== undefined) return { exchange, line: `${answer}: ${exchange.response.get(answer)}` };
    const ask = ASKS.find((field) => exchange.request.get(field) !== undefined);
    if (ask !== undefined) return { exchange, line: `${ask}: ${exchange.request.get(ask)}` };
  }
  return undefined;
}
