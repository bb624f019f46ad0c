import { pathCovers } from '../cookies/cookie-identity.ts';
import { domainMatches } from '../cookies/cookie-rules.ts';
import type { AnsweredCookie, Exchange, Facts, RecordFact } from './facts.ts';
import { isLoginPath, isLogoutPath } from './read-exchanges.ts';

/** What happened to a session (`LossKind`), with the exchanges that show it. */
export type Loss = {
  readonly at: number;
} & (
  | {
      readonly kind:
        | 'not-stored'
        | 'not-sent'
        | 'other-value'
        | 'deleted'
        | 'replaced'
        | 'not-accepted'
        | 'loop'
        | 'login-fails'
        | 'still-in';
      /** The exchange in which it shows. */
      readonly in: Exchange;
      /** The last exchange in which the session was accepted, where there was one. */
      readonly lastGood: Exchange | undefined;
    }
  | {
      readonly kind: 'record-gone' | 'record-emptied' | 'unreadable';
      readonly record: RecordFact;
      readonly lastGood: Exchange | undefined;
    }
);

/** Exchanges with the subject's host, and with other names of it that a user takes for the same. */
function ofHost(facts: Facts): readonly Exchange[] {
  const { host, domain } = facts.subject;
  return facts.exchanges.filter(
    ({ address }) =>
      address.host === host ||
      isTwinHost(address.host, host) ||
      (domain !== undefined && domainMatches(address.hostname, domain)),
  );
}

const SAME_COMPUTER = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0']);

/** Two names of one server to a user, and two hosts to a browser: `localhost:80` and `127.0.0.1:80`, with and without `www.`. */
export function isTwinHost(a: string, b: string): boolean {
  if (a === b) return false;
  if (a === `www.${b}` || b === `www.${a}`) return true;
  const [nameA = '', portA = ''] = split(a);
  const [nameB = '', portB = ''] = split(b);
  return portA === portB && SAME_COMPUTER.has(nameA) && SAME_COMPUTER.has(nameB);
}

function split(host: string): readonly string[] {
  return /^(.*?)(:\d+)?$/.exec(host)?.slice(1) ?? [host];
}

/** Values of the session cookie in the request, in the order of the header. */
export function sentValues(exchange: Exchange, name: string): readonly string[] {
  return exchange.cookies.filter((cookie) => cookie.name === name).map(({ value }) => value);
}

/** Finds the first loss of the session, or undefined while it goes on. Pure; exchanges are in the order of requests. */
export function findLoss(facts: Facts): Loss | undefined {
  const { name, value } = facts.subject;
  const exchanges = ofHost(facts);
  let lastGood: Exchange | undefined;
  let set: { exchange: Exchange; cookie: AnsweredCookie } | undefined;
  let missing: Exchange | undefined;
  let afterLogout: Exchange | undefined;
  for (const exchange of exchanges) {
    const carries = sentValues(exchange, name).includes(value);
    const answer = exchange.set.findLast((cookie) => cookie.name === name);
    if (answer?.value === value && !answer.judgement.removes) {
      set ??= { exchange, cookie: answer };
      missing = undefined;
    }
    if (carries) {
      missing = undefined;
      const found = lossOf(facts, exchange, answer, set?.cookie);
      if (found !== undefined) return { ...found, lastGood };
      if (afterLogout !== undefined && exchange.page === 'content') {
        return { kind: 'still-in', at: exchange.at, in: exchange, lastGood: afterLogout };
      }
      if (exchange.page === 'content' || exchange.page === 'redirect') lastGood = exchange;
      if (isLogoutPath(exchange.address)) afterLogout = exchange;
    } else if (
      isAfter(exchange, set?.exchange ?? lastGood) &&
      answer?.value !== value &&
      isMissed(exchange, set?.cookie)
    ) {
      missing ??= exchange;
      // One request without it may be a picture asked for before the answer came: what counts is that it is a page.
      if (isPage(exchange)) return lost(exchange, sentValues(exchange, name), lastGood);
    }
  }
  if (missing !== undefined) return lost(missing, sentValues(missing, name), lastGood);
  return recordLoss(facts, lastGood) ?? notStoredAtAll(set?.exchange, exchanges);
}

