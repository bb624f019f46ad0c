import type { EventOf, Handlers } from '../../../core/bridge/contract.ts';
import type { PolicyOutcome, Verdict } from '../../../core/model/app.ts';
import type { ExperimentMeta, ExperimentNeed, ExperimentOutcome, LabRun } from '../../../core/model/lab.ts';
import { problem } from '../../../core/model/problem.ts';
import type { SessionSummary } from '../../../core/model/session.ts';
import { fakePolicy } from './fake-policy.ts';

/** Between two experiments of the fake: long enough to see the progress, short enough for tests. */
const STEP_MS = 120;

type LabHandlers = Pick<
  Handlers,
  'lab.matrix' | 'lab.catalog' | 'lab.run' | 'lab.runs' | 'lab.cancel' | 'lab.report' | 'policy.ask'
>;

const meta = (
  id: string,
  title: string,
  why: string,
  needs: readonly ExperimentNeed[],
  writes: boolean,
  wstg: string,
  asvs: string,
): ExperimentMeta => ({
  id,
  title,
  why,
  cause: '',
  act: '',
  control: '',
  severity: 'medium',
  mend: '',
  needs,
  writes,
  wstg: [wstg],
  asvs: [asvs],
});

const CATALOG: readonly ExperimentMeta[] = [
  meta(
    'idle-expiry',
    'A session is refused once it has not been used for the idle time',
    'Whoever finds an open browser can go on as long as the session does.',
    ['request', 'record', 'age'],
    true,
    'WSTG-v42-SESS-07',
    'v5.0.0-7.3.1',
  ),
  meta(
    'cookie-alone',
    'Without the cookie the session is not accepted',
    'What recognises a visitor beside the cookie outlives it.',
    ['request'],
    false,
    'WSTG-v42-SESS-02',
    'v5.0.0-7.2.1',
  ),
  meta(
    'absolute-lifetime',
    'A session ends at its absolute lifetime, however much it is used',
    'A stolen session that is kept busy would otherwise never end.',
    ['request', 'record'],
    true,
    'WSTG-v42-SESS-07',
    'v5.0.0-7.3.2',
  ),
  meta(
    'address-change',
    'A session from another address is treated as the policy says',
    'A stolen cookie is used from elsewhere; a telephone changes its address all the time.',
    ['request'],
    true,
    'WSTG-v42-SESS-09',
    'v5.0.0-7.5.3',
  ),
  meta(
    'logout',
    'After logout the session is not accepted any more',
    'A logout that only deletes the cookie leaves the session to whoever has a copy of it.',
    ['request', 'logout'],
    true,
    'WSTG-v42-SESS-06',
    'v5.0.0-7.4.1',
  ),
  meta(
    'unknown-id',
    'An id that the application did not give out is not accepted and not adopted',
    'An application that adopts foreign ids lets an attacker choose the id of the victim.',
    ['request'],
    true,
    'WSTG-v42-SESS-03',
    'v5.0.0-7.2.4',
  ),
];

const FOUND: Readonly<Record<string, readonly [Verdict, string]>> = {
  'idle-expiry': ['holds', 'Not used for 24 h and 1 s, the session is refused; used after 23 h 59 min, it goes on.'],
  'cookie-alone': ['holds', 'Without the cookie the application answers as to a stranger.'],
  'absolute-lifetime': ['not-applicable', 'The record keeps no time of its creation.'],
  'address-change': ['does-not-hold', 'From 127.0.0.2 the session is accepted.'],
  logout: ['cannot-tell', 'The answer to the frozen clone could not be judged.'],
  'unknown-id': ['holds', 'Unknown ids are refused.'],
};

function outcomeOf(experimentId: string): ExperimentOutcome {
  const [verdict, sentence] = FOUND[experimentId] ?? ['cannot-tell', 'Nothing was found out.'];
  return {
    experimentId,
    verdict,
    sentence,
    tookMs: 84,
    ...(experimentId === 'idle-expiry' ? { measured: [{ label: 'idle limit', value: 86_400, unit: 's' }] } : {}),
    evidence: [
      {
        title: 'The session as it is',
        text: 'Accepted: the body has what the baseline with the session has.',
        flowId: 'f1',
        request: 'GET http://shop.test/count',
        response: '200 OK\n\n<p>count: 42</p>',
      },
      {
        title: experimentId === 'address-change' ? 'The same session from 127.0.0.2' : 'The session, changed',
        text: verdict === 'does-not-hold' ? 'Accepted all the same.' : 'Refused: another id is set.',
        flowId: 'f3',
        request: 'GET http://shop.test/count',
        response: '200 OK\nSet-Cookie: sid=81d0…1b; Path=/; HttpOnly\n\n<p>count: 1</p>',
        recordBefore: "{'count': 41, 'ip': '127.0.0.1'}",
        recordAfter: "{'count': 42, 'ip': '127.0.0.1'}",
      },
    ],
  };
}

