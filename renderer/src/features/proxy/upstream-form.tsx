import { useState } from 'react';
import type { ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';
import { Button } from '../../ui/button.tsx';
import { Check, Choice, Field, TextField } from '../../ui/field.tsx';

type Kind = 'direct' | 'proxy' | 'pacUrl' | 'pac';
const KINDS: readonly Kind[] = ['direct', 'proxy', 'pacUrl', 'pac'];

function kindOf(address: string): Kind {
  if (address === 'direct' || address === 'pac') return address;
  return address.startsWith('pac+') ? 'pacUrl' : 'proxy';
}

/** Where requests go from the proxy: straight, through another one, or as a PAC script says. */
export function UpstreamForm({
  settings,
  save,
}: {
  settings: ProxySettings;
  save: (change: ProxySettingsChange) => Promise<boolean>;
}) {
  const t = useText();
  const { upstream } = settings;
  const [kind, setKind] = useState<Kind>(kindOf(upstream.address));
  const [address, setAddress] = useState(
    kindOf(upstream.address) === 'proxy'
      ? upstream.address
      : upstream.address.replace(/^(direct|pac|pac\+(.*))$/, '$2'),
  );
  const [username, setUsername] = useState(upstream.username ?? '');
  const [password, setPassword] = useState('');
  const [forget, setForget] = useState(false);
  const [script, setScript] = useState(upstream.pacScript ?? '');
  const [bypass, setBypass] = useState(settings.bypass.join('\n'));
  const submit = async () => {
    const way = { direct: 'direct', pac: 'pac', pacUrl: `pac+${address.trim()}`, proxy: address.trim() }[kind];
    const done = await save({
      upstream: {
        address: way,
        ...(kind === 'proxy' && username.trim() !== '' ? { username: username.trim() } : {}),
        ...(forget ? { password: null } : password === '' ? {} : { password }),
        ...(script.trim() === '' ? {} : { pacScript: script }),
      },
      bypass: bypass.split('\n').filter((line) => line.trim() !== ''),
    });
    if (done) {
      setPassword('');
      setForget(false);
    }
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h4>{t('proxy.upstream')}</h4>
      <p className="muted">{t('proxy.upstream.text')}</p>
      <Choice label={t('proxy.upstream.kind')} value={kind} testId="upstream-kind" onChange={setKind}>
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {t(`proxy.upstream.${one}`)}
          </option>
        ))}
      </Choice>
      {(kind === 'proxy' || kind === 'pacUrl') && (
        <Field
          label={t('proxy.upstream.address')}
          value={address}
          placeholder={kind === 'proxy' ? 'http://proxy.test:8080 · socks5://127.0.0.1:1080' : 'http://wpad/proxy.pac'}
          testId="upstream-address"
          onChange={setAddress}
        />
      )}
      {kind === 'proxy' && (
        <div className="row wrapping">
          <Field label={t('proxy.upstream.user')} value={username} onChange={setUsername} />
          <Field
            label={t('proxy.upstream.password')}
            type="password"
            value={password}
            placeholder={upstream.hasPassword ? t('proxy.upstream.password.kept') : ''}
            onChange={setPassword}
          />
          {upstream.hasPassword && (
            <Check label={t('proxy.upstream.password.forget')} checked={forget} onChange={setForget} />
          )}
        </div>
      )}
      {kind === 'pac' && (
        <TextField
          label={t('proxy.upstream.script')}
          rows={6}
          value={script}
          placeholder="function FindProxyForURL(url, host) { return 'DIRECT'; }"
          onChange={setScript}
        />
      )}
      {kind !== 'direct' && (
        <TextField
          label={t('proxy.bypass')}
          rows={3}
          value={bypass}
          note={t('proxy.bypass.help')}
          onChange={setBypass}
        />
      )}
      <div>
        <Button type="submit" data-testid="upstream-save">
          {t('proxy.save')}
        </Button>
      </div>
    </form>
  );
}
