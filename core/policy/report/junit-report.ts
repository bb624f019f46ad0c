import { escapeMarkup as e } from './markup.ts';
import type { LabReport } from './report.ts';

/**
 * JUnit XML as CI systems read it: one case for each experiment. A verdict other than the expected one is a failure,
 * `not-applicable` is skipped, a run that broke off is an error.
 */
export function junitReport({ run, experiments, target, expected = {} }: LabReport): string {
  const titles = new Map(experiments.map(({ id, title }) => [id, title]));
  let failures = 0;
  let skipped = 0;
  const cases = run.outcomes.map((outcome) => {
    const { experimentId, verdict, sentence, tookMs, evidence } = outcome;
    const wanted = expected[experimentId] ?? 'holds';
    const head = `    <testcase classname="${e(target.origin)}" name="${e(`${experimentId}: ${titles.get(experimentId) ?? ''}`)}" time="${(tookMs / 1000).toFixed(3)}"`;
    if (verdict === wanted) return `${head}/>`;
    if (verdict === 'not-applicable') {
      skipped += 1;
      return `${head}>\n      <skipped message="${e(sentence)}"/>\n    </testcase>`;
    }
    failures += 1;
    const shown = evidence
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
    return `${head}>\n      <failure type="${verdict}" message="${e(`expected ${wanted}, got ${verdict}: ${sentence}`)}">${e(shown)}</failure>\n    </testcase>`;
  });
  const broken = run.problem === undefined && run.state === 'done' && run.restored ? 0 : 1;
  if (broken > 0) {
    const message = run.problem?.message ?? (run.restored ? `The run was ${run.state}` : 'Not everything was restored');
    cases.push(
      `    <testcase classname="${e(target.origin)}" name="run">\n      <error message="${e(message)}"/>\n    </testcase>`,
    );
  }
  const time = run.outcomes.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1000;
  const counts = `tests="${cases.length}" failures="${failures}" errors="${broken}" skipped="${skipped}" time="${time.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${e(`Session policy of ${target.origin}`)}" timestamp="${new Date(run.startedAt).toISOString().slice(0, 19)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