/** The lab of the fake engine: the same answers each time, one experiment after the other. */
export function fakeLab(parts: {
  now: () => number;
  sessionOf: (key: string) => SessionSummary;
  changed: (event: EventOf<'lab.changed'>) => void;
}): LabHandlers {
  const { now, sessionOf, changed } = parts;
  let runs: readonly LabRun[] = [];
  const put = (run: LabRun) => {
    runs = [run, ...runs.filter(({ runId }) => runId !== run.runId)];
    changed({ run });
  };
  const runOf = (runId: string): LabRun => {
    const run = runs.find((one) => one.runId === runId);
    if (run === undefined) throw problem('not-found', `There is no run ${runId}`);
    return run;
  };
  const step = (runId: string, left: readonly string[]) => {
    const run = runOf(runId);
    const [next, ...rest] = left;
    if (run.state !== 'running') return;
    if (next === undefined) {
      put({ ...run, state: 'done' });
      return;
    }
    put({ ...run, outcomes: [...run.outcomes, outcomeOf(next)] });
    setTimeout(() => step(runId, rest), STEP_MS);
  };
  return {
    'policy.ask': async ({ question }) => fakePolicy(question),
    'lab.matrix': async ({ question }) => {
      const { profiles, addresses, timeouts, ages, ignore_expiry, ignore_change_ip, cleanup } = question;
      if (profiles.length * addresses.length * timeouts.length * ages.length > 100_000) {
        throw problem('too-many-cells', 'These are more combinations than are computed at once', {
          remedy: 'Choose fewer timeouts, ages or addresses.',
        });
      }
      const cells = profiles.flatMap((profile) =>
        addresses.flatMap((fromAddress) =>
          timeouts.flatMap((timeout) =>
            ages.map((afterSeconds): PolicyOutcome => {
              // So that every outcome is on the fake's map: 0.37 fails on what is very old.
              if (profile === '0.37' && afterSeconds > 900_000) return 'server-error';
              const late = profile === 'intended' && afterSeconds > timeout && !ignore_expiry;
              const parameters = { timeout, ignore_expiry, ignore_change_ip };
              const asked = { parameters, profile, afterSeconds, fromAddress, cleanup };
              return late ? 'expired-message' : fakePolicy(asked).answer.outcome;
            }),
          ),
        ),
      );
      return { question, cells, tookMs: 120 };
    },
    'lab.catalog': async () => ({ experiments: CATALOG }),
    'lab.run': async ({ key, experiments, settings, confirmed }) => {
      const { host } = sessionOf(key);
      const chosen = CATALOG.filter(({ id }) => experiments.includes(id));
      const writing = chosen.filter(({ writes }) => writes).map(({ id }) => id);
      if (writing.length > 0 && !confirmed) {
        throw problem('needs-confirmation', `${writing.join(', ')} write into the application's store`);
      }
      const runId = `lab${runs.length + 1}`;
      put({
        runId,
        sessionKey: key,
        title: host,
        startedAt: now(),
        state: 'running',
        total: chosen.length,
        settings,
        outcomes: [],
        restored: true,
      });
      setTimeout(
        () =>
          step(
            runId,
            chosen.map(({ id }) => id),
          ),
        STEP_MS,
      );
      return { runId };
    },
    'lab.runs': async () => ({ runs }),
    'lab.cancel': async ({ runId }) => {
      put({ ...runOf(runId), state: 'cancelled' });
      return {};
    },
    'lab.report': async ({ runId, form }) => {
      const run = runOf(runId);
      const ending = { html: 'html', json: 'json', junit: 'xml', policy: 'yaml' }[form];
      return { name: `lab-${run.title}.${ending}`, text: JSON.stringify(run) };
    },
  };
}
