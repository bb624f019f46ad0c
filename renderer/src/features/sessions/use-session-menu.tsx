import { visible } from '../../../../core/model/visible.ts';
import { parseSpan } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { type App, useApp } from '../../state/app.ts';
import {
  browserName,
  canSwap,
  openInFresh,
  reachableBrowsers,
  sendSession,
  swapSessions,
} from '../../state/identity-acts.ts';
import { ageSessions, exportSessions, markSessions, withRecord } from '../../state/session-acts.ts';
import type { MenuEntry } from '../../ui/menu.tsx';

/** How much older *Age* makes a session from the menu: over every framework's usual limit. */
const AGE = '25 h';

/** The menu of a session's row, and of several that are selected: every act on sessions. */
export function useSessionMenu() {
  const t = useText();
  const app = useApp();
  return (keys: readonly string[]): readonly (MenuEntry | null)[] => {
    const [first] = keys;
    const session = first === undefined ? undefined : app.state.sessions.rows.get(first);
    if (first === undefined || session === undefined) return [];
    const records = withRecord(app, keys);
    const many = keys.length > 1;
    // Of one session without a record the act is named all the same: it is there, and cannot be done.
    const count = many ? records.length : 1;
    const open: MenuEntry[] = many
      ? []
      : [
          { id: 'open', label: t('sessions.menu.open'), keys: 'Enter', run: () => app.select(first, 'data') },
          { id: 'why', label: t('sessions.menu.timeline'), run: () => app.select(first, 'timeline') },
          { id: 'copy-id', label: t('inspector.copyId'), run: () => void app.copy(session.id) },
          {
            id: 'host',
            label: t('sessions.menu.host', { host: visible(session.host) }),
            run: () => void app.filterSessions(`host=${session.host}`),
          },
        ];
    const compare: MenuEntry[] =
      keys.length === 2
        ? [
            {
              id: 'compare',
              label: t('compare.sessions'),
              run: () => {
                app.select(first, 'data');
                app.ui({ compareWith: keys[1] ?? null });
              },
            },
          ]
        : [];
    const { marks } = app.state.settings;
    const pinned = keys.every((key) => marks[key]?.pinned === true);
    const hidden = keys.every((key) => marks[key]?.hidden === true);
    const own: MenuEntry[] = [
      ...(many
        ? []
        : [
            {
              id: 'name',
              label: t('sessions.menu.name'),
              keys: 'F2',
              run: () => app.ui({ ask: { what: 'name', keys: [first] } }),
            },
          ]),
      {
        id: 'pin',
        label: t(pinned ? 'sessions.menu.unpin' : 'sessions.menu.pin'),
        run: () => markSessions(app, keys, { pinned: !pinned }),
      },
      {
        id: 'hide',
        label: t(hidden ? 'sessions.menu.unhide' : 'sessions.menu.hide'),
        run: () => markSessions(app, keys, { hidden: !hidden }),
      },
    ];
    return [
      ...open,
      ...compare,
      ...browserEntries(app, keys, t),
      null,
      ...own,
      null,
      {
        id: 'export',
        label: t('sessions.menu.export', { count: keys.length }),
        run: () => void exportSessions(app, keys),
      },
      null,
      {
        id: 'age',
        label: t('sessions.menu.age', { span: AGE, count }),
        disabled: records.length === 0,
        run: () => void ageSessions(app, records, parseSpan(AGE) ?? 0),
      },
      {
        id: 'kill',
        label: t('sessions.menu.kill', { count }),
        keys: 'Del',
        disabled: records.length === 0,
        run: () => app.ui({ ask: { what: 'kill', keys: records } }),
      },
    ];
  };
}

/** To other browsers: a fresh one, one that is open, or the one that has the other selected session. */
function browserEntries(app: App, keys: readonly string[], t: Translate): readonly (MenuEntry | null)[] {
  const [first, second] = keys;
  if (first === undefined || keys.length > 2) return [];
  if (second !== undefined) {
    if (!canSwap(app, first, second)) return [];
    return [{ id: 'swap', label: t('identity.swap'), run: () => void swapSessions(app, first, second) }];
  }
  const session = app.state.sessions.rows.get(first);
  if (session?.carrier.kind !== 'cookie') return [];
  const [fresh] = app.state.browsers.found ?? [];
  return [
    null,
    ...(fresh === undefined
      ? []
      : [
          {
            id: 'fresh',
            label: t('identity.fresh', { name: fresh.name }),
            run: () => void openInFresh(app, first, fresh.browserId),
          },
        ]),
    ...reachableBrowsers(app)
      .filter(({ identity }) => identity !== session.identity)
      .map((one) => ({
        id: `send-${one.runId}`,
        label: t('identity.send', { browser: browserName(one) }),
        run: () => void sendSession(app, first, one.runId),
      })),
  ];
}
