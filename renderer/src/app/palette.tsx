import { Dialog as Base } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import { useState } from 'react';
import { visible } from '../../../core/model/visible.ts';
import { useSessionMenu } from '../features/sessions/use-session-menu.tsx';
import { carrierName, shortId } from '../format.ts';
import { useText } from '../i18n/index.ts';
import { type App, useApp, useAppState } from '../state/app.ts';
import { inspectorTabs, NO_VALUE } from '../state/app-state.ts';
import { saveHar } from '../state/flow-acts.ts';
import { clearLists } from '../state/session-acts.ts';
import { tryPractice } from '../state/try-practice.ts';
import { lastEdit, redo, undo } from '../state/undo.ts';
import { chooseHar } from './menu-acts.ts';
import { screens } from './screens.ts';
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

/** Presses a button of the selected session's head, which asks and answers there. */
function pressInInspector(app: App, testId: string): void {
  app.ui({ screen: 'sessions' });
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.click());
}

function Entries({ close }: { close: () => void }) {
  const t = useText();
  const app = useApp();
  const { sessions, browsers, detail, proxy, settings } = app.state;
  const menuOf = useSessionMenu();
  const [typed, setTyped] = useState('');
  const undoable = lastEdit(app, 'applied');
  const redoable = lastEdit(app, 'undone');
  const chosen = detail.key === null ? undefined : sessions.rows.get(detail.key);
  const browser = browsers.found?.[0]?.browserId;
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
          {chosen !== undefined &&
            menuOf([chosen.key]).map((entry) =>
              entry === null || entry.disabled === true || entry.id === 'open'
                ? null
                : item(`session-act-${entry.id}`, entry.label, entry.run, shortId(chosen.id)),
            )}
          {chosen?.carrier.kind === 'cookie' &&
            item('prove', t('prove.start'), () => pressInInspector(app, 'prove-it'), shortId(chosen.id))}
          {chosen !== undefined && item('why', t('why.start'), () => pressInInspector(app, 'why'), shortId(chosen.id))}
          {undoable !== undefined && item('undo', t('palette.undo'), () => void undo(app), undoable.text)}
          {redoable !== undefined && item('redo', t('palette.redo'), () => void redo(app), redoable.text)}
          {item('practice', t('home.practice'), () => void tryPractice(app, browser, () => {}))}
          {item('har-export', t('flows.har.export'), () => void saveHar(app, {}))}
          {item('har-import', t('flows.har.import'), () => chooseHar(app))}
          {item('clear', t('lists.clear'), () => clearLists(app))}
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
            const label = [
              visible(one.host),
              carrierName(one.carrier),
              settings.marks[key]?.name ?? '',
              visible(one.label ?? ''),
            ]
              .filter((part) => part !== '')
              .join(' · ');
            return item(`session-${key}`, label, () => app.select(key, app.state.ui.tab), shortId(one.id));
          })}
        </Command.Group>
      </Command.List>
    </Command>
  );
}
