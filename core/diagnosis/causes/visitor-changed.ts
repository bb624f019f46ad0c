import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';

export const visitorChanged: Cause = {
  id: 'visitor-changed',
  title: 'Address or User-Agent changed',
  why: 'Some applications end a session that comes from another address or browser than the one that began it.',
  tell: 'The first request that was refused is also the first one with the other address or User-Agent.',
  remedy:
    'Do not bind sessions to addresses: mobile networks and proxies change them. Ask again for the password instead where it matters.',
  explain({ subject }, loss) {
    if (!('in' in loss) || loss.lastGood === undefined) return undefined;
    if (loss.kind !== 'not-accepted' && loss.kind !== 'replaced' && loss.kind !== 'deleted') return undefined;
    const before = loss.lastGood;
    const changed: [string, string, string][] = [];
    if (before.client !== loss.in.client) changed.push(['address', before.client, loss.in.client]);
    const agents = [before, loss.in].map(({ request }) => request.get('user-agent') ?? '');
    if (agents[0] !== agents[1]) changed.push(['User-Agent', agents[0] ?? '', agents[1] ?? '']);
    if (changed.length === 0) return undefined;
    return {
      certainty: 'likely',
      sentence: `The visitor’s ${changed.map(([what]) => what).join(' and ')} changed with the request at which ${subject.name} was no longer accepted.`,
      evidence: [
        ...changed.map(([what, was, is]) => requestOf(loss.in, `${what}: ${was} before, ${is} now`)),
        requestOf(loss.in, `${nameOf(loss.in)} was answered ${loss.in.status}`),
      ],
      missing: ['The same request once more from the old address'],
    };
  },
};
