import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const otherSecret: Cause = {
  id: 'other-secret',
  title: 'Made with another secret',
  why: 'A deployment, a restart or another worker with a key of its own makes every value that was signed before invalid.',
  tell: 'The signature does not fit the key that the application uses now; with a key for each worker it fits only every n-th time.',
  remedy:
    'Keep the key outside the program, the same for all workers and deployments, and keep the old one for reading while it is changed.',
  explain(facts, loss) {
    const { subject } = facts;
    if (subject.signature !== 'invalid' || !('in' in loss)) return undefined;
    if (loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    const sent = facts.exchanges.filter((one) => sentValues(one, subject.name).includes(subject.value));
    const accepted = sent.filter(({ page }) => page === 'content').length;
    const refused = sent.filter(({ page }) => page === 'login' || page === 'denied').length;
    const alternates =
      accepted > 0 &&
      refused > 1 &&
      sent.findIndex(({ page }) => page !== 'content') < sent.findLastIndex(({ page }) => page === 'content');
    return {
      certainty: 'likely',
      sentence: alternates
        ? `${subject.name} is accepted only sometimes (${accepted} of ${accepted + refused}): the workers use different keys.`
        : `${subject.name} is signed with another key than the application’s present one.`,
      evidence: [
        requestOf(
          loss.in,
          `${nameOf(loss.in)} was answered ${loss.in.status}; the signature does not fit the known key`,
        ),
      ],
      missing: ['Whether the key that is known here is the one that the application uses'],
    };
  },
};
