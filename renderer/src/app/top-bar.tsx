import { ChevronDown, Command, Globe, HelpCircle, Pause, Play } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { BareButton, Button, IconButton } from '../ui/button.tsx';
import { Menu, type MenuEntry } from '../ui/menu.tsx';
import { CopyButton } from '../ui/parts.tsx';
import { AgentsButton } from './agents.tsx';
import { FilterField } from './filter-field.tsx';

export function TopBar() {
  const t = useText();
  const app = useApp();
  const found = useAppState((state) => state.browsers.found);
  const mac = useAppState((state) => state.info?.platform === 'darwin');
  const entries: MenuEntry[] = (found ?? []).map((browser) => ({
    id: browser.browserId,
    label: browser.version === undefined ? browser.name : `${browser.name} ${browser.version}`,
    icon: <Globe size={14} aria-hidden />,
    testId: `open-browser-${browser.browserId}`,
    run: () => {
      void app
        .attempt(() => app.client.call('browser.launch', { browserId: browser.browserId }))
        .then((done) => {
          if (done !== undefined) app.notify({ level: 'info', message: t('browsers.opened', { name: browser.name }) });
        });
    },
  }));
  return (
    <header className="top">
      <h1 className="sr">{t('app.name')}</h1>
      <Recording />
      <FilterField />
      <AgentsButton />
      <Menu
        className="button"
        label={t('top.openBrowser')}
        testId="open-browser"
        trigger={
          <>
            <Globe size={15} aria-hidden />
            <span className="hide-narrow">{t('top.openBrowser')}</span>
            <ChevronDown size={13} aria-hidden />
          </>
        }
        entries={
          entries.length > 0
            ? [...entries, null, { id: 'more', label: t('browsers.title'), run: () => app.go('browsers') }]
            : [{ id: 'none', label: t('home.own'), run: () => app.go('home') }]
        }
      />
      <Button
        aria-label={`${t('top.palette')} ${mac ? '⌘K' : 'Ctrl K'}`}
        title={t('top.palette')}
        data-testid="palette-open"
        onClick={() => app.ui({ dialog: 'palette' })}
      >
        <Command size={14} aria-hidden />
        <span className="hide-narrow muted">{mac ? '⌘K' : 'Ctrl K'}</span>
      </Button>
      <IconButton aria-label={t('top.help')} title={t('top.help')} onClick={() => app.ui({ dialog: 'help' })}>
        <HelpCircle size={16} aria-hidden />
      </IconButton>
    </header>
  );
}

function Recording() {
  const t = useText();
  const app = useApp();
  const proxy = useAppState((state) => state.proxy);
  if (proxy === null) return <span className="recording muted">{t('app.loading')}</span>;
  const address = `${proxy.host}:${proxy.port}`;
  const word = !proxy.running ? t('top.stopped') : proxy.recording ? t('top.recording') : t('top.paused');
  const toggle = proxy.recording ? t('top.pause') : t('top.resume');
  return (
    <div className="recording" data-on={proxy.running && proxy.recording} data-testid="recording">
      <span className="dot" aria-hidden />
      <span role="status">{word}</span>
      <IconButton
        aria-label={toggle}
        title={toggle}
        onClick={() => void app.attempt(() => app.client.call('proxy.record', { on: !proxy.recording }))}
      >
        {proxy.recording ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
      </IconButton>
      <code
        className="hide-narrow"
        title={
          proxy.wantedPort === undefined
            ? undefined
            : t('top.otherPort', { wanted: proxy.wantedPort, port: proxy.port })
        }
        data-testid="proxy-address"
      >
        {address}
      </code>
      <CopyButton value={address} label={t('top.copyProxy', { address })} small />
      {proxy.network !== undefined && (
        <BareButton className="tag warn" data-testid="network-tag" onClick={() => app.go('settings')}>
          {t('network.tag')}
        </BareButton>
      )}
      {proxy.bodiesLeftOut > 0 && (
        <span className="muted hide-narrow" data-testid="bodies-left-out" title={t('top.bodiesLeftOut.why')}>
          {t('top.bodiesLeftOut', { count: proxy.bodiesLeftOut })}
        </span>
      )}
      {proxy.notRecorded > 0 && (
        <span className="muted hide-narrow">{t('top.notRecorded', { count: proxy.notRecorded })}</span>
      )}
    </div>
  );
}
