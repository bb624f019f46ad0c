import { useEffect, useRef, useState } from 'react';
import type { SessionDetail } from '../../../../../core/model/app.ts';
import type { ExperimentMeta } from '../../../../../core/model/lab.ts';
import type { Problem } from '../../../../../core/model/problem.ts';
import { useText } from '../../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../../state/app.ts';
import { Empty, ProblemBox } from '../../../ui/parts.tsx';
import { ConfirmWrites } from './confirm-writes.tsx';
import { type LiveForm, plan, runRequest } from './live-form.ts';
import { LiveSetup } from './live-setup.tsx';
import { RunHistory } from './run-history.tsx';
import { RunView } from './run-view.tsx';
import { useLabRuns } from './use-lab-runs.ts';

interface Props {
  readonly detail: SessionDetail;
  readonly form: LiveForm;
  readonly setForm: (next: LiveForm) => void;
}

/** Experiments on the running application: chosen, announced, run, judged. */
export function LabLive({ detail, form, setForm }: Props) {
  const t = useText();
  const app = useApp();
  const stores = useAppState((state) => state.stores);
  const { catalog, runs, problem: unknown } = useLabRuns();
  const [starting, setStarting] = useState(false);
  const [toConfirm, setToConfirm] = useState<Problem | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [shownId, setShownId] = useState<string | null>(null);
  /** What was chosen for the runs that were started here, in the order in which it is done. */
  const [planned, setPlanned] = useState<{ runId: string; experiments: readonly ExperimentMeta[] } | null>(null);
  const results = useRef<HTMLElement>(null);
  const { key } = detail.summary;
  const shown = runs.find(({ runId }) => runId === shownId) ?? runs.find(({ sessionKey }) => sessionKey === key);
  const busy = starting || runs.some(({ state }) => state === 'running');
  const current =
    planned !== null && planned.runId === shown?.runId ? planned.experiments[shown.outcomes.length] : undefined;

  useEffect(() => {
    if (planned !== null) results.current?.scrollIntoView({ block: 'start' });
  }, [planned]);

  if (unknown !== null) {
    return (
      <div className="section">
        <ProblemBox problem={unknown} />
      </div>
    );
  }
  if (catalog === null) return <p className="section muted">{t('common.loading')}</p>;
  if (catalog.length === 0) return <Empty title={t('lab.live.catalogEmpty')} />;

  const asked = plan(form, detail, stores, catalog);
  const run = async (confirmed: boolean) => {
    setToConfirm(null);
    setProblem(null);
    setStarting(true);
    try {
      const { runId } = await app.client.call('lab.run', runRequest(key, form, asked, confirmed));
      setPlanned({ runId, experiments: asked.chosen });
      setShownId(runId);
    } catch (error) {
      const why = problemOf(error);
      if (why.kind === 'needs-confirmation' && !confirmed) setToConfirm(why);
      else setProblem(why);
    }
    setStarting(false);
  };

  return (
    <div className="lab-columns">
      <div className="lab-setup-column">
        <LiveSetup
          detail={detail}
          catalog={catalog}
          plan={asked}
          form={form}
          setForm={setForm}
          busy={busy}
          onRun={() => void run(false)}
        />
      </div>
      <section className="section lab-results" aria-label={t('lab.run.title')} ref={results}>
        {problem !== null && <ProblemBox problem={problem} />}
        {runs.length > 1 && <RunHistory runs={runs} shown={shown?.runId ?? null} onShow={setShownId} />}
        {shown === undefined ? (
          <div className="empty-here" data-testid="run-none">
            <h2>{t('lab.run.none')}</h2>
            <p className="muted">{t('lab.run.none.text')}</p>
          </div>
        ) : (
          <RunView key={shown.runId} run={shown} catalog={catalog} current={current} />
        )}
      </section>
      <ConfirmWrites
        problem={toConfirm}
        chosen={asked.chosen}
        onGo={() => void run(true)}
        onCancel={() => setToConfirm(null)}
      />
    </div>
  );
}
