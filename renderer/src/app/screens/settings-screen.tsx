import { type ComponentType, useState } from 'react';
import { ProxySection } from '../../features/proxy/proxy-section.tsx';
import { dateTime } from '../../format.ts';
import type { TextKey } from '../../i18n/en.ts';
import { type Language, languages, useText } from '../../i18n/index.ts';
import { AddRule } from '../../parts/rules/add-rule.tsx';
import { RulesList } from '../../parts/rules/rules-list.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { mayNotify } from '../../state/loss-notice.ts';
import { FONT_SIZES, type Theme } from '../../state/settings.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/controls.tsx';
import { Check } from '../../ui/field.tsx';
import { CopyLine } from '../../ui/parts.tsx';
import { Segments } from '../../ui/segments.tsx';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const DENSITIES = ['comfortable', 'compact'] as const;

/** A part of the settings; `words` are what it is found by besides its title. */
interface Part {
  readonly id: string;
  readonly title: TextKey;
  readonly words: readonly TextKey[];
  readonly Body: ComponentType;
}

const PARTS: readonly Part[] = [
  {
    id: 'looks',
    title: 'settings.looks',
    words: [
      'settings.theme',
      'settings.language',
      'settings.density',
      'settings.fontSize',
      'settings.times',
      'settings.lossNotices',
    ],
    Body: Appearance,
  },
  {
    id: 'proxy',
    title: 'proxy.title',
    words: ['proxy.upstream', 'proxy.bypass', 'proxy.scope', 'network.title', 'settings.certificate'],
    Body: ProxySection,
  },
  { id: 'edits', title: 'settings.edits', words: ['common.undo', 'common.redo'], Body: Edits },
  { id: 'rules', title: 'settings.rules', words: [], Body: Rules },
  {
    id: 'about',
    title: 'settings.about',
    words: ['settings.version', 'settings.workspace', 'settings.certificate'],
    Body: About,
  },
];

/** Every setting, saved as it is changed; a part is reached from the list beside it or by typing. */
export function SettingsScreen() {
  const t = useText();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const shown = PARTS.filter(({ title, words }) =>
    [title, ...words].some((key) => t(key).toLowerCase().includes(wanted)),
  );
  return (
    <div className="page settings-page">
      <nav className="settings-nav" aria-label={t('settings.parts')}>
        <Input
          type="search"
          value={find}
          placeholder={t('settings.find')}
          aria-label={t('settings.find')}
          data-testid="settings-find"
          onChange={(event) => setFind(event.target.value)}
        />
        {shown.map(({ id, title }) => (
          <BareButton
            key={id}
            data-testid={`settings-to-${id}`}
            onClick={() => document.getElementById(`settings-${id}`)?.scrollIntoView({ block: 'start' })}
          >
            {t(title)}
          </BareButton>
        ))}
      </nav>
      <div className="page-inner">
        <h2>{t('settings.title')}</h2>
        {shown.length === 0 && <p className="muted">{t('settings.none')}</p>}
        {shown.map(({ id, Body }) => (
          <div key={id} id={`settings-${id}`} className="settings-part">
            <Body />
          </div>
        ))}
      </div>
    </div>
  );
}

function Appearance() {
  const t = useText();
  const app = useApp();
  const { theme, language, lossNotices, density, fontSize, absoluteTimes } = useAppState((state) => state.settings);
  const noticeLosses = async (wanted: boolean): Promise<void> => {
    if (!wanted || (await mayNotify(app))) app.remember({ lossNotices: wanted });
    else app.notify({ level: 'warning', message: t('settings.lossNotices.refused') });
  };
  return (
    <section className="card" aria-label={t('settings.looks')}>
      <h3>{t('settings.looks')}</h3>
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
        <span>{t('settings.density')}</span>
        <Segments
          label={t('settings.density')}
          value={density}
          options={DENSITIES.map((value) => ({ value, label: t(`settings.density.${value}`) }))}
          onChange={(next) => app.remember({ density: next })}
          testId="settings-density"
        />
        <span>{t('settings.fontSize')}</span>
        <Segments
          label={t('settings.fontSize')}
          value={String(fontSize)}
          options={FONT_SIZES.map((value) => ({ value: String(value), label: `${value} %` }))}
          onChange={(next) => app.remember({ fontSize: Number(next) })}
          testId="settings-font-size"
        />
      </div>
      <Check
        label={t('settings.times')}
        checked={absoluteTimes}
        testId="settings-times"
        onChange={(next) => app.remember({ absoluteTimes: next })}
      />
      <Check
        label={t('settings.lossNotices')}
        checked={lossNotices}
        testId="settings-loss-notices"
        onChange={(next) => void noticeLosses(next)}
      />
    </section>
  );
}

function Rules() {
  const t = useText();
  return (
    <section className="card" aria-label={t('settings.rules')}>
      <h3>{t('settings.rules')}</h3>
      <RulesList />
      <AddRule />
    </section>
  );
}

function About() {
  const t = useText();
  const info = useAppState((state) => state.info);
  if (info === null) return null;
  return (
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
