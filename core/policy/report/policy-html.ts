import { duration } from '../../model/duration.ts';
import type { LiveResult, PolicyResult, SimulatedResult } from '../file/result.ts';
import { failedFirst, notCovered } from './coverage.ts';
import { evidenceHtml, factsTable, htmlPage, WORDS } from './html-page.ts';
import { escapeMarkup as e } from './markup.ts';
import { answerLines } from './policy-junit.ts';
import { gotText } from './policy-rows.ts';

/** A run of policies as one page with its evidence. */
export function policyHtml(results: readonly PolicyResult[]): string {
  const title = results.length === 1 ? `Session policy: ${results[0]?.title ?? ''}` : 'Session policies';
  const bodies = results.map(
    (result) => `<h1>${e(`Session policy: ${result.title}`)}</h1>
<p class="verdict ${result.passed ? 'holds' : 'does-not-hold'}">${result.passed ? '✓ All is as expected' : `✗ ${e(shortfall(result))}`}</p>
${summaryLine(result)}
${factsTable(factsOf(result))}
${result.simulated.map(simulatedSection).join('\n')}
${failedFirst(result.live).map(liveSection).join('\n')}
${coverageSection(result)}`,
  );
  return htmlPage(title, bodies.join('\n'));
}

/** What the run says nothing about, so that green rows do not look like a pass of everything. */
function coverageSection({ live, leftOver, unsteady }: PolicyResult): string {
  if (live.length === 0) return '';
  const rows = notCovered(live).map(({ number, about }) => `<li>${e(`${number}: ${about}`)}</li>`);
  const notes = [...leftOver.map((one) => `Left over: ${one}`), ...unsteady.map((one) => `Unsteady: ${one}`)];
  return `<section>
<h2>Not covered</h2>
<p>About these requirements the run found nothing: they were not asked, do not apply, or stayed open.</p>
<ul>${rows.join('\n')}</ul>
${notes.map((note) => `<p>${e(note)}</p>`).join('\n')}
</section>`;
}

/** Counts for whoever reads no further. */
function summaryLine({ live }: PolicyResult): string {
  const count = (verdict: string) => live.filter(({ outcome }) => outcome.verdict === verdict).length;
  const severe = live.filter(
    ({ outcome, meta }) => outcome.verdict === 'does-not-hold' && meta.severity === 'high',
  ).length;
  return live.length === 0
    ? ''
    : `<p>${count('does-not-hold')} do not hold (${severe} of them severe), ${count('cannot-tell')} cannot be told, ${count('holds')} hold, ${count('not-applicable')} do not apply.</p>`;
}

function shortfall({ simulated, live, notAsked, problem, state, restored }: PolicyResult): string {
  const odd = [...simulated, ...live].filter(({ asExpected }) => !asExpected).length;
  const parts = [
    ...(odd === 0 ? [] : [`${odd} not as expected`]),
    ...(notAsked.length === 0 ? [] : [`${notAsked.length} not asked`]),
    ...(problem === undefined ? (state === 'done' ? [] : [`the run was ${state}`]) : [problem.message]),
    ...(restored ? [] : ['not everything could be put back as it was']),
  ];
  return parts.join('; ');
}

function factsOf({ target, store, settings, startedAt, state, restored }: PolicyResult): [string, string][] {
  return [
    ...(target === undefined
      ? []
      : [['Application', target.origin] as [string, string], ['Session cookie', target.cookie] as [string, string]]),
    ...(store === undefined ? [] : [['Store', store] as [string, string]]),
    ...(settings === undefined
      ? []
      : ([
          ['Idle time', duration(settings.idleSeconds)],
          ['Absolute lifetime', settings.absoluteSeconds === null ? 'not asked' : duration(settings.absoluteSeconds)],
          ['Address', settings.addressMayChange ? 'may change' : 'may not change'],
        ] as [string, string][])),
    ['Started', new Date(startedAt).toISOString()],
    ['State', `${state}${restored ? ', everything was put back' : ', not everything could be put back'}`],
  ];
}

function simulatedSection(result: SimulatedResult): string {
  const { name, expected, asExpected, sentence, odd, answer } = result;
  const cells =
    odd.length < 2
      ? ''
      : `<table><tr>${['Profile', 'From', 'Timeout', 'After', 'Outcome'].map((head) => `<th scope="col">${head}</th>`).join('')}</tr>${odd
          .map(({ profile, from, timeout, after, outcome }) => [
            profile,
            from,
            duration(timeout),
            duration(after),
            outcome,
          ])
          .map((row) => `<tr>${row.map((cell) => `<td>${e(cell)}</td>`).join('')}</tr>`)
          .join('\n')}</table>`;
  return `<section>
<h2>${e(name)}</h2>
${expectedLine(asExpected, gotText(result), expected, sentence)}
${cells}
<p class="dim">Simulated on a copy of one record.</p>
<details><summary>Evidence</summary><pre>${e(answerLines(answer).join('\n'))}</pre></details>
</section>`;
}

function liveSection({ meta, expected, asExpected, outcome }: LiveResult): string {
  const { verdict, sentence, measured = [], evidence } = outcome;
  const numbers = [...meta.wstg, ...meta.asvs.map((number) => `ASVS ${number}`)].join(', ');
  return `<section>
<h2>${e(meta.title)}</h2>
${expectedLine(
  asExpected,
  WORDS[verdict],
  expected.map((one) => WORDS[one]),
  sentence,
)}
${measured.map(({ label, value, unit }) => `<p>${e(`${label}: ${value} ${unit}`)}</p>`).join('\n')}
<p class="dim">${e(meta.why)} ${e(numbers)}${verdict === 'does-not-hold' ? `; severity ${meta.severity}` : ''}</p>
${outcome.mend === undefined ? '' : `<p><strong>How to mend it:</strong> ${e(outcome.mend)}</p>`}
${outcome.difference === undefined ? '' : `<p>What decided:</p><pre>${e(outcome.difference.join('\n'))}</pre>`}
<p class="dim">Cause: ${e(meta.cause)} Act: ${e(meta.act)} Control: ${e(meta.control)}</p>
${evidenceHtml(evidence)}
</section>`;
}

/** The sign tells whether it is as expected, not whether that is good: a policy may expect that something does not hold. */
function expectedLine(asExpected: boolean, got: string, expected: readonly string[], sentence: string): string {
  const words = asExpected ? `✓ ${got}, as expected.` : `✗ ${got}, expected ${expected.join(' or ')}.`;
  return `<p><span class="verdict ${asExpected ? 'holds' : 'does-not-hold'}">${e(words)}</span> ${e(sentence)}</p>`;
}
