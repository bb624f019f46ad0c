import { parseSpan, span } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { afterSteps, type FormProblem, nearestStep, type PolicyForm } from '../../state/policy-form.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, Input, Select, Slider } from '../../ui/controls.tsx';
import { LabMore } from './lab-more.tsx';

const PROFILES = ['0.37', '0.40', '0.62', 'intended'] as const;
const CLEANUPS = ['at-request', 'not-due'] as const;

export function LabQuestion({
  form,
  setForm,
  bad,
}: {
  form: PolicyForm;
  setForm: (next: PolicyForm) => void;
  bad: FormProblem | null;
}) {
  const t = useText();
  const put = (next: Partial<PolicyForm>) => setForm({ ...form, ...next });
  const seconds = parseSpan(form.after);
  return (
    <form className="section" onSubmit={(event) => event.preventDefault()}>
      <h3>{t('lab.question')}</h3>
      <p className="muted">{t('lab.lead')}</p>
      <div className="lab-grid">
        <label className="field">
          <span className="label">{t('lab.after')}</span>
          <Input
            className="mono"
            value={form.after}
            aria-invalid={bad === 'after'}
            aria-describedby="after-help"
            data-testid="policy-after"
            onChange={(event) => put({ after: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="label">{t('lab.address')}</span>
          <Input
            className="mono"
            value={form.address}
            list="policy-addresses"
            aria-invalid={bad === 'address'}
            data-testid="policy-address"
            onChange={(event) => put({ address: event.target.value })}
          />
          <datalist id="policy-addresses">
            {['127.0.0.1', '127.0.0.2', '::1', '10.0.0.7', '203.0.113.9'].map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
      </div>
      <Slider
        min={0}
        max={afterSteps.length - 1}
        step={1}
        value={nearestStep(seconds ?? 0)}
        aria-label={t('lab.after.slider')}
        aria-valuetext={seconds === null ? form.after : span(seconds * 1000, t)}
        data-testid="policy-after-slider"
        onChange={(event) => put({ after: String(afterSteps[Number(event.target.value)] ?? 0) })}
      />
      <div className="row wrapping">
        <span id="after-help" className="muted">
          {seconds === null ? t('lab.after.help') : t('lab.after.reads', { span: span(seconds * 1000, t) })}
        </span>
        <span className="grow" />
        {[60, 3_600, 86_400, 90_000, 604_800].map((step) => (
          <Button key={step} small onClick={() => put({ after: String(step) })}>
            {span(step * 1000, t)}
          </Button>
        ))}
      </div>
      {bad !== null && (
        <div className="bad" role="alert">
          {t(`lab.bad.${bad}`)}
        </div>
      )}
      <h3>{t('lab.parameters')}</h3>
      <div className="lab-grid">
        <label className="field">
          <span className="label">
            <code>{t('lab.timeout')}</code> ({t('lab.timeout.unit')})
          </span>
          <Input
            className="mono"
            value={form.timeout}
            aria-invalid={bad === 'timeout'}
            data-testid="policy-timeout"
            onChange={(event) => put({ timeout: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="label">{t('lab.profile')}</span>
          <Select
            value={form.profile}
            data-testid="policy-profile"
            onChange={(event) => put({ profile: event.target.value as PolicyForm['profile'] })}
          >
            {PROFILES.map((one) => (
              <option key={one} value={one}>
                {one === 'intended' ? t('lab.profile.intended') : one}
              </option>
            ))}
          </Select>
        </label>
        <label className="field">
          <span className="label">{t('lab.cleanup')}</span>
          <Select
            value={form.cleanup}
            data-testid="policy-cleanup"
            onChange={(event) => put({ cleanup: event.target.value as PolicyForm['cleanup'] })}
          >
            {CLEANUPS.map((one) => (
              <option key={one} value={one}>
                {t(`lab.cleanup.${one}`)}
              </option>
            ))}
          </Select>
        </label>
      </div>
      <div className="row wrapping">
        <label className="check">
          <Checkbox
            checked={form.ignoreExpiry}
            data-testid="policy-ignore-expiry"
            onChange={(event) => put({ ignoreExpiry: event.target.checked })}
          />
          <code>ignore_expiry</code>
        </label>
        <label className="check">
          <Checkbox
            checked={form.ignoreChangeIp}
            data-testid="policy-ignore-change-ip"
            onChange={(event) => put({ ignoreChangeIp: event.target.checked })}
          />
          <code>ignore_change_ip</code>
        </label>
      </div>
      <LabMore form={form} put={put} bad={bad} />
    </form>
  );
}
