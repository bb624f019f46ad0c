import { Globe, XCircle } from 'lucide-react';
import { useState } from 'react';
import { dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/controls.tsx';
import { Identity, ProblemBox } from '../../ui/parts.tsx';

const IDENTITIES = ['plain', 'blue', 'green', 'amber', 'rose', 'violet'] as const;

const THIRD_PARTY = ['as-chrome', 'blocked'] as const;
/** How a browser that is opened from here differs from the user's own. */
const ABOUT = ['https', 'quic', 'thirdParty', 'local', 'clean'] as const;

/** Browsers opened from here, each with an identity of its own. */
export function BrowsersScreen() {
  const t = useText();
  const app = useApp();
  const { found, running } = useAppState((state) => state.browsers);
  const [identity, setIdentity] = useState<(typeof IDENTITIES)[number]>('plain');
  const [thirdParty, setThirdParty] = useState<(typeof THIRD_PARTY)[number]>('as-chrome');
  const launch = async (browserId: string, name: string) => {
    const done = await app.attempt(() =>
      app.client.call('browser.launch', {
        browserId,
        ...(identity === 'plain' ? {} : { identity }),
        ...(thirdParty === 'as-chrome' ? {} : { thirdPartyCookies: thirdParty }),
      }),
    );
    if (done !== undefined) app.notify({ level: 'info', message: t('browsers.opened', { name }) });
  };
  return (
    <div className="page">
      <div className="page-inner">
        <h2>{t('browsers.title')}</h2>
        <section className="card" aria-label={t('browsers.found')}>
          <h3>{t('browsers.found')}</h3>
          {found !== null && found.length === 0 && (
            <ProblemBox
              level="info"
              problem={{ kind: 'no-browser', message: t('home.browser.none'), remedy: t('home.browser.none.remedy') }}
            />
          )}
          <label className="row wrapping">
            <span>{t('browsers.identity')}</span>
            <Select
              value={identity}
              data-testid="browser-identity"
              onChange={(event) => setIdentity(event.target.value as (typeof IDENTITIES)[number])}
            >
              {IDENTITIES.map((one) => (
                <option key={one} value={one}>
                  {t(`browsers.identity.${one}`)}
                </option>
              ))}
            </Select>
            <Identity name={identity} />
          </label>
          <p>{t('browsers.identity.text')}</p>
          <label className="row wrapping">
            <span>{t('browsers.thirdParty')}</span>
            <Select
              value={thirdParty}
              data-testid="browser-third-party"
              onChange={(event) => setThirdParty(event.target.value as (typeof THIRD_PARTY)[number])}
            >
              {THIRD_PARTY.map((one) => (
                <option key={one} value={one}>
                  {t(`browsers.thirdParty.${one}`)}
                </option>
              ))}
            </Select>
          </label>
          <div className="row wrapping">
            {(found ?? []).map((browser) => (
              <Button
                key={browser.browserId}
                title={browser.path}
                data-testid={`browser-${browser.browserId}`}
                onClick={() => void launch(browser.browserId, browser.name)}
              >
                <Globe size={15} aria-hidden />
                {t('browsers.open', { name: browser.name })}
                {browser.version !== undefined && <span className="muted">{browser.version}</span>}
              </Button>
            ))}
          </div>
        </section>
        <section className="card" aria-label={t('browsers.running')}>
          <h3>{t('browsers.running')}</h3>
          {running.length === 0 && <p>{t('browsers.running.none')}</p>}
          <ul className="stack">
            {running.map((browser) => (
              <li key={browser.runId} className="rule" data-testid="running-browser">
                <Identity name={browser.identity} />
                <span className="grow">
                  {browser.name}{' '}
                  <span className="muted">
                    {t('browsers.since', { when: dateTime(browser.startedAt) })} ·{' '}
                    {browser.jar ? t('browsers.jar') : t('browsers.noJar')}
                    {browser.thirdPartyCookies !== undefined &&
                      ` · ${t('browsers.thirdParty')}: ${t(`browsers.thirdParty.${browser.thirdPartyCookies}`)}`}
                  </span>
                </span>
                <IconButton
                  aria-label={t('browsers.close', { name: browser.name })}
                  onClick={() => void app.attempt(() => app.client.call('browser.close', { runId: browser.runId }))}
                >
                  <XCircle size={15} aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
        </section>
        <section className="card" aria-label={t('browsers.about')} data-testid="browsers-about">
          <h3>{t('browsers.about')}</h3>
          <ul className="reasons">
            {ABOUT.map((one) => (
              <li key={one}>{t(`browsers.about.${one}`)}</li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}
