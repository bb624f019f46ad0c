import type { SessionDetail } from '../../../../core/model/app.ts';
import { visible } from '../../../../core/model/visible.ts';
import { shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useAppState } from '../../state/app.ts';
import type { CookieForm } from '../../state/cookie-form.ts';
import { Checkbox, Input, Select, TextArea } from '../../ui/controls.tsx';

const SAME_SITE = ['Strict', 'Lax', 'None'];
const PRIORITY = ['Low', 'Medium', 'High'];

export function CookieFields({
  detail,
  form,
  put,
}: {
  detail: SessionDetail;
  form: CookieForm;
  put: (next: Partial<CookieForm>) => void;
}) {
  const t = useText();
  const { summary } = detail;
  const sessions = useAppState((state) => state.sessions.rows);
  const others = [...sessions.values()].filter(
    (one) => one.key !== summary.key && one.host === summary.host && one.carrier.kind === 'cookie',
  );
  const field = (name: 'domain' | 'path' | 'expires' | 'maxAge', label: string, placeholder: string) => (
    <label className="field">
      <span className="label">{label}</span>
      <Input
        className="mono"
        value={form[name]}
        placeholder={placeholder}
        spellCheck={false}
        data-testid={`cookie-${name}`}
        onChange={(event) => put({ [name]: event.target.value })}
      />
    </label>
  );
  const choice = (name: 'sameSite' | 'priority', label: string, absent: string, options: readonly string[]) => (
    <label className="field">
      <span className="label">{label}</span>
      <Select
        value={form[name]}
        data-testid={`cookie-${name}`}
        onChange={(event) => put({ [name]: event.target.value })}
      >
        <option value="">{absent}</option>
        {[...new Set([...options, ...(form[name] === '' ? [] : [form[name]])])].map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
    </label>
  );
  const flag = (name: 'secure' | 'httpOnly' | 'partitioned', label: string) => (
    <label className="check">
      <Checkbox
        checked={form[name]}
        data-testid={`cookie-${name}`}
        onChange={(event) => put({ [name]: event.target.checked })}
      />
      {label}
    </label>
  );
  return (
    <>
      <label className="field">
        <span className="label">
          {t('cookie.value')} · {t('cookie.length', { count: form.value.length })}
        </span>
        <TextArea
          className="mono wrap"
          rows={2}
          value={form.value}
          spellCheck={false}
          data-testid="cookie-value"
          onChange={(event) => put({ value: event.target.value.replace(/[\r\n]+/g, '') })}
        />
      </label>
      {others.length > 0 && (
        <label className="field">
          <span className="label">{t('cookie.useSession')}</span>
          <Select
            value=""
            data-testid="cookie-use-session"
            onChange={(event) => event.target.value !== '' && put({ value: event.target.value })}
          >
            <option value="">—</option>
            {others.slice(0, 200).map((one) => (
              <option key={one.key} value={one.id}>
                {shortId(one.id)} {visible(one.label ?? '')}
              </option>
            ))}
          </Select>
        </label>
      )}
      <div className="cookie-grid">
        {field('domain', t('cookie.domain'), t('cookie.domain.host', { host: summary.host }))}
        {field('path', t('cookie.path'), t('cookie.absent'))}
        {field('expires', t('cookie.expires'), t('cookie.absent'))}
        {field('maxAge', `${t('cookie.maxAge')} (${t('cookie.maxAge.unit')})`, t('cookie.absent'))}
        {choice('sameSite', t('cookie.sameSite'), t('cookie.sameSite.absent'), SAME_SITE)}
        {choice('priority', t('cookie.priority'), t('cookie.priority.absent'), PRIORITY)}
      </div>
      <div className="row wrapping checks">
        {flag('secure', t('cookie.secure'))}
        {flag('httpOnly', t('cookie.httpOnly'))}
        {flag('partitioned', t('cookie.partitioned'))}
      </div>
    </>
  );
}
