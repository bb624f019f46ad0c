import { useText } from '../../i18n/index.ts';
import type { FormProblem, PolicyForm } from '../../state/policy-form.ts';
import { Checkbox, Input, Select } from '../../ui/controls.tsx';

const TEXTS = [
  ['secretKey', 'secret_key'],
  ['expiredMessage', 'expired_message'],
  ['cookieDomain', 'cookie_domain'],
  ['cookiePath', 'cookie_path'],
] as const;
const SAMESITE = ['', 'Lax', 'Strict', 'None'] as const;
const KINDS = ['none', 'dict', 'function'] as const;

interface Props {
  readonly form: PolicyForm;
  readonly put: (next: Partial<PolicyForm>) => void;
  readonly bad: FormProblem | null;
}

/** The parameters that are seldom changed, the initializer, and a reverse proxy before the application. */
export function LabMore({ form, put, bad }: Props) {
  const t = useText();
  return (
    <details
      className="matrix-more"
      open={bad === 'proxy' || bad === 'initializer' || undefined}
      data-testid="policy-more"
    >
      <summary>{t('lab.more')}</summary>
      <div className="lab-grid">
        <label className="field">
          <span className="label">{t('lab.more.proxy')}</span>
          <Input
            className="mono"
            value={form.proxy}
            placeholder={t('common.none')}
            aria-invalid={bad === 'proxy'}
            data-testid="policy-proxy"
            onChange={(event) => put({ proxy: event.target.value })}
          />
        </label>
        {TEXTS.map(([field, name]) => (
          <label className="field" key={field}>
            <span className="label">
              <code>{name}</code>
            </span>
            <Input
              className="mono"
              value={form[field]}
              placeholder={t('lab.more.default')}
              data-testid={`policy-${name}`}
              onChange={(event) => put({ [field]: event.target.value })}
            />
          </label>
        ))}
        <label className="field">
          <span className="label">
            <code>samesite</code>
          </span>
          <Select
            value={form.samesite}
            data-testid="policy-samesite"
            onChange={(event) => put({ samesite: event.target.value })}
          >
            {SAMESITE.map((one) => (
              <option key={one} value={one}>
                {one === '' ? t('common.none') : one}
              </option>
            ))}
          </Select>
        </label>
        <label className="field">
          <span className="label">{t('lab.more.initializer')}</span>
          <Select
            value={form.initializerKind}
            data-testid="policy-initializer-kind"
            onChange={(event) => put({ initializerKind: event.target.value as PolicyForm['initializerKind'] })}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {t(`lab.more.initializer.${one}`)}
              </option>
            ))}
          </Select>
        </label>
        {form.initializerKind !== 'none' && (
          <label className="field">
            <span className="label">{t('lab.more.initializer.values')}</span>
            <Input
              className="mono"
              value={form.initializer}
              aria-invalid={bad === 'initializer'}
              data-testid="policy-initializer"
              onChange={(event) => put({ initializer: event.target.value })}
            />
          </label>
        )}
      </div>
      <div className="row wrapping">
        {(['httponly', 'secure'] as const).map((name) => (
          <label className="check" key={name}>
            <Checkbox
              checked={form[name]}
              data-testid={`policy-${name}`}
              onChange={(event) => put({ [name]: event.target.checked })}
            />
            <code>{name}</code>
          </label>
        ))}
      </div>
    </details>
  );
}
