import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { HostTreatment, ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/controls.tsx';

const TREATMENTS: readonly HostTreatment[] = ['record', 'pass', 'blind'];

type Scope = ProxySettings['scope'];

/** The draft, with what somebody else has added or taken away since it was begun. */
function withChangesOfOthers(draft: Scope, before: Scope, now: Scope): Scope {
  const has = ({ hosts }: Scope, { host, treat }: Scope['hosts'][number]) =>
    hosts.some((one) => one.host === host && one.treat === treat);
  const added = now.hosts.filter((one) => !has(before, one) && !has(draft, one));
  const gone = before.hosts.filter((one) => !has(now, one));
  const left = draft.hosts.filter(
    (one) => !added.some(({ host }) => host === one.host) && !has({ ...before, hosts: gone }, one),
  );
  return { others: draft.others, hosts: [...added, ...left] };
}

/** Which hosts are recorded, passed on, or tunnelled unread. */
export function ScopeForm({
  settings,
  save,
}: {
  settings: ProxySettings;
  save: (change: ProxySettingsChange) => Promise<boolean>;
}) {
  const t = useText();
  // What the user has changed and not saved; undefined shows what the engine has.
  const [draft, setDraft] = useState<Scope>();
  const [before, setBefore] = useState(settings.scope);
  if (settings.scope !== before) {
    setBefore(settings.scope);
    if (draft !== undefined) setDraft(withChangesOfOthers(draft, before, settings.scope));
  }
  const { others, hosts } = draft ?? settings.scope;
  const setOthers = (treat: HostTreatment) => setDraft({ others: treat, hosts });
  const setHosts = (list: Scope['hosts']) => setDraft({ others, hosts: list });
  const change = (at: number, one: Partial<(typeof hosts)[number]>) =>
    setHosts(hosts.map((host, i) => (i === at ? { ...host, ...one } : host)));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const scope = { others, hosts: hosts.filter(({ host }) => host.trim() !== '') };
        void save({ scope }).then((taken) => taken && setDraft(undefined));
      }}
    >
      <h4>{t('proxy.scope')}</h4>
      {hosts.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place while it is being typed
        <div className="row" key={i}>
          <Input
            className="mono grow"
            value={one.host}
            spellCheck={false}
            placeholder="*.shop.test"
            aria-label={t('proxy.scope.host')}
            data-testid={`scope-host-${i}`}
            onChange={(event) => change(i, { host: event.target.value })}
          />
          <Treatment value={one.treat} label={t('proxy.scope.treat')} onChange={(treat) => change(i, { treat })} />
          <IconButton
            aria-label={t('proxy.removeHost', { host: one.host })}
            onClick={() => setHosts(hosts.filter((_, at) => at !== i))}
          >
            <Trash2 size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
      <div className="row">
        <span className="grow">{t('proxy.scope.others')}</span>
        <Treatment value={others} label={t('proxy.scope.others')} onChange={setOthers} />
      </div>
      <div className="row">
        <Button small data-testid="scope-add" onClick={() => setHosts([...hosts, { host: '', treat: 'blind' }])}>
          <Plus size={13} aria-hidden />
          {t('proxy.scope.add')}
        </Button>
        <Button type="submit" small data-testid="scope-save">
          {t('proxy.save')}
        </Button>
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
    <Select
      className="treatment"
      value={value}
      aria-label={label}
      onChange={(event) => onChange(event.target.value as HostTreatment)}
    >
      {TREATMENTS.map((one) => (
        <option key={one} value={one}>
          {t(`proxy.scope.${one}`)}
        </option>
      ))}
    </Select>
  );
}
