import type { ExperimentEvidence, ExperimentOutcome } from '../../model/lab.ts';
import { duration } from '../duration.ts';
import { escapeMarkup as e } from './markup.ts';
import type { LabReport } from './report.ts';

/** Each verdict has a sign and a word beside its colour. */
const SIGNS = { holds: '✓', 'does-not-hold': '✗', 'cannot-tell': '?', 'not-applicable': '–' } as const;
const WORDS = {
  holds: 'holds',
  'does-not-hold': 'does not hold',
  'cannot-tell': 'cannot tell',
  'not-applicable': 'not applicable',
} as const;

const STYLE = `
:root { color-scheme: light dark; --line: #8885; --good: #0072b2; --bad: #b3401f; --dim: #777; }
@media (prefers-color-scheme: dark) { :root { --good: #56b4e9; --bad: #f0986d; --dim: #aaa; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 0 0 .3rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
.verdict { font-weight: 600; } .holds { color: var(--good); } .does-not-hold { color: var(--bad); }
.cannot-tell, .not-applicable, .dim { color: var(--dim); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 4px; padding: .5rem; font-size: .85rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
`;

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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${e(`Session policy of ${target.origin}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Session policy of ${e(target.origin)}</h1>
<p>${e(counts)}</p>
<table>${facts.map(([name, value]) => `<tr><th scope="row">${e(name)}</th><td>${e(value)}</td></tr>`).join('\n')}</table>
${run.outcomes
  .map((outcome) => {
    const meta = metas.get(outcome.experimentId);
    const numbers = [...(meta?.wstg ?? []), ...(meta?.asvs ?? []).map((number) => `ASVS ${number}`)].join(', ');
    return `<section>
<h2>${e(meta?.title ?? outcome.experimentId)}</h2>
${verdictLine(outcome)}
${(outcome.measured ?? []).map(({ label, value, unit }) => `<p>${e(`${label}: ${value} ${unit}`)}</p>`).join('\n')}
<p class="dim">${e(meta?.why ?? '')} ${e(numbers)}</p>
<details><summary>Evidence (${outcome.evidence.length})</summary>${outcome.evidence.map(evidence).join('\n')}</details>
</section>`;
  })
  .join('\n')}
</body>
</html>
`;
}

function verdictLine({ verdict, sentence }: ExperimentOutcome): string {
  return `<p><span class="verdict ${verdict}">${SIGNS[verdict]} ${WORDS[verdict]}</span> ${e(sentence)}</p>`;
}

function evidence({ title, text, request, response, recordBefore, recordAfter }: ExperimentEvidence): string {
  const block = (content: string | undefined) => (content === undefined ? '' : `<pre>${e(content)}</pre>`);
  const record =
    recordBefore === undefined ? '' : `<p>Record before: ${e(recordBefore)}<br>after: ${e(recordAfter ?? '')}</p>`;
  return `<h3>${e(title)}</h3><p>${e(text)}</p>${block(request)}${block(response)}${record}`;
}
