import type { LiveResult, PolicyResult } from '../file/result.ts';
import { failedFirst, notCovered } from './coverage.ts';
import { WORDS } from './html-page.ts';
import { gotText } from './policy-rows.ts';

const SIGN = { holds: '✅', 'does-not-hold': '❌', 'cannot-tell': '❔', 'not-applicable': '➖' } as const;

/** A run of policies as a comment for a pull request: what failed first. */
export function policyMarkdown(results: readonly PolicyResult[]): string {
  return `${results.map(oneOf).join('\n\n')}\n`;
}

function oneOf(result: PolicyResult): string {
  const { title, target, passed, simulated, live, notAsked, problem, restored, reports, leftOver, unsteady } = result;
  const count = (verdict: keyof typeof SIGN) => live.filter(({ outcome }) => outcome.verdict === verdict).length;
  const head = reports === true ? '🔎' : passed ? '✅' : '❌';
  const lines = [
    `## ${head} Session policy: ${text(title)}`,
    '',
    `${target === undefined ? '' : `\`${code(target.origin)}\` · `}${count('does-not-hold')} do not hold, ${count('cannot-tell')} cannot be told, ${count('holds')} hold`,
    '',
  ];
  if (problem !== undefined) lines.push(`> ⚠️ ${text(problem.message)}`, '');
  if (!restored) lines.push('> ⚠️ Not everything could be put back as it was.', '');
  if (live.length + simulated.length > 0) lines.push('| | Question | Found |', '| --- | --- | --- |');
  for (const { name, asExpected, sentence, ...one } of simulated.filter(({ asExpected: ok }) => !ok)) {
    lines.push(`| ${asExpected ? '✅' : '❌'} | ${cell(name)} | ${cell(gotText(one))}: ${cell(sentence)} |`);
  }
  for (const one of failedFirst(live)) lines.push(row(one));
  for (const { name } of notAsked) lines.push(`| ➖ | ${cell(name)} | was not asked |`);
  const uncovered = notCovered(live);
  if (live.length > 0 && uncovered.length > 0) {
    lines.push(
      '',
      `<details><summary>Not covered: ${uncovered.length} requirements</summary>`,
      '',
      ...uncovered.map(({ number, about }) => `- ${number}: ${about}`),
      '',
      '</details>',
    );
  }
  for (const left of leftOver) lines.push('', `> Left over: ${text(left)}`);
  for (const one of unsteady) lines.push('', `> Unsteady: ${text(one)}`);
  return lines.join('\n');
}

function row({ meta, outcome, asExpected, expected }: LiveResult): string {
  const wanted = asExpected ? '' : ` (expected ${expected.join(' or ')})`;
  const mend = outcome.mend === undefined ? '' : `<br>**Mend:** ${cell(outcome.mend)}`;
  const numbers = [...meta.asvs.map((number) => `ASVS ${number}`), ...meta.wstg].join(', ');
  return `| ${SIGN[outcome.verdict]} | ${cell(meta.title)}<br><sub>${cell(numbers)}</sub> | **${WORDS[outcome.verdict]}**${wanted}: ${cell(outcome.sentence)}${mend} |`;
}

/** Text as it is: nothing of the application's becomes markup. */
function text(value: string): string {
  return value
    .replace(/[\r\n]+/g, ' ')
    .replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? char)
    .replace(/[\\`*_[\]#!@]/g, '\\$&');
}

function cell(value: string): string {
  return text(value).replaceAll('|', '\\|');
}

function code(value: string): string {
  return value.replaceAll('`', '');
}
