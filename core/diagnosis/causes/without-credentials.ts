import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';

export const withoutCredentials: Cause = {
  id: 'without-credentials',
  title: 'A fetch without credentials',
  why: 'fetch() sends no cookies to another origin unless it says credentials: "include", and the answer must allow it.',
  tell: 'A script’s request to another origin carries no cookie at all, while pages of the host still do.',
  remedy:
    'Use fetch(url, { credentials: "include" }), and answer with Access-Control-Allow-Credentials: true and the exact origin.',
  nothingLost: true,
  explain(facts, loss) {
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    const { request, cookies } = loss.in;
    const mode = request.get('sec-fetch-mode');
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const byWord = mode === 'cors' && site !== undefined && site !== 'same-origin' && site !== 'none';
    // Browsers say so to https and loopback only; a script's request to another origin names its own all the same.
    const byOrigin =
      mode === undefined && origin !== undefined && origin !== loss.in.address.origin && !loss.in.navigation;
    if ((!byWord && !byOrigin) || cookies.length > 0) return undefined;
    const still = facts.exchanges.some(
      (one) =>
        one.at > loss.at &&
        one.cookies.some(({ name, value }) => name === facts.subject.name && value === facts.subject.value),
    );
    return {
      certainty: still ? 'certain' : 'likely',
      sentence: `${nameOf(loss.in)} was sent by a script of ${request.get('origin') ?? 'another origin'} without credentials, so the browser left all cookies out.`,
      evidence: [
        requestOf(
          loss.in,
          'A request of a script to another origin',
          byWord ? `Sec-Fetch-Mode: cors · Sec-Fetch-Site: ${site}` : `Origin: ${origin}`,
        ),
        requestOf(loss.in, 'No Cookie header'),
      ],
      ...(still ? {} : { missing: ['A later page of the host that still carries the cookie'] }),
    };
  },
};
