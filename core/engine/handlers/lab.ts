import type { HandlersOf } from '../../bridge/contract.ts';
import type { lab as table } from '../../bridge/operations/lab.ts';
import type { LabService } from '../lab-service.ts';

/** The policy lab on live applications. */
export function labHandlers({
  lab,
}: {
  readonly lab: LabService;
}): Omit<HandlersOf<typeof table>, 'policy.ask' | 'lab.matrix'> {
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
