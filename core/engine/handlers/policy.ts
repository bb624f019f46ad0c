import type { Handlers } from '../../bridge/contract.ts';
import { problem } from '../../model/problem.ts';
import { askPolicy, type PolicySubject, policyBand } from '../../policy/ask.ts';
import { computeMatrix } from '../../policy/matrix.ts';
import type { Parts } from '../parts.ts';

/** Questions about one session, asked of a scratch copy of its record. */
export function policyHandlers({ registry, stores, clock }: Parts): Pick<Handlers, 'policy.ask' | 'lab.matrix'> {
  const subjectOf = async (key: string): Promise<PolicySubject> => {
    const session = registry.get(key);
    if (session === undefined) throw problem('not-found', 'That session is not in this workspace any more');
    const joined = session.record;
    const store = joined === undefined ? undefined : stores.get(joined.storeId);
    const record = joined === undefined ? undefined : await store?.read(joined.id);
    if (store === undefined || record === undefined) {
      throw problem('no-record', 'The question needs the record of this session', {
        remedy: 'Attach the store of the application, then ask again.',
      });
    }
    return {
      record,
      cookieValue: session.raw,
      cookieName: session.carrier.kind === 'cookie' ? session.carrier.name : 'webpy_session_id',
      foldsCase: store.traits.foldsCase,
      now: clock(),
    };
  };
  return {
    'policy.ask': async ({ key, question }) => ({
      answer: await askPolicy(await subjectOf(key), question),
      band: policyBand(question.parameters),
    }),
    'lab.matrix': async ({ key, question }) => computeMatrix(await subjectOf(key), question, { clock }),
  };
}
