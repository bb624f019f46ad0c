import type { Cause } from '../cause.ts';
import { nameOf } from '../evidence.ts';
import { isLogoutPath } from '../read-exchanges.ts';

export const recordEmptied: Cause = {
  id: 'record-emptied',
  title: 'The login was taken out of the record',
  why: 'The record stays, and what says who is logged in is removed: by a logout, or by a request that saved an older state over a newer one (a lost update).',
  tell: 'Keys went from the record, and nothing came in their place.',
  remedy: 'If it was no logout, let requests of one session wait for each other, or save only what has changed.',
  explain(facts, loss) {
    const at = 'in' in loss ? (loss.in.answeredAt ?? loss.in.at) : loss.at;
    const change = facts.records.findLast(
      (one) => one.kind === 'changed' && one.lostKeys.length > 0 && one.at <= at + 1000,
    );
    if (change === undefined || change.kind !== 'changed') return undefined;
    if (loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    const by = facts.exchanges.find((one) => one.flowId === change.flowId);
    const overlapping =
      by === undefined
        ? undefined
        : facts.exchanges.find(
            (one) =>
              one.flowId !== by.flowId &&
              one.at < (by.answeredAt ?? by.at) &&
              (one.answeredAt ?? one.at) > by.at &&
              one.method !== 'GET',
          );
    const keys = change.lostKeys.slice(0, 5).join(', ');
    if (by !== undefined && isLogoutPath(by.address)) {
      return {
        certainty: 'certain',
        sentence: `${nameOf(by)} logged the user out: ${keys} went from the record.`,
        evidence: [{ at: change.at, flowId: by.flowId, text: `${keys} removed from the record` }],
      };
    }
    if (overlapping !== undefined && by !== undefined) {
      return {
        certainty: 'likely',
        sentence: `${nameOf(by)} and ${nameOf(overlapping)} ran at the same time, and the one that saved last wrote over the other: ${keys} went from the record.`,
        evidence: [
          { at: overlapping.at, flowId: overlapping.flowId, text: `${nameOf(overlapping)} begins` },
          { at: by.at, flowId: by.flowId, text: `${nameOf(by)} begins before it has ended` },
          { at: change.at, flowId: by.flowId, text: `${keys} removed from the record` },
        ],
      };
    }
    return {
      certainty: 'likely',
      sentence: `${by === undefined ? 'Something' : nameOf(by)} took ${keys} out of the record.`,
      evidence: [
        { at: change.at, ...(by === undefined ? {} : { flowId: by.flowId }), text: `${keys} removed from the record` },
      ],
    };
  },
};
