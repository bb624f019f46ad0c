import { ProxySection } from '../../features/proxy/proxy-section.tsx';
import { dateTime } from '../../format.ts';
import { type Language, languages, useText } from '../../i18n/index.ts';
import { AddRule } from '../../parts/rules/add-rule.tsx';
import { RulesList } from '../../parts/rules/rules-list.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { mayNotify } from '../../state/loss-notice.ts';
import type { Theme } from '../../state/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, Select } from '../../ui/controls.tsx';
import { CopyLine } from '../../ui/parts.tsx';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export function SettingsScreen() {
  const t = useText();
  const app = useApp();
  const { theme, language, lossNotices } = useAppState((state) => state.settings);
  const noticeLosses = async (wanted: boolean): Promise<void> => {
    if (!wanted || (await mayNotify(app))) app.remember({ lossNotices: wanted });
    else app.notify({ level: 'warning', message: t('settings.lossNotices.refused') });
  };
  const info = useAppState((state) => state.info);
  return (
    <div className="page">
      <div className="page-inner">
        <h2>{t('settings.title')}</h2>
        <section className="card" aria-label={t('settings.title')}>
          <div className="choice-row">
            <label htmlFor="theme">{t('settings.theme')}</label>
            <Select
              id="theme"
              value={theme}
              data-testid="settings-theme"
              onChange={(event) => app.remember({ theme: event.target.value as Theme })}
            >
              {THEMES.map((one) => (
                <option key={one} value={one}>
                  {t(`settings.theme.${one}`)}
                </option>
              ))}
            </Select>
            <label htmlFor="language">{t('settings.language')}</label>
            <Select
              id="language"
              value={language}
              data-testid="settings-language"
              onChange={(event) => app.remember({ language: event.target.value as Language })}
            >
              {languages.map((one) => (
                <option key={one.id} value={one.id} lang={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          </div>
          <label className="choice-row">
            <Checkbox
              checked={lossNotices}
              data-testid="settings-loss-notices"
              onChange={(event) => void noticeLosses(event.target.checked)}
            />
            {t('settings.lossNotices')}
          </label>
        </section>
        <ProxySection />
        <Edits />
        <section className="card" aria-label={t('settings.rules')}>
          <h3>{t('settings.rules')}</h3>
          <RulesList />
          <AddRule />
        </section>
        {info !== null && (
          <section className="card" aria-label={t('settings.about')}>
            <h3>{t('settings.about')}</h3>
            <dl className="facts">
              <dt>{t('settings.version')}</dt>
              <dd>
                {t('app.name')} {info.version}
              </dd>
              <dt>{t('settings.mode')}</dt>
              <dd>{t(`settings.mode.${info.mode}`)}</dd>
              <dt>{t('settings.workspace')}</dt>
              <dd>
                <CopyLine value={info.workspaceFile} label={t('common.copy')} />
              </dd>
              <dt>{t('settings.certificate')}</dt>
              <dd className="stack">
                <CopyLine value={info.certificate.file} label={t('home.own.copyCertificate')} />
                <span className="muted">
                  {t('settings.certificate.until', { when: dateTime(info.certificate.notAfter) })}
                </span>
              </dd>
            </dl>
          </section>
        )}
      </div>
    </div>
  );
}

/** Every edit made here, newest first, each with its way back. */
function Edits() {
  const t = useText();
  const app = useApp();
  const edits = useAppState((state) => state.edits);
  return (
    <section className="card" aria-label={t('settings.edits')}>
      <h3>{t('settings.edits')}</h3>
      {edits.length === 0 && <p>{t('settings.edits.none')}</p>}
      <ul className="stack">
        {edits.slice(0, 100).map((edit) => (
          <li key={edit.editId} className="rule">
            <span className="muted">{dateTime(edit.at)}</span>
            <span className="grow cut" title={edit.text}>
              {edit.text}
            </span>
            <span className="tag" title={edit.overwrittenBy}>
              {t(`settings.edit.${edit.state}`)}
            </span>
            {edit.state !== 'overwritten' && (
              <Button
                small
                onClick={() => void (edit.state === 'applied' ? app.undo(edit.editId) : app.redo(edit.editId))}
              >
                {edit.state === 'applied' ? t('common.undo') : t('common.redo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
