import type { Cause } from '../cause.ts';
import { nameOf, requestOf, span } from '../evidence.ts';

const EVICTS = /redis|valkey|memcache/i;

export const storeEvicted: Cause = {
  id: 'store-evicted',
  title: 'The store threw the record out before its time',
  why: 'A store with a limit of memory (Redis with maxmemory, Memcached) removes keys that have not run out yet when it is full.',
  tell: 'The record went with time left, and not during a request that could have removed it.',
  remedy: 'Give the store more memory, or keep sessions apart from caches with maxmemory-policy noeviction.',
  explain(facts, loss) {
    const gone = facts.records.findLast((one) => one.kind === 'gone');
    if (gone === undefined || gone.kind !== 'gone' || gone.removedHere || gone.flowId !== undefined) return undefined;
    if (loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    if (!EVICTS.test(gone.storeKind ?? '')) return undefined;
    const left = gone.expires == null ? undefined : gone.expires - gone.at;
    if (left !== undefined && left <= 0) return undefined;
    return {
      certainty: left === undefined ? 'possible' : 'likely',
      sentence: `The record went from ${gone.storeKind} ${left === undefined ? '' : `with ${span(left)} left `}while no request of this visitor was under way: the store was full, or somebody deleted it.`,
      evidence: [
        { at: gone.at, text: 'The record is gone' },
        ...(gone.expires == null ? [] : [{ at: gone.expires, text: 'It would have ended here' }]),
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      missing: ['evicted_keys and maxmemory_policy of the store (redis-cli INFO)'],
    };
  },
};
