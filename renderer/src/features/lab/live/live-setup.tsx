import { Play } from 'lucide-react';
import type { SessionDetail } from '../../../../../core/model/app.ts';
import type { ExperimentMeta } from '../../../../../core/model/lab.ts';
import { useText } from '../../../i18n/index.ts';
import { useApp } from '../../../state/app.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox, Input } from '../../../ui/controls.tsx';
import { ProblemBox } from '../../../ui/parts.tsx';
import { ExperimentList } from './experiment-list.tsx';
import { type LiveForm, type LivePlan, offeredFlows } from './live-form.ts';
import { RequestChoice } from './request-choice.tsx';

interface Props {
  readonly detail: SessionDetail;
  readonly catalog: readonly ExperimentMeta[];
  readonly plan: LivePlan;
  readonly form: LiveForm;
  readonly setForm: (next: LiveForm) => void;
  /** A run goes on, or its start is being asked for. */
  readonly busy: boolean;
  readonly onRun: () => void;
}

/** What the check-up is to find out, with which requests. */
export function LiveSetup({ detail, catalog, plan, form, setForm, busy, onRun }: Props) {
  const t = useText();
  const app = useApp();
  const put = (next: Partial<LiveForm>) => setForm({ ...form, ...next });
  const flows = offeredFlows(detail.flows);
  const { bad, chosen } = plan;
  const writing = chosen.filter(({ writes }) => writes).length;
  const field = (name: 'idle' | 'absolute' | 'addresses', placeholder = '') => (
    <label className="field">
      <span className="label">{t(`lab.live.${name}`)}</span>
      <Input
        className="mono"
        value={form[name]}
        placeholder={placeholder}
        aria-invalid={bad === name}
        data-testid={`live-${name}`}
        onChange={(event) => put({ [name]: event.target.value })}
      />
    </label>
  );
  return (
    <form
      className="lab-setup"
      aria-label={t('lab.part.live')}
      onSubmit={(event) => {
        event.preventDefault();
        // Not disabled meanwhile: the focus comes back to it from the question.
        if (!busy) onRun();
      }}
    >
      <div className="section">
        <p className="muted">{t('lab.live.lead')}</p>
        {detail.record === null && (
          <ProblemBox
            level="info"
            problem={{ kind: 'no-record', message: t('lab.live.noStore'), remedy: t('lab.live.noStore.text') }}
          >
            <div>
              <Button small onClick={() => app.go('stores')}>
                {t('inspector.attach')}
              </Button>
            </div>
          </ProblemBox>
        )}
        <h3>{t('lab.live.policy')}</h3>
        <div className="lab-grid">
          {field('idle')}
          {field('absolute', t('lab.live.absolute.none'))}
          {field('addresses')}
        </div>
        <label className="check">
          <Checkbox
            checked={form.mayChange}
            data-testid="live-mayChange"
            onChange={(event) => put({ mayChange: event.target.checked })}
          />
          {t('lab.live.mayChange')}
        </label>
        {bad !== null && (
          <div className="bad" role="alert">
            {t(`lab.live.bad.${bad}`)}
          </div>
        )}
      </div>
      <div className="section">
        <h3>{t('lab.live.requests')}</h3>
        <div className="lab-grid aligned">
          <RequestChoice
            label={t('lab.live.verification')}
            help={t('lab.live.verification.help')}
            none={t('lab.live.verification.none')}
            flows={flows}
            seen={detail.flows}
            value={plan.verification}
            canBeNone={false}
            testId="live-verification"
            onChoose={(verification) => put({ verification })}
          />
          <RequestChoice
            label={t('lab.live.logout')}
            help={plan.logout === undefined ? t('lab.live.logout.help') : t('lab.live.logout.help.sent')}
            none={t('lab.live.logout.none')}
            flows={flows}
            seen={detail.flows}
            value={plan.logout}
            canBeNone
            testId="live-logout"
            onChoose={(logout) => put({ logout })}
          />
        </div>
      </div>
      <div className="section">
        <ExperimentList catalog={catalog} plan={plan} form={form} setForm={setForm} />
      </div>
      <div className="lab-run-bar">
        <Button
          type="submit"
          variant="primary"
          disabled={bad !== null || chosen.length === 0}
          aria-disabled={busy}
          data-testid="live-run"
        >
          <Play size={14} aria-hidden />
          {t('lab.live.run', { count: chosen.length })}
        </Button>
        <span className="muted" data-testid="live-announce">
          {writing === 0 ? t('lab.live.announce.none') : t('lab.live.announce', { count: writing })}
        </span>
      </div>
    </form>
  );
}
