import { useState } from 'react';
import { useText } from '../../i18n/index.ts';
import type { PolicyForm } from '../../state/policy-form.ts';
import { Checkbox, Input, Select } from '../../ui/controls.tsx';
import { DETAIL, type Detail, type MatrixForm, type MatrixFormProblem, PROFILES } from './matrix-form.ts';

const CLEANUPS = ['at-request', 'not-due'] as const;

interface Props {
  readonly form: MatrixForm;
  readonly setForm: (next: MatrixForm) => void;
  readonly shared: PolicyForm;
  readonly setShared: (next: PolicyForm) => void;
  readonly bad: MatrixFormProblem | null;
}

/** Which versions, addresses, timeouts and ages the matrix is made of. */
export function MatrixSettings({ form, setForm, shared, setShared, bad }: Props) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const put = (next: Partial<MatrixForm>) => setForm({ ...form, ...next });
  const span = (field: 'timeoutFrom' | 'timeoutTo' | 'ageFrom' | 'ageTo', label: string, invalid: boolean) => (
    <Input
      className="mono span-field"
      value={form[field]}
      aria-label={label}
      aria-invalid={invalid}
      data-testid={`matrix-${field}`}
      onChange={(event) => put({ [field]: event.target.value })}
    />
  );
  const range = (name: 'timeouts' | 'ages', from: 'timeoutFrom' | 'ageFrom', to: 'timeoutTo' | 'ageTo') => {
    const label = t(`lab.matrix.${name}`);
    return (
      <div className="field">
        <span className="label">{label}</span>
        <span className="row">
          {span(from, `${label}: ${t('lab.matrix.from')}`, bad === name)}
          <span aria-hidden>–</span>
          {span(to, `${label}: ${t('lab.matrix.to')}`, bad === name)}
        </span>
      </div>
    );
  };
  return (
    <form className="stack" aria-label={t('lab.matrix.settings')} onSubmit={(event) => event.preventDefault()}>
      <p className="muted">{t('lab.matrix.lead')}</p>
      <div className="row wrapping lab-fields">
        <fieldset className="plain-set">
          <legend>{t('lab.matrix.profiles')}</legend>
          {PROFILES.map((one) => (
            <label key={one} className="check">
              <Checkbox
                checked={form.profiles.includes(one)}
                data-testid={`matrix-profile-${one}`}
                onChange={(event) =>
                  put({
                    profiles: event.target.checked
                      ? [...form.profiles, one]
                      : form.profiles.filter((other) => other !== one),
                  })
                }
              />
              {one === 'intended' ? t('lab.profile.intended') : one}
            </label>
          ))}
        </fieldset>
        <fieldset className="plain-set">
          <legend>{t('lab.parameters')}</legend>
          <label className="check">
            <Checkbox
              checked={shared.ignoreExpiry}
              data-testid="matrix-ignore-expiry"
              onChange={(event) => setShared({ ...shared, ignoreExpiry: event.target.checked })}
            />
            <code>ignore_expiry</code>
          </label>
          <label className="check">
            <Checkbox
              checked={shared.ignoreChangeIp}
              data-testid="matrix-ignore-change-ip"
              onChange={(event) => setShared({ ...shared, ignoreChangeIp: event.target.checked })}
            />
            <code>ignore_change_ip</code>
          </label>
        </fieldset>
      </div>
      <details
        className="matrix-more"
        open={open || bad !== null}
        data-testid="matrix-more"
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>
          {t('lab.matrix.asked', {
            timeouts: `${form.timeoutFrom} – ${form.timeoutTo}`,
            ages: `${form.ageFrom} – ${form.ageTo}`,
            addresses: form.addresses,
          })}
        </summary>
        <div className="row wrapping lab-fields">
          {range('timeouts', 'timeoutFrom', 'timeoutTo')}
          {range('ages', 'ageFrom', 'ageTo')}
          <label className="field addresses-field">
            <span className="label">
              {t('lab.matrix.addresses')} · {t('lab.matrix.addresses.help')}
            </span>
            <Input
              className="mono"
              value={form.addresses}
              aria-invalid={bad === 'addresses'}
              data-testid="matrix-addresses"
              onChange={(event) => put({ addresses: event.target.value })}
            />
          </label>
          <label className="field">
            <span className="label">{t('lab.matrix.detail')}</span>
            <Select
              value={form.detail}
              data-testid="matrix-detail"
              onChange={(event) => put({ detail: event.target.value as Detail })}
            >
              {(Object.keys(DETAIL) as Detail[]).map((one) => (
                <option key={one} value={one}>
                  {t(`lab.matrix.detail.${one}`)} · {DETAIL[one].join(' × ')}
                </option>
              ))}
            </Select>
          </label>
          <label className="field">
            <span className="label">{t('lab.cleanup')}</span>
            <Select
              value={shared.cleanup}
              data-testid="matrix-cleanup"
              onChange={(event) => setShared({ ...shared, cleanup: event.target.value as PolicyForm['cleanup'] })}
            >
              {CLEANUPS.map((one) => (
                <option key={one} value={one}>
                  {t(`lab.cleanup.${one}`)}
                </option>
              ))}
            </Select>
          </label>
        </div>
      </details>
      {bad !== null && (
        <div className="bad" role="alert">
          {t(`lab.matrix.bad.${bad}`)}
        </div>
      )}
    </form>
  );
}
