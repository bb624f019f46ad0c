import { countsOf, type PolicyResult } from '../file/result.ts';
import { notCovered } from './coverage.ts';

/** What `lab run --json` prints; docs/policy-file.md describes every key. */
export function policyJson(file: string, results: readonly PolicyResult[]): object {
  return {
    version: 1,
    file,
    passed: results.every(({ passed }) => passed),
    counts: countsOf(results),
    policies: results.map(
      ({ title, target, store, startedAt, tookMs, state, restored, problem, passed, settings, ...found }) => ({
        title,
        passed,
        state,
        restored,
        ...(problem === undefined ? {} : { problem }),
        ...(target === undefined ? {} : { target }),
        ...(store === undefined ? {} : { store }),
        startedAt: new Date(startedAt).toISOString(),
        tookMs: Math.round(tookMs),
        ...(settings === undefined ? {} : { settings }),
        simulated: found.simulated.map(({ name, expected, asExpected, got, sentence, odd, answer, ...one }) => ({
          name,
          expected,
          got,
          asExpected,
          sentence,
          odd,
          reasons: answer.reasons,
          evidence: answer.evidence,
          tookMs: Math.round(one.tookMs),
        })),
        live: found.live.map(({ meta, expected, asExpected, outcome }) => ({
          id: meta.id,
          title: meta.title,
          expected,
          got: outcome.verdict,
          asExpected,
          sentence: outcome.sentence,
          ...(outcome.measured === undefined ? {} : { measured: outcome.measured }),
          severity: meta.severity,
          ...(outcome.mend === undefined ? {} : { mend: outcome.mend }),
          wstg: meta.wstg,
          asvs: meta.asvs,
          ...(outcome.difference === undefined ? {} : { difference: outcome.difference }),
          evidence: outcome.evidence,
          tookMs: Math.round(outcome.tookMs),
        })),
        notAsked: found.notAsked,
        notCovered: notCovered(found.live),
        leftOver: found.leftOver,
        unsteady: found.unsteady,
      }),
    ),
  };
}
