import type { Exchange, Facts } from './facts.ts';
import type { Loss } from './loss.ts';

/** Exchanges of other visitors with the subject's host between the last good request and the loss, newest first. */
export function othersMeanwhile(facts: Facts, loss: Loss): readonly Exchange[] {
  const from = loss.lastGood?.at ?? Number.POSITIVE_INFINITY;
  return facts.others
    .filter(({ at, address }) => address.host === facts.subject.host && at > from && at < loss.at)
    .toReversed();
}

/** What the application did may be a refusal, a deletion, another id, or a record that went. */
export function endedAtServer({ kind }: Loss): boolean {
  return (
    kind === 'not-accepted' ||
    kind === 'deleted' ||
    kind === 'replaced' ||
    kind === 'record-gone' ||
    kind === 'record-emptied'
  );
}
