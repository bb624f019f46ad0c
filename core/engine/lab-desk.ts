import type { RequestOf } from '../bridge/contract.ts';
import type { ExperimentMeta, LabRun } from '../model/lab.ts';
import { problem } from '../model/problem.ts';

/** Runs of experiments on live applications: started, watched, cancelled, reported. */
export class LabDesk {
  catalog(): readonly ExperimentMeta[] {
    return [];
  }

  runs(): readonly LabRun[] {
    return [];
  }

  async start(_request: RequestOf<'lab.run'>): Promise<string> {
    throw problem('no-experiment', 'There is no such experiment');
  }

  async cancel(_runId: string): Promise<void> {}

  report(runId: string, _form: 'html' | 'json' | 'junit' | 'policy'): { name: string; text: string } {
    throw problem('not-found', `There is no run ${runId}`);
  }
}
