import { visible } from '../../model/visible.ts';
import type { PolicyResult, SimulatedResult } from '../file/result.ts';

/** One line of a table of results. */
export interface PolicyRow {
  readonly name: string;
  readonly expected: string;
  readonly got: string;
  readonly asExpected: boolean;
  readonly tookMs: number;
  readonly sentence: string;
}

/** What came out of a simulated question: an outcome, or how often each. */
export function gotText({ got }: Pick<SimulatedResult, 'got'>): string {
  if (got.length === 1) return got[0]?.outcome ?? '';
  return got.map(({ outcome, count }) => `${count} ${outcome}`).join(', ');
}

/** Everything that was asked, simulated questions first. */
function rowsOf({ simulated, live }: Pick<PolicyResult, 'simulated' | 'live'>): PolicyRow[] {
  return [
    ...simulated.map((one) => ({
      name: one.name,
      expected: one.expected.join(' or '),
      got: gotText(one),
      asExpected: one.asExpected,
      tookMs: one.tookMs,
      sentence: one.sentence,
    })),
    ...live.map(({ meta, outcome, expected, asExpected }) => ({
      name: meta.id,
      expected: expected.join(' or '),
      got: outcome.verdict,
      asExpected,
      tookMs: outcome.tookMs,
      sentence: outcome.sentence,
    })),
  ];
}

const WIDEST_NAME = 40;

/** Results as lines for a terminal: a sign and columns for each question, its sentence below. */
export function policyText(result: PolicyResult): string {
  const rows = rowsOf(result);
  const width = (key: 'name' | 'expected' | 'got', head: string, most: number) =>
    Math.min(most, Math.max(head.length, ...rows.map((row) => row[key].length)));
  const [names, wanted, got] = [
    width('name', 'experiment', WIDEST_NAME),
    width('expected', 'expected', WIDEST_NAME),
    width('got', 'got', WIDEST_NAME),
  ];
  const place = result.store === undefined ? '' : `, ${result.store}`;
  const lines = [`${result.title}${result.target === undefined ? '' : ` (${result.target.origin}${place})`}`];
  if (rows.length > 0) {
    const head = ['experiment'.padEnd(names), 'expected'.padEnd(wanted), 'got'.padEnd(got), 'time'.padStart(8)];
    lines.push(`  ${head.join('  ')}`);
  }
  for (const { name, expected, got: found, asExpected, tookMs, sentence } of rows) {
    const time = `${(tookMs / 1000).toFixed(1)} s`.padStart(8);
    lines.push(
      `${asExpected ? '✓' : '✗'} ${name.padEnd(names)}  ${expected.padEnd(wanted)}  ${found.padEnd(got)}  ${time}`,
    );
    lines.push(`    ${sentence}`);
  }
  for (const { name } of result.notAsked) lines.push(`- ${name.padEnd(names)}  was not asked`);
  const { state, restored, problem } = result;
  if (problem !== undefined)
    lines.push(`! ${problem.message}${problem.remedy === undefined ? '' : `. ${problem.remedy}`}`);
  else if (state === 'cancelled') lines.push('! The run was cancelled; everything is as it was.');
  if (!restored) lines.push('! Not everything could be put back as it was.');
  return lines.map(visible).join('\n');
}
