import type { Handlers } from '../../bridge/contract.ts';
import { askPolicy, askProfiles, policyBand } from '../../frameworks/webpy/simulation/ask.ts';
import type { PolicySubject } from '../../frameworks/webpy/simulation/experiment.ts';
import { computeMatrix } from '../../frameworks/webpy/simulation/matrix.ts';
import type { Sandbox } from '../../frameworks/webpy/stores/sandbox.ts';
import { problem } from '../../model/problem.ts';
import type { Registry } from '../../registry/registry.ts';
import type { SandboxPool } from '../sandbox-pool.ts';
import type { StoreService } from '../store-service.ts';

export interface PolicyHandlerPorts {
  readonly registry: Registry;
  readonly stores: StoreService;
  readonly sandboxes: SandboxPool;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Questions about one session, asked of a scratch copy of its record. */
export function policyHandlers({
  registry,
  stores,
  sandboxes,
  clock,
}: PolicyHandlerPorts): Pick<Handlers, 'policy.ask' | 'lab.matrix'> {
  const onSandbox = async <T>(
    key: string,
    work: (sandbox: Sandbox, subject: PolicySubject) => Promise<T>,
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
    return sandboxes.use(joined.storeId, stores.get(joined.storeId).url, (sandbox) => work(sandbox, subject));
  };
  return {
    'policy.ask': ({ key, question }) =>
      onSandbox(key, async (sandbox, subject) => {
        const versions = await askProfiles(sandbox, subject, question);
        const answer = versions.find((one) => one.question.profile === question.profile);
        return {
          answer: answer ?? (await askPolicy(sandbox, subject, question)),
          band: policyBand(question),
          versions,
        };
      }),
    'lab.matrix': ({ key, question }) =>
      onSandbox(key, (sandbox, subject) => computeMatrix(sandbox, subject, question, { clock })),
  };
}
