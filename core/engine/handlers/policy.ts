import type { Handlers } from '../../bridge/contract.ts';
import { problem } from '../../model/problem.ts';
import { askPolicy, askProfiles, policyBand } from '../../policy/ask.ts';
import type { PolicySubject } from '../../policy/experiment.ts';
import { computeMatrix } from '../../policy/matrix.ts';
import type { ScratchBench } from '../../stores/scratch-bench.ts';
import type { Parts } from '../parts.ts';

/** Questions about one session, asked of a scratch copy of its record. */
export function policyHandlers({
  registry,
  stores,
  benches,
  clock,
}: Parts): Pick<Handlers, 'policy.ask' | 'lab.matrix'> {
  const onBench = async <T>(
    key: string,
    work: (bench: ScratchBench, subject: PolicySubject) => Promise<T>,
  ): Promise<T> => {
    const session = registry.get(key);
    if (session === undefined) throw problem('not-found', 'That session is not in this workspace any more');
    const joined = session.record;
    if (joined === undefined || !stores.has(joined.storeId)) {
      throw problem('no-record', 'The question needs the record of this session', {
        remedy: 'Attach the store of the application, then ask again.',
      });
    }
    const subject: PolicySubject = {
      recordId: joined.id,
      cookieValue: session.raw,
      cookieName: session.carrier.kind === 'cookie' ? session.carrier.name : 'webpy_session_id',
      now: clock(),
    };
    return benches.use(joined.storeId, stores.get(joined.storeId).url, (bench) => work(bench, subject));
  };
  return {
    'policy.ask': ({ key, question }) =>
      onBench(key, async (bench, subject) => {
        const versions = await askProfiles(bench, subject, question);
        const answer = versions.find((one) => one.question.profile === question.profile);
        return { answer: answer ?? (await askPolicy(bench, subject, question)), band: policyBand(question), versions };
      }),
    'lab.matrix': ({ key, question }) =>
      onBench(key, (bench, subject) => computeMatrix(bench, subject, question, { clock })),
  };
}
