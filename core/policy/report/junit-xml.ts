import { escapeMarkup as e } from './markup.ts';

/** One test case as CI systems read it. Without any of the three it passed. */
export interface JunitCase {
  readonly classname: string;
  readonly name: string;
  readonly tookMs: number;
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string };
  readonly skipped?: string;
  readonly error?: string;
}

export interface JunitSuite {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly cases: readonly JunitCase[];
}

/** JUnit XML; times in seconds. */
export function junitXml(suites: readonly JunitSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    // Jenkins' junit-10.xsd knows no `skipped` of the whole.
    `<testsuites ${counts(suites.flatMap(({ cases }) => cases)).replace(/ skipped="\d+"/, '')}>`,
    ...suites.flatMap(({ name, startedAt, cases }) => [
      `  <testsuite name="${e(name)}" timestamp="${new Date(startedAt).toISOString().slice(0, 19)}" ${counts(cases)}>`,
      ...cases.map(caseXml),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(cases: readonly JunitCase[]): string {
  const having = (key: 'failure' | 'error' | 'skipped') => cases.filter((one) => one[key] !== undefined).length;
  const time = cases.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1000;
  return `tests="${cases.length}" failures="${having('failure')}" errors="${having('error')}" skipped="${having('skipped')}" time="${time.toFixed(3)}"`;
}

function caseXml({ classname, name, tookMs, failure, skipped, error }: JunitCase): string {
  const head = `    <testcase classname="${e(classname)}" name="${e(name)}" time="${(tookMs / 1000).toFixed(3)}"`;
  const inner = [
    ...(failure === undefined
      ? []
      : [`<failure type="${e(failure.type)}" message="${e(failure.message)}">${e(failure.text)}</failure>`]),
    ...(skipped === undefined ? [] : [`<skipped message="${e(skipped)}"/>`]),
    ...(error === undefined ? [] : [`<error message="${e(error)}"/>`]),
  ];
  return inner.length === 0 ? `${head}/>` : `${head}>\n      ${inner.join('\n      ')}\n    </testcase>`;
}
