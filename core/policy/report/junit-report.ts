import type { ExperimentEvidence } from '../../model/lab.ts';
import { type JunitCase, junitXml } from './junit-xml.ts';
import type { LabReport } from './report.ts';

/**
 * JUnit XML as CI systems read it: one case for each experiment. A verdict other than the expected one is a failure,
 * `not-applicable` is skipped, a run that broke off is an error.
 */
export function junitReport({ run, experiments, target, expected = {} }: LabReport): string {
  const titles = new Map(experiments.map(({ id, title }) => [id, title]));
  const cases = run.outcomes.map(({ experimentId, verdict, sentence, tookMs, evidence }): JunitCase => {
    const wanted = expected[experimentId] ?? 'holds';
    const name = `${experimentId}: ${titles.get(experimentId) ?? ''}`;
    const base = { classname: target.origin, name, tookMs };
    if (verdict === wanted) return base;
    if (verdict === 'not-applicable') return { ...base, skipped: sentence };
    const message = `expected ${wanted}, got ${verdict}: ${sentence}`;
    return { ...base, failure: { type: verdict, message, text: evidenceText(evidence) } };
  });
  if (run.problem !== undefined || run.state !== 'done' || !run.restored) {
    const error = run.problem?.message ?? (run.restored ? `The run was ${run.state}` : 'Not everything was restored');
    cases.push({ classname: target.origin, name: 'run', tookMs: 0, error });
  }
  return junitXml([{ name: `Session policy of ${target.origin}`, startedAt: run.startedAt, cases }]);
}

/** Evidence as plain text, one block for each request. */
export function evidenceText(evidence: readonly ExperimentEvidence[]): string {
  return evidence
    .map(({ title, text, request = '', response = '', recordBefore, recordAfter }) =>
      [
        `${title}: ${text}`,
        request,
        response,
        recordBefore === undefined ? '' : `record: ${recordBefore} → ${recordAfter ?? ''}`,
      ]
        .filter((part) => part !== '')
        .join('\n'),
    )
    .join('\n\n');
}
