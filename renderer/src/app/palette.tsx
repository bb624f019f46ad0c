import { Dialog as Base } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import { useState } from 'react';
import { visible } from '../../../core/model/visible.ts';
import { carrierName, shortId } from '../format.ts';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { inspectorTabs, NO_VALUE } from '../state/app-state.ts';
import { screens } from './rail.tsx';
import { replaySelected } from './shortcuts.ts';

const MAX_SESSIONS = 200;
const LIKE_A_VALUE = 20;

/** Everything that can be done or opened, found by typing. */
export function Palette() {
  const t = useText();
  const app = useApp();
  const open = useAppState((state) => state.ui.dialog === 'palette');
  const close = () => app.ui({ dialog: null });
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && close()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup className="dialog palette" data-testid="palette">
          <Base.Title className="sr">{t('palette.title')}</Base.Title>
          <Entries close={close} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function Entries({ close }: { close: () => void }) {
  const t = useText();
  const app = useApp();
  const { sessions, browsers, detail, proxy, settings } = app.state;
  const [typed, setTyped] = useState('');
  const value = typed.trim();
  const item = (id: string, label: string, act: () => void, extra?: string, matches = '') => (
    <Command.Item
      key={id}
      value={`${label} ${extra ?? ''} ${id} ${matches}`}
      onSelect={() => {
        close();
        act();
      }}
    >
      <span className="grow cut">{label}</span>
      {extra !== undefined && <span className="muted mono">{extra}</span>}
    </Command.Item>
  );
  return (
    <Command label={t('palette.title')} loop>
      <Command.Input placeholder={t('palette.placeholder')} autoFocus value={typed} onValueChange={setTyped} />
      <Command.List label={t('palette.title')}>
        <Command.Empty>{t('palette.none')}</Command.Empty>
        <Command.Group heading={t('palette.group.do')}>
          {(browsers.found ?? []).map((one) =>
            item(`open-${one.browserId}`, t('browsers.open', { name: one.name }), () => {
              void app.attempt(() => app.client.call('browser.launch', { browserId: one.browserId }));
            }),
          )}
          {item('record', proxy?.recording === true ? t('top.pause') : t('top.resume'), () => {
            void app.attempt(() => app.client.call('proxy.record', { on: proxy?.recording !== true }));
          })}
          {detail.key !== null && item('replay', t('flows.replay.title'), () => void replaySelected(app), 'R')}
          {item('attach', t('stores.attach'), () => app.go('stores'))}
          {item('theme', t('palette.theme'), () => {
            const dark =
              settings.theme === 'dark' ||
              (settings.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
            app.remember({ theme: dark ? 'light' : 'dark' });
          })}
          {item('agents', t('agents.title'), () => app.ui({ dialog: 'agents' }))}
          {/* What is as long as a cookie's value and matches nothing else is one. */}
          {value.length >= LIKE_A_VALUE &&
            item(
              'value-typed',
              t('palette.value'),
              () =>
                app.set({
                  values: { ...NO_VALUE, text: value },
                  ui: { ...app.state.ui, screen: 'values', dialog: null },
                }),
              undefined,
              value,
            )}
          {item('help', t('help.title'), () => app.ui({ dialog: 'help' }), '?')}
        </Command.Group>
        <Command.Group heading={t('palette.group.go')}>
          {screens.map(({ id, label }) => item(`go-${id}`, t(label), () => app.go(id)))}
          {detail.key !== null &&
            inspectorTabs.map((tab, i) =>
              item(`tab-${tab}`, t(`tab.${tab}`), () => app.ui({ screen: 'sessions', tab }), String(i + 1)),
            )}
        </Command.Group>
        <Command.Group heading={t('palette.group.sessions')}>
          {sessions.order.slice(0, MAX_SESSIONS).map((key) => {
            const one = sessions.rows.get(key);
            if (one === undefined) return null;
            const label = `${visible(one.host)} · ${carrierName(one.carrier)}${one.label === undefined ? '' : ` · ${visible(one.label)}`}`;
            return item(`session-${key}`, label, () => app.select(key, app.state.ui.tab), shortId(one.id));
          })}
        </Command.Group>
      </Command.List>
    </Command>
  );
}
