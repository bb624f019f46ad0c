import { useState } from 'react';
import type { ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

/** Which sites of the public web may reach this computer and its network through the proxy. */
export function LocalAccessForm({
  settings,
  save,
}: {
  settings: ProxySettings;
  save: (change: ProxySettingsChange) => Promise<boolean>;
}) {
  const t = useText();
  const [sites, setSites] = useState(settings.localAccess.join('\n'));
  const submit = () => save({ localAccess: sites.split('\n').filter((line) => line.trim() !== '') });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h4>{t('proxy.localAccess')}</h4>
      <TextField
        label={t('proxy.localAccess.sites')}
        rows={2}
        value={sites}
        note={t('proxy.localAccess.help')}
        onChange={setSites}
      />
      <div>
        <Button type="submit" data-testid="local-access-save">
          {t('proxy.save')}
        </Button>
      </div>
    </form>
  );
}
