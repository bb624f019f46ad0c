import type { ExperimentMeta, LabRun } from '../../model/lab.ts';
import { htmlReport } from './html-report.ts';
import { junitReport } from './junit-report.ts';

/** Everything a report is made of. */
export interface LabReport {
  readonly run: LabRun;
  readonly experiments: readonly ExperimentMeta[];
  readonly target: {
    readonly origin: string;
    readonly cookie: { readonly name: string; readonly raw: string };
    readonly verification: { readonly method: string; readonly url: string };
    readonly logout?: { readonly method: string; readonly url: string };
    /** Names of the other cookies of the verification request. */
    readonly otherCookies?: readonly string[];
    /** Password masked. */
    readonly store?: string;
  };
  /** Verdicts that a policy asked for, by experiment; `holds` where nothing else is said. */
  readonly expected?: Readonly<Record<string, string>>;
}

/** A run as a document that stands for itself. The session id is in none of them. */
export function reportAs(report: LabReport, form: 'html' | 'json' | 'junit'): { name: string; text: string } {
  const name = `policy-lab-${new Date(report.run.startedAt).toISOString().slice(0, 19).replaceAll(':', '-')}`;
  if (form === 'html') return { name: `${name}.html`, text: htmlReport(report) };
  if (form === 'junit') return { name: `${name}.xml`, text: junitReport(report) };
  return { name: `${name}.json`, text: jsonReport(report) };
}

/** The same data as a program reads it. */
function jsonReport({ run, experiments, target, expected }: LabReport): string {
  const metas = new Map(experiments.map((meta) => [meta.id, meta]));
  return `${JSON.stringify(
    {
      version: 1,
      title: run.title,
      startedAt: new Date(run.startedAt).toISOString(),
      state: run.state,
      restored: run.restored,
      ...(run.problem === undefined ? {} : { problem: run.problem }),
      target: { ...target, cookie: { name: target.cookie.name } },
      settings: run.settings,
      outcomes: run.outcomes.map((outcome) => {
        const { title, why, wstg = [], asvs = [] } = metas.get(outcome.experimentId) ?? {};
        const wanted = expected?.[outcome.experimentId];
        return { ...outcome, title, why, wstg, asvs, ...(wanted === undefined ? {} : { expected: wanted }) };
      }),
    },
    null,
    2,
  )}\n`;
}
