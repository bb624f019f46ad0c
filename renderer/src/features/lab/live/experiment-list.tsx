import { PenLine } from 'lucide-react';
import type { ExperimentMeta } from '../../../../../core/model/lab.ts';
import { useText } from '../../../i18n/index.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/controls.tsx';
import { useExperimentWords } from './experiment-words.ts';
import type { Lack, LiveForm, LivePlan } from './live-form.ts';

interface Props {
  readonly catalog: readonly ExperimentMeta[];
  readonly plan: LivePlan;
  readonly form: LiveForm;
  readonly setForm: (next: LiveForm) => void;
}

/** All experiments: which to run, why, what they need, and the requirements they check. */
export function ExperimentList({ catalog, plan, form, setForm }: Props) {
  const t = useText();
  const chosen = new Set(plan.chosen.map(({ id }) => id));
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setForm({ ...form, chosen: next });
  };
  return (
    <div className="stack">
      <div className="row wrapping">
        <h3 className="grow">{t('lab.live.experiments')}</h3>
        <Button small data-testid="live-all" onClick={() => setForm({ ...form, chosen: null })}>
          {t('lab.live.all')}
        </Button>
        <Button small data-testid="live-none" onClick={() => setForm({ ...form, chosen: new Set() })}>
          {t('lab.live.noneChosen')}
        </Button>
      </div>
      <ul className="experiments" data-testid="experiments">
        {catalog.map((meta) => (
          <ExperimentItem
            key={meta.id}
            meta={meta}
            lacks={plan.lacks.get(meta.id) ?? []}
            chosen={chosen.has(meta.id)}
            choose={(on) => choose(meta.id, on)}
          />
        ))}
      </ul>
    </div>
  );
}

function ExperimentItem({
  meta,
  lacks,
  chosen,
  choose,
}: {
  meta: ExperimentMeta;
  lacks: readonly Lack[];
  chosen: boolean;
  choose: (on: boolean) => void;
}) {
  const t = useText();
  const { title, why } = useExperimentWords(meta);
  const canRun = lacks.length === 0;
  const needs = lacks.filter((lack) => lack !== 'absolute').map((lack) => t(`lab.live.need.${lack}`));
  return (
    <li className="experiment" data-off={!canRun}>
      <label className="check">
        <Checkbox
          checked={chosen}
          disabled={!canRun}
          aria-describedby={`experiment-${meta.id}`}
          data-testid={`experiment-${meta.id}`}
          onChange={(event) => choose(event.target.checked)}
        />
        <span>{title}</span>
      </label>
      <div className="experiment-more" id={`experiment-${meta.id}`}>
        <span className="muted">{why}</span>
        {!canRun && (
          <span className="warn" data-testid={`experiment-lacks-${meta.id}`}>
            {needs.length > 0 ? t('lab.live.missing', { needs: needs.join(', ') }) : t('lab.live.absoluteUnset')}
          </span>
        )}
        <span className="row wrapping tags">
          {meta.writes && (
            <span className="tag warn" title={t('lab.live.writes.long')}>
              <PenLine size={11} aria-hidden />
              {t('lab.live.writes')}
            </span>
          )}
          {meta.needs.length > 0 && (
            <span className="muted">
              {t('lab.live.needs')}: {meta.needs.map((need) => t(`lab.live.need.${need}`)).join(', ')}
            </span>
          )}
          {[...meta.wstg, ...meta.asvs.map((one) => `ASVS ${one}`)].map((one) => (
            <span className="tag" key={one}>
              {one}
            </span>
          ))}
        </span>
      </div>
    </li>
  );
}
