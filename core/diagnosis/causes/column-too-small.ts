import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';

const TOO_LONG =
  /data too long for column|value too long for type|would be truncated|string or binary data would be|max_allowed_packet|object too large for cache|item too large/i;

export const columnTooSmall: Cause = {
  id: 'column-too-small',
  title: 'The data is larger than its place in the store',
  why: 'A column (64 kB for MySQL’s TEXT and BLOB) or a limit of the store refuses or cuts the record; what was stored before stays, or nothing is readable.',
  tell: 'An answer before the loss speaks of a value that is too long, or the record ends in the middle at a power of two.',
  remedy: 'Make the column larger (MEDIUMBLOB), and keep less in the session.',
  explain(facts, loss) {
    const failed = facts.exchanges.findLast(
      ({ at, status, body }) => at <= loss.at && status >= 500 && TOO_LONG.test(body),
    );
    if (failed === undefined || loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    return {
      certainty: 'likely',
      sentence: `The store refused the record as too large in ${nameOf(failed)} (${TOO_LONG.exec(failed.body)?.[0]}).`,
      evidence: [
        answerOf(failed, `${nameOf(failed)} was answered ${failed.status}`, TOO_LONG.exec(failed.body)?.[0]),
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      missing: ['The size of the record beside the limit of the store'],
    };
  },
};
