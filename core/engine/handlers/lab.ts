import type { Handlers } from '../../bridge/contract.ts';
import type { Parts } from '../parts.ts';

/** The policy lab on live applications. */
export function labHandlers({
  lab,
}: Parts): Pick<Handlers, 'lab.catalog' | 'lab.run' | 'lab.runs' | 'lab.cancel' | 'lab.report'> {
  return {
    'lab.catalog': async () => ({ experiments: lab.catalog() }),
    'lab.run': async (request) => ({ runId: await lab.start(request) }),
    'lab.runs': async () => ({ runs: lab.runs() }),
    'lab.cancel': async ({ runId }) => {
      await lab.cancel(runId);
      return {};
    },
    'lab.report': async ({ runId, form }) => lab.report(runId, form),
  };
}
