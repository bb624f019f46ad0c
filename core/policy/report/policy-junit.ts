import type { PolicyAnswer } from '../../model/app.ts';
import { duration } from '../../model/duration.ts';
import type { PolicyResult, SimulatedResult } from '../file/result.ts';
import { evidenceText } from './junit-report.ts';
import { type JunitCase, junitXml } from './junit-xml.ts';
import { gotText } from './policy-rows.ts';

/**
 * A run of policies as JUnit XML: a suite for each policy, a case for each question. What was not asked is skipped, and so is what cannot be told (a failure with `strict`); a run
 * that broke off, or that could not put everything back, is an error of its own.
 */
export function policyJunit(results: readonly PolicyResult[], { strict = false } = {}): string {
  return junitXml(
    results.map((result) => {
      const { title, startedAt, simulated, live, notAsked, state, restored, problem } = result;
      const cases: JunitCase[] = [];
      for (const one of simulated) cases.push(simulatedCase(title, one));
      for (const { meta, outcome, expected, asExpected } of live) {
        const base = { classname: title, name: `${meta.id}: ${meta.title}`, tookMs: outcome.tookMs };
        const message = `expected ${expected.join(' or ')}, got ${outcome.verdict}: ${outcome.sentence}`;
        const failure = { type: outcome.verdict, message, text: evidenceText(outcome.evidence) };
        if (asExpected) cases.push(base);
        else if (outcome.verdict === 'cannot-tell' && !strict) cases.push({ ...base, skipped: outcome.sentence });
        else cases.push({ ...base, failure });
      }
      for (const { name } of notAsked) {
        cases.push({ classname: title, name, tookMs: 0, skipped: 'The run ended before this was asked' });
      }
      if (state !== 'done' || !restored) {
        const why = problem?.message ?? `The run was ${state}`;
        const error = restored ? why : `Not everything could be put back as it was: ${why}`;
        cases.push({ classname: title, name: 'run', tookMs: 0, error });
      }
      return { name: title, startedAt, cases };
    }),
  );
}

function simulatedCase(classname: string, result: SimulatedResult): JunitCase {
  const { name, expected, asExpected, sentence, tookMs, odd, answer, got } = result;
  const base = { classname, name, tookMs };
  if (asExpected) return base;
  const cells = odd.map(
    ({ profile, from, timeout, after, outcome }) =>
      `web.py ${profile}, timeout ${duration(timeout)}, after ${duration(after)} from ${from}: ${outcome}`,
  );
  const text = [...(odd.length > 1 ? [...cells, ''] : []), ...answerLines(answer)].join('\n');
  const message = `expected ${expected.join(' or ')}, got ${gotText(result)}: ${sentence}`;
  return { ...base, failure: { type: got[0]?.outcome ?? 'none', message, text } };
}

/** Reasons and evidence of a simulated answer, one line each. */
export function answerLines({ sentence, reasons, evidence }: PolicyAnswer): string[] {
  const { status, setCookie, body, recordBefore, recordAfter, storeCalls } = evidence;
  return [
    sentence,
    ...reasons,
    `answer: ${status}`,
    ...setCookie.map((value) => `Set-Cookie: ${value}`),
    ...(body === '' ? [] : [`body: ${body}`]),
    `record: ${recordBefore} → ${recordAfter}`,
    ...(storeCalls.length === 0 ? [] : [`store: ${storeCalls.join('; ')}`]),
  ];
}
