import type { LabRun } from '../../../../../core/model/lab.ts';
import { clockTime } from '../../../format.ts';
import { useText } from '../../../i18n/index.ts';
import { Select } from '../../../ui/controls.tsx';

interface Props {
  readonly runs: readonly LabRun[];
  readonly shown: string | null;
  readonly onShow: (runId: string) => void;
}

/** Earlier runs of all sessions, newest first. */
export function RunHistory({ runs, shown, onShow }: Props) {
  const t = useText();
  return (
    <label className="field">
      <span className="label">{t('lab.run.history')}</span>
      <Select value={shown ?? ''} data-testid="run-history" onChange={(event) => onShow(event.target.value)}>
        {runs.map((run) => (
          <option key={run.runId} value={run.runId}>
            {clockTime(run.startedAt)} · {run.title} · {t(`lab.run.state.${run.state}`)} · {run.outcomes.length}/
            {run.total}
          </option>
        ))}
      </Select>
    </label>
  );
}
