import { createHash } from 'node:crypto';
import type { ExperimentMeta, Severity } from '../../model/lab.ts';
import type { LiveResult, PolicyResult } from '../file/result.ts';

/** GitHub's levels, and its scale from 0 to 10 for sorting. */
const LEVELS: Readonly<Record<Severity, { readonly level: 'error' | 'warning' | 'note'; readonly score: string }>> = {
  high: { level: 'error', score: '8.0' },
  medium: { level: 'warning', score: '5.5' },
  low: { level: 'note', score: '3.0' },
  info: { level: 'note', score: '1.0' },
};

export interface SarifOptions {
  /** The policy file's path from the root of the repository, with slashes. */
  readonly file: string;
  readonly version: string;
  /** What cannot be told is a result too. */
  readonly strict: boolean;
}

/**
 * A run of policies as SARIF 2.1.0 as GitHub takes it: every result points at a line of the policy file, rule ids are the
 * experiments' own, and fingerprints stay the same as long as application, policy and experiment are.
 */
export function policySarif(results: readonly PolicyResult[], { file, version, strict }: SarifOptions): object {
  const found = results.flatMap((result) =>
    result.live.filter((one) => isResult(one, strict)).map((one) => ({ result, one })),
  );
  const rules = [...new Map(found.map(({ one }) => [one.meta.id, one.meta])).values()];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Sessionscope',
            semanticVersion: version,
            rules: rules.map(ruleOf),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: results.every(({ state, restored }) => state === 'done' && restored),
            toolExecutionNotifications: results.flatMap(({ problem }) =>
              problem === undefined ? [] : [{ level: 'error', message: { text: problem.message } }],
            ),
          },
        ],
        results: found.map(({ result, one }) => ({
          ruleId: one.meta.id,
          ruleIndex: rules.findIndex(({ id }) => id === one.meta.id),
          level: one.outcome.verdict === 'cannot-tell' ? 'note' : LEVELS[one.meta.severity].level,
          message: { text: messageOf(one) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(file), uriBaseId: '%SRCROOT%' },
                region: { startLine: one.line ?? 1 },
              },
            },
          ],
          partialFingerprints: { 'sessionPolicy/v1': fingerprint(result, one) },
        })),
      },
    ],
  };
}

/** What does not hold, unless the policy expects just that; what cannot be told where that is asked for. */
function isResult({ outcome: { verdict }, asExpected, expected }: LiveResult, strict: boolean): boolean {
  if (verdict === 'does-not-hold') return !asExpected || expected.includes('holds');
  return verdict === 'cannot-tell' && strict && !asExpected;
}

function messageOf({ outcome: { sentence, mend, difference = [] } }: LiveResult): string {
  return [sentence, ...(mend === undefined ? [] : [`How to mend it: ${mend}`]), ...difference].join('\n');
}

function ruleOf({ id, title, why, mend, severity, asvs, wstg }: ExperimentMeta): object {
  const numbers = [...asvs.map((number) => `ASVS ${number}`), ...wstg];
  return {
    id,
    name: id.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: {
      text: `${mend} (${numbers.join(', ')})`,
      markdown: `${mend}\n\n${numbers.map((one) => `- ${one}`).join('\n')}`,
    },
    defaultConfiguration: { level: LEVELS[severity].level },
    properties: { tags: ['security', ...numbers].slice(0, 10), 'security-severity': LEVELS[severity].score },
  };
}

/** The same in each run, whatever the port and the words. */
function fingerprint({ title, target }: PolicyResult, { meta }: LiveResult): string {
  const parts = [title, target?.cookie ?? '', meta.id];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
