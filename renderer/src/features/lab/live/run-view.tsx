import { Check } from 'lucide-react';
import { useState } from 'react';
import type { Verdict } from '../../../../../core/model/app.ts';
import type { ExperimentMeta, LabRun } from '../../../../../core/model/lab.ts';
import { dateTime } from '../../../format.ts';
import { useText } from '../../../i18n/index.ts';
import { useApp } from '../../../state/app.ts';
import { Button } from '../../../ui/button.tsx';
import { ProblemBox } from '../../../ui/parts.tsx';
import { exactSpan } from '../matrix-cells.ts';
import { useExperimentWords } from './experiment-words.ts';
import { RunTable } from './run-table.tsx';
import { SaveButtons } from './save-buttons.tsx';

interface Props {
  readonly run: LabRun;
  readonly catalog: readonly ExperimentMeta[];
  /** The experiment that goes on now, where the run was started here. */
  readonly current: ExperimentMeta | undefined;
}

/** One run: how far it is, what it found, and whether everything is as before. */
export function RunView({ run, catalog, current }: Props) {
  const t = useText();
  const { idleSeconds, absoluteSeconds, addressMayChange } = run.settings;
  const count = (verdict: Verdict) => run.outcomes.filter((outcome) => outcome.verdict === verdict).length;
  return (
    <div className="stack" data-testid="run" data-run={run.runId} data-state={run.state} data-restored={run.restored}>
      <div className="row wrapping">
        <h3 className="grow">
          {run.title} · {dateTime(run.startedAt)}
        </h3>
        <span className="tag">{t(`lab.run.state.${run.state}`)}</span>
      </div>
      <p className="muted">
        {t('lab.run.for', {
          idle: exactSpan(idleSeconds, t),
          absolute:
            absoluteSeconds === null
              ? t('lab.run.for.noAbsolute')
              : t('lab.run.for.absolute', { span: exactSpan(absoluteSeconds, t) }),
          address: addressMayChange ? t('lab.run.for.addressMay') : t('lab.run.for.addressMayNot'),
        })}
      </p>
      {run.state === 'running' && <RunProgress run={run} current={current} />}
      {run.outcomes.length > 0 && (
        <p className="counts" role="status" data-testid="run-counts">
          {t('lab.run.counts', {
            holds: count('holds'),
            doesNotHold: count('does-not-hold'),
            cannotTell: count('cannot-tell'),
            notApplicable: count('not-applicable'),
          })}
        </p>
      )}
      {run.problem !== undefined && run.restored && <ProblemBox problem={run.problem} />}
      {run.outcomes.length > 0 && <RunTable outcomes={run.outcomes} catalog={catalog} />}
      {run.state !== 'running' && <Restored run={run} />}
      {run.state !== 'running' && run.outcomes.length > 0 && <SaveButtons runId={run.runId} />}
    </div>
  );
}

function RunProgress({ run, current }: { run: LabRun; current: ExperimentMeta | undefined }) {
  const t = useText();
  const app = useApp();
  const [cancelling, setCancelling] = useState(false);
  const { title } = useExperimentWords(current ?? { id: '' });
  const done = t('lab.run.progress', { done: run.outcomes.length, total: run.total });
  return (
    <div className="row lab-progress" data-testid="run-progress">
      <div className="grow stack">
        <progress className="progress-bar" aria-label={done} value={run.outcomes.length} max={run.total} />
        <span className="muted">
          {cancelling ? t('lab.run.cancelling') : done}
          {!cancelling && title !== '' && ` · ${t('lab.run.now', { title })}`}
        </span>
      </div>
      <Button
        small
        disabled={cancelling}
        data-testid="run-cancel"
        onClick={() => {
          setCancelling(true);
          void app.attempt(() => app.client.call('lab.cancel', { runId: run.runId }));
        }}
      >
        {t('lab.run.cancel')}
      </Button>
    </div>
  );
}

function Restored({ run }: { run: LabRun }) {
  const t = useText();
  if (run.restored) {
    return (
      <p className="row restored" data-testid="run-restored">
        <Check size={15} aria-hidden />
        {t('lab.run.restored')}
      </p>
    );
  }
  return (
    <ProblemBox
      problem={{
        ...(run.problem ?? { kind: 'not-restored' }),
        message: [t('lab.run.notRestored'), run.problem?.message].filter((one) => one !== undefined).join(': '),
      }}
    />
  );
}
