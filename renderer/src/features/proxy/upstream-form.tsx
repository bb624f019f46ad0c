import { useState } from 'react';
import type { ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';

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
      <label className="field">
        <span className="label">{t('proxy.upstream.kind')}</span>
        <select
          className="input"
          value={kind}
          data-testid="upstream-kind"
          onChange={(event) => setKind(event.target.value as Kind)}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`proxy.upstream.${one}`)}
            </option>
          ))}
        </select>
      </label>
      {(kind === 'proxy' || kind === 'pacUrl') && (
        <label className="field">
          <span className="label">{t('proxy.upstream.address')}</span>
          <input
            className="input mono"
            value={address}
            spellCheck={false}
            placeholder={
              kind === 'proxy' ? 'http://proxy.test:8080 · socks5://127.0.0.1:1080' : 'http://wpad/proxy.pac'
            }
            data-testid="upstream-address"
            onChange={(event) => setAddress(event.target.value)}
          />
        </label>
      )}
      {kind === 'proxy' && (
        <div className="row wrapping">
          <label className="field grow">
            <span className="label">{t('proxy.upstream.user')}</span>
            <input
              className="input mono"
              value={username}
              autoComplete="off"
              onChange={(event) => setUsername(event.target.value)}
            />
          </label>
          <label className="field grow">
            <span className="label">{t('proxy.upstream.password')}</span>
            <input
              className="input mono"
              type="password"
              value={password}
              autoComplete="new-password"
              placeholder={upstream.hasPassword ? t('proxy.upstream.password.kept') : ''}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          {upstream.hasPassword && (
            <label className="check">
              <input type="checkbox" checked={forget} onChange={(event) => setForget(event.target.checked)} />
              {t('proxy.upstream.password.forget')}
            </label>
          )}
        </div>
      )}
      {kind === 'pac' && (
        <label className="field">
          <span className="label">{t('proxy.upstream.script')}</span>
          <textarea
            className="input mono"
            rows={6}
            value={script}
            spellCheck={false}
            placeholder="function FindProxyForURL(url, host) { return 'DIRECT'; }"
            onChange={(event) => setScript(event.target.value)}
          />
        </label>
      )}
      {kind !== 'direct' && (
        <label className="field">
          <span className="label">{t('proxy.bypass')}</span>
          <textarea
            className="input mono"
            rows={3}
            value={bypass}
            spellCheck={false}
            onChange={(event) => setBypass(event.target.value)}
          />
          <span className="muted">{t('proxy.bypass.help')}</span>
        </label>
      )}
      <div>
        <button type="submit" className="button primary" data-testid="upstream-save">
          {t('proxy.save')}
        </button>
      </div>
    </form>
  );
}