/** Sent when the answer to the other one was there: what went out before cannot carry what it set. */
function isAfter({ at }: Exchange, other: Exchange | undefined): boolean {
  return other !== undefined && at >= (other.answeredAt ?? other.at);
}

type ExchangeLoss = Extract<Loss, { in: Exchange }>;

/** What the answer to a request that carried the session says; undefined while it is accepted. */
function lossOf(
  facts: Facts,
  exchange: Exchange,
  answer: AnsweredCookie | undefined,
  set: AnsweredCookie | undefined,
): Omit<ExchangeLoss, 'lastGood'> | undefined {
  const { at } = exchange;
  // A browser that did not get the answer goes on with what it has.
  if (answer !== undefined && exchange.error === undefined) {
    const deletes = answer.judgement.removes || answer.value === '';
    if (deletes && isSameCookie(answer, set)) return { kind: 'deleted', at, in: exchange };
    // With another path or domain it is a second cookie beside it.
    if (!deletes && answer.value !== facts.subject.value && isSameCookie(answer, set)) {
      return loserOf(facts, exchange) ?? { kind: 'replaced', at, in: exchange };
    }
  }
  if (isRefused(exchange) || isTooLarge(exchange)) return { kind: 'not-accepted', at, in: exchange };
  return undefined;
}

