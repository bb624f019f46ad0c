import { duration } from '../../model/duration.ts';
import type { ExperimentOutcome } from '../../model/lab.ts';
import { evidenceHtml, factsTable, htmlPage, SIGNS, WORDS } from './html-page.ts';
import { escapeMarkup as e } from './markup.ts';
import type { LabReport } from './report.ts';

/** One file without anything from elsewhere; readable with styles off, in print, and without colours. */
export function htmlReport({ run, experiments, target }: LabReport): string {
  const metas = new Map(experiments.map((meta) => [meta.id, meta]));
  const { settings } = run;
  const facts: readonly (readonly [string, string])[] = [
    ['Application', target.origin],
    ['Session cookie', target.cookie.name],
    ['Verification request', `${target.verification.method} ${target.verification.url}`],
    ...(target.logout === undefined ? [] : [['Logout', `${target.logout.method} ${target.logout.url}`] as const]),
    ['Store', target.store ?? 'not attached'],
    ['Idle time', duration(settings.idleSeconds)],
    ['Absolute lifetime', settings.absoluteSeconds === null ? 'not asked' : duration(settings.absoluteSeconds)],
    ['Address', settings.addressMayChange ? 'may change' : 'may not change'],
    ['Started', new Date(run.startedAt).toISOString()],
    ['State', `${run.state}${run.restored ? ', everything was put back' : ', not everything could be put back'}`],
    ...(run.problem === undefined ? [] : [['Problem', run.problem.message] as const]),
  ];
  const counts = Object.entries(WORDS)
    .map(([verdict, words]) => `${run.outcomes.filter((one) => one.verdict === verdict).length} ${words}`)
    .join(', ');
  const title = `Session policy of ${target.origin}`;
  return htmlPage(
    title,
    `<h1>${e(title)}</h1>
<p>${e(counts)}</p>
${factsTable(facts)}
${run.outcomes
  .map((outcome) => {
    const meta = metas.get(outcome.experimentId);
    const numbers = [...(meta?.wstg ?? []), ...(meta?.asvs ?? []).map((number) => `ASVS ${number}`)].join(', ');
    return `<section>
<h2>${e(meta?.title ?? outcome.experimentId)}</h2>
${verdictLine(outcome)}
${(outcome.measured ?? []).map(({ label, value, unit }) => `<p>${e(`${label}: ${value} ${unit}`)}</p>`).join('\n')}
<p class="dim">${e(meta?.why ?? '')} ${e(numbers)}</p>
${evidenceHtml(outcome.evidence)}
</section>`;
  })
  .join('\n')}`,
  );
}

function verdictLine({ verdict, sentence }: ExperimentOutcome): string {
  return `<p><span class="verdict ${verdict}">${SIGNS[verdict]} ${WORDS[verdict]}</span> ${e(sentence)}</p>`;
}
