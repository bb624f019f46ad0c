import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { HostTreatment, ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';

const TREATMENTS: readonly HostTreatment[] = ['record', 'pass', 'blind'];

/** Which hosts are recorded, passed on, or tunnelled unread. */
export function ScopeForm({
  settings,
  save,
}: {
  settings: ProxySettings;
  save: (change: ProxySettingsChange) => Promise<boolean>;
}) {
  const t = useText();
  const [others, setOthers] = useState(settings.scope.others);
  const [hosts, setHosts] = useState(settings.scope.hosts);
  const change = (at: number, one: Partial<(typeof hosts)[number]>) =>
    setHosts(hosts.map((host, i) => (i === at ? { ...host, ...one } : host)));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save({ scope: { others, hosts: hosts.filter(({ host }) => host.trim() !== '') } });
      }}
    >
      <h4>{t('proxy.scope')}</h4>
      {hosts.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place while it is being typed
        <div className="row" key={i}>
          <input
            className="input mono grow"
            value={one.host}
            spellCheck={false}
            placeholder="*.shop.test"
            aria-label={t('proxy.scope.host')}
            data-testid={`scope-host-${i}`}
            onChange={(event) => change(i, { host: event.target.value })}
          />
          <Treatment value={one.treat} label={t('proxy.scope.treat')} onChange={(treat) => change(i, { treat })} />
          <button
            type="button"
            className="icon-button"
            aria-label={t('proxy.removeHost', { host: one.host })}
            onClick={() => setHosts(hosts.filter((_, at) => at !== i))}
          >
            <Trash2 size={14} aria-hidden />
          </button>
        </div>
      ))}
      <div className="row">
        <span className="grow">{t('proxy.scope.others')}</span>
        <Treatment value={others} label={t('proxy.scope.others')} onChange={setOthers} />
      </div>
      <div className="row">
        <button
          type="button"
          className="button small"
          data-testid="scope-add"
          onClick={() => setHosts([...hosts, { host: '', treat: 'blind' }])}
        >
          <Plus size={13} aria-hidden />
          {t('proxy.scope.add')}
        </button>
        <button type="submit" className="button small primary" data-testid="scope-save">
          {t('proxy.save')}
        </button>
      </div>
    </form>
  );
}

function Treatment({
  value,
  label,
  onChange,
}: {
  value: HostTreatment;
  label: string;
  onChange: (value: HostTreatment) => void;
}) {
  const t = useText();
  return (
    <select
      className="input treatment"
      value={value}
      aria-label={label}
      onChange={(event) => onChange(event.target.value as HostTreatment)}
    >
      {TREATMENTS.map((one) => (
        <option key={one} value={one}>
          {t(`proxy.scope.${one}`)}
        </option>
      ))}
    </select>
  );
}