/** Refused, or sent to a login. Who opens the login page itself, or logs out, gets that page by right. */
function isRefused({ page, status, address, request }: Exchange): boolean {
  if (page === 'denied') return true;
  // A picture that is sent to a login says no more than the page that it belongs to.
  if (/^image\//.test(request.get('accept') ?? '')) return false;
  return page === 'login' && !isLogoutPath(address) && !(status < 300 && isLoginPath(address));
}

/** A server or proxy does not take so large a Cookie header. */
export function isTooLarge({ cookieBytes, status, body }: Exchange): boolean {
  return (
    cookieBytes > 4_096 &&
    (status === 431 ||
      (status === 400 && /too large|header/i.test(body)) ||
      (status === 502 && /too big|header/i.test(body)))
  );
}

/** A deletion reaches a cookie only with the same path and domain; where no answer set it, it is taken at its word. */
function isSameCookie({ judgement }: AnsweredCookie, set: AnsweredCookie | undefined): boolean {
  const [deleted, held] = [judgement.cookie, set?.judgement.cookie];
  if (deleted === undefined || held === undefined) return true;
  return deleted.path === held.path && deleted.domain === held.domain;
}

/** A request with the old value that was under way when the id was renewed, and was refused or deleted the new one. */
function loserOf(facts: Facts, winner: Exchange): Omit<ExchangeLoss, 'lastGood'> | undefined {
  const { name, value } = facts.subject;
  const renewedAt = winner.answeredAt ?? winner.at;
  for (const exchange of ofHost(facts)) {
    if (exchange === winner || exchange.at >= renewedAt || (exchange.answeredAt ?? 0) < renewedAt) continue;
    if (!sentValues(exchange, name).includes(value)) continue;
    const deletes = exchange.set.some((cookie) => cookie.name === name && cookie.judgement.removes);
    if (deletes) return { kind: 'deleted', at: exchange.at, in: exchange };
    if (isRefused(exchange)) {
      return { kind: 'not-accepted', at: exchange.at, in: exchange };
    }
  }
  return undefined;
}

/** The cookie would have gone with it by its path, or the page asks for a login because it did not. */
function isMissed(exchange: Exchange, set: AnsweredCookie | undefined): boolean {
  const path = set?.judgement.cookie?.path ?? '/';
  return pathCovers(path, exchange.address.pathname) || exchange.page === 'denied' || exchange.page === 'login';
}

/** Something the user sees: a navigation, or an answer that refuses. */
function isPage(exchange: Exchange): boolean {
  return exchange.navigation || exchange.page === 'denied' || exchange.page === 'login' || exchange.set.length > 0;
}

function lost(exchange: Exchange, sent: readonly string[], lastGood: Exchange | undefined): Loss {
  const kind = sent.length > 0 ? 'other-value' : lastGood === undefined ? 'not-stored' : 'not-sent';
  return { kind, at: exchange.at, in: exchange, lastGood };
}

function recordLoss({ records }: Facts, lastGood: Exchange | undefined): Loss | undefined {
  const last = records.at(-1);
  if (last === undefined) return undefined;
  if (last.kind === 'gone') return { kind: 'record-gone', at: last.at, record: last, lastGood };
  if (last.kind === 'unreadable') return { kind: 'unreadable', at: last.at, record: last, lastGood };
  if (last.kind === 'changed' && last.lostKeys.length > 0 && last.gainedKeys.length === 0) {
    return { kind: 'record-emptied', at: last.at, record: last, lastGood };
  }
  return undefined;
}

/** Set once, refused by the browser's rules, and nothing came afterwards that could have carried it. */
function notStoredAtAll(set: Exchange | undefined, exchanges: readonly Exchange[]): Loss | undefined {
  if (set === undefined || exchanges.at(-1) !== set) return undefined;
  const refused = set.set.some(({ judgement }) => !judgement.stored && !judgement.removes);
  return refused ? { kind: 'not-stored', at: set.at, in: set, lastGood: undefined } : undefined;
}

/** The same redirects four times or more in a row: a symptom of its own, whatever the session is. */
export function findLoop(exchanges: readonly Exchange[]): Exchange | undefined {
  const seen = new Map<string, number>();
  for (const exchange of exchanges) {
    if (exchange.status < 300 || exchange.status >= 400) {
      if (exchange.navigation) seen.clear();
      continue;
    }
    const key = `${exchange.method} ${exchange.address.url} ${exchange.location?.url ?? ''}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count >= 4) return exchange;
  }
  return undefined;
}

/** A login and the page after it are seconds apart, also where the user looks at a code in between. */
const LOGIN_MS = 5 * 60_000;

/**
 * A login that never completes: what came back from an identity provider was refused, or a login was answered as if it
 * had worked and the next page asks for one again. `lastGood` is the attempt.
 */
export function findLoginLoss(exchanges: readonly Exchange[], until: Exchange): Loss | undefined {
  const before = exchanges.filter(({ at }) => at <= until.at && at > until.at - LOGIN_MS);
  if (isCallback(until) && (until.status >= 400 || until.page === 'login')) {
    return {
      kind: 'login-fails',
      at: until.at,
      in: until,
      lastGood: before.findLast((one) => one !== until && one.location !== undefined),
    };
  }
  if (until.page !== 'login' && until.page !== 'denied') return undefined;
  const attempt = before.findLast(
    (one) =>
      one !== until &&
      one.method === 'POST' &&
      isLoginPath(one.address) &&
      one.page !== 'login' &&
      one.status >= 200 &&
      one.status < 400,
  );
  const between =
    attempt === undefined
      ? []
      : before.filter(({ at, page }) => at > attempt.at && at < until.at && page === 'content');
  if (attempt === undefined || between.some(({ navigation, address }) => navigation && !isLoginPath(address)))
    return undefined;
  return { kind: 'login-fails', at: until.at, in: until, lastGood: attempt };
}

/** Where an identity provider sends the browser back to. */
function isCallback({ address, method, crossSite }: Exchange): boolean {
  const named = /callback|redirect|return|signin-|oauth|oidc|saml|acs/i.test(address.pathname);
  return (
    (named && crossSite && method === 'POST') ||
    (/[?&]state=/.test(address.search) && /[?&](code|error)=/.test(address.search))
  );
}
