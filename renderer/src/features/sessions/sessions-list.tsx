import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { SessionState } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { carrierName } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { PracticeRunning } from '../../parts/practice-running.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { arranged } from '../../state/arrange.ts';
import { withRecord } from '../../state/session-acts.ts';
import type { Grouping } from '../../state/settings.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Empty, ProblemBox, useNow } from '../../ui/parts.tsx';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';
import { ArrangeMenu } from './arrange-menu.tsx';
import { type Common, SessionRow } from './session-row.tsx';
import { useSessionMenu } from './use-session-menu.tsx';

const ROW = { comfortable: 44, compact: 28 } as const;
const MARK_MS = 6_000;
/** To sort and group, all sessions are fetched, up to so many. */
const MOST_ARRANGED = 10_000;

export function SessionsList() {
  const t = useText();
  const app = useApp();
  const sessions = useAppState((state) => state.sessions);
  const selected = useAppState((state) => state.detail.key);
  const now = useNow();
  const list = useRef<VirtualListHandle>(null);
  const [pointer, setPointer] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const { order: recent, rows, complete } = sessions;
  const { grouping, sorting, marks, cleared, density } = useAppState((state) => state.settings);
  const [showHidden, setShowHidden] = useState(false);
  const { lines, hidden } = useMemo(
    () => arranged({ order: recent, rows }, { grouping, sorting, marks, cleared, showHidden }),
    [recent, rows, grouping, sorting, marks, cleared, showHidden],
  );
  /** The keys by the lines of the list; '' is the head of a group. */
  const order = useMemo(() => lines.map((line) => (line.kind === 'session' ? line.key : '')), [lines]);
  const active = selected === null ? -1 : order.indexOf(selected);

  const common = useMemo<Common>(() => {
    const names = new Set<string>();
    for (const { carrier } of rows.values()) if (names.add(carrierName(carrier)).size > 1) break;
    return { carrier: names.size < 2 };
  }, [rows]);

  const held = pointer || scrolled;
  useLayoutEffect(() => app.holdList(held), [app, held]);
  useLayoutEffect(() => () => app.holdList(false), [app]);

  // Rows that come in above what is being read push the view down by their height, so that nothing seen moves.
  const firstSeen = useRef(order[0]);
  useLayoutEffect(() => {
    const was = firstSeen.current;
    firstSeen.current = order[0];
    if (was === undefined || was === order[0] || !held) return;
    const above = order.indexOf(was);
    if (above > 0) list.current?.shift(above);
  }, [order, held]);

  const onActive = useCallback(
    (index: number) => {
      // Heads of groups are passed over, in the direction of the move.
      const at = order[index] === '' ? (index < active && index > 0 ? index - 1 : index + 1) : index;
      const key = order[at];
      if (key !== undefined && key !== '') app.select(key);
    },
    [active, app, order],
  );

  const [selection, setSelection] = useState<ReadonlySet<string | number>>(new Set());
  const menuOf = useSessionMenu();
  const several = useMemo(() => order.filter((key) => key !== '' && selection.has(key)), [order, selection]);
  /** The rows that an act on this row is for: the selection that it belongs to, else the row itself. */
  const actedOn = (index: number): readonly string[] => {
    const key = order[index];
    if (key === undefined || key === '') return [];
    return selection.has(key) ? several : [key];
  };
  const older = useCallback(() => void app.olderSessions().catch((error) => app.fail(error)), [app]);
  const filtered = sessions.filter.trim() !== '';
  const plain = grouping === 'none' && sorting === 'activity';
  const wantsAll = !plain && !complete && rows.size > 0 && rows.size < MOST_ARRANGED;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page that arrives asks for the next one
  useEffect(() => {
    if (wantsAll) older();
  }, [wantsAll, older, rows.size]);
  return (
    <section className="pane" aria-label={t('sessions.title')}>
      <div className="pane-head">
        <h2 className="grow">{t('sessions.title')}</h2>
        <span className="muted" {...(filtered ? { role: 'status' } : {})} data-testid="sessions-count">
          {filtered
            ? t('sessions.of', { shown: sessions.matching, total: sessions.total })
            : t('sessions.count', { count: sessions.total })}
        </span>
        <ArrangeMenu hidden={hidden} showHidden={showHidden} onShowHidden={setShowHidden} />
      </div>
      {sessions.moved.size > 0 && plain && (
        <div className="moved" data-testid="sessions-moved">
          <span>{t('sessions.sort', { count: sessions.moved.size })}</span>
          <BareButton className="link" onClick={() => app.sortSessions()}>
            {t('sessions.sort.action')}
          </BareButton>
        </div>
      )}
      {order.length === 0 && hidden > 0 ? (
        <Empty title={t('sessions.empty.hidden', { count: hidden })} text={t('sessions.empty.hidden.text')}>
          <Button data-testid="sessions-show-hidden" onClick={() => setShowHidden(true)}>
            {t('sessions.showHidden')}
          </Button>
        </Empty>
      ) : order.length === 0 ? (
        <NoSessions filtered={filtered} />
      ) : (
        <VirtualList
          handle={list}
          role="listbox"
          label={t('sessions.list')}
          testId="sessions"
          count={order.length}
          rowHeight={ROW[density]}
          key={density}
          active={active}
          onActive={onActive}
          onNearEnd={older}
          selection={selection}
          onSelection={setSelection}
          menu={(index) => menuOf(actedOn(index))}
          onKey={(event, index) => {
            if (event.key === 'F2' && selected !== null) {
              event.preventDefault();
              app.ui({ ask: { what: 'name', keys: [selected] } });
            }
            if (event.key !== 'Delete' || event.ctrlKey || event.metaKey || event.altKey) return;
            event.preventDefault();
            const records = withRecord(app, actedOn(index));
            if (records.length > 0) app.ui({ ask: { what: 'kill', keys: records } });
          }}
          onOpen={() => document.querySelector<HTMLElement>('[data-testid="tab-data"]')?.focus()}
          onPointerOver={setPointer}
          onScrolled={(top) => setScrolled(top > ROW[density] / 2)}
          rowKey={(index) => {
            const line = lines[index];
            return line === undefined ? index : line.kind === 'session' ? line.key : `group ${line.value}`;
          }}
          rowProps={(index) => {
            const session = rows.get(order[index] ?? '');
            if (session === undefined) return { 'data-testid': 'session-group', 'aria-disabled': true };
            return {
              'data-testid': 'session-row',
              'data-session': order[index],
              'data-session-id': session?.id,
              'data-host': session?.host,
              'data-state': session?.state,
            };
          }}
          row={(index) => {
            const line = lines[index];
            if (line?.kind === 'group') return <GroupHead grouping={grouping} value={line.value} count={line.count} />;
            const key = order[index];
            const session = key === undefined ? undefined : rows.get(key);
            if (session === undefined || key === undefined) return null;
            const marked = now - (sessions.active.get(key) ?? 0) < MARK_MS;
            return (
              <SessionRow
                session={session}
                now={now}
                marked={marked}
                common={common}
                mark={marks[key]}
                compact={density === 'compact'}
              />
            );
          }}
        />
      )}
      {several.length > 1 && (
        <div
          className="bulk"
          role="toolbar"
          aria-label={t('sessions.bulk', { count: several.length })}
          data-testid="bulk"
        >
          <span className="grow">{t('sessions.bulk', { count: several.length })}</span>
          {menuOf(several).map((entry) =>
            entry === null ? null : (
              <Button
                key={entry.id}
                small
                disabled={entry.disabled === true}
                data-testid={`bulk-${entry.id}`}
                onClick={entry.run}
              >
                {entry.label}
              </Button>
            ),
          )}
          <Button small variant="quiet" onClick={() => setSelection(new Set())}>
            {t('sessions.bulk.clear')}
          </Button>
        </div>
      )}
    </section>
  );
}

function GroupHead({ grouping, value, count }: { grouping: Grouping; value: string; count: number }) {
  const t = useText();
  const word =
    grouping === 'state'
      ? t(`state.${value as SessionState}`)
      : value === '' && grouping !== 'none'
        ? t(`sessions.group.none.${grouping as 'host' | 'framework' | 'identity'}`)
        : visible(value);
  return (
    <div className="session-group">
      <span className="cut">{word}</span>
      <span className="muted">{t('sessions.count', { count })}</span>
    </div>
  );
}

function NoSessions({ filtered }: { filtered: boolean }) {
  const t = useText();
  const app = useApp();
  const { status, filter, total, emptyReason, problem } = useAppState((state) => state.sessions);
  const practice = useAppState((state) => state.practice);
  if (problem?.kind === 'filter') {
    return (
      <Empty title={t('filter.unreadable')} text={t('filter.unreadable.text')}>
        <Button onClick={() => void app.filterSessions('')}>{t('top.filter.clear')}</Button>
      </Empty>
    );
  }
  if (problem !== null) {
    return (
      <div className="section">
        <ProblemBox problem={problem}>
          <div>
            <Button onClick={() => void app.listSessions(filter)}>{t('common.retry')}</Button>
          </div>
        </ProblemBox>
      </div>
    );
  }
  if (status === 'loading') return <p className="empty muted">{t('common.loading')}</p>;
  if (filtered) {
    return (
      <Empty title={t('sessions.empty.filtered')} text={t('sessions.empty.filtered.text', { total, filter })}>
        <Button onClick={() => void app.filterSessions('')}>{t('top.filter.clear')}</Button>
      </Empty>
    );
  }
  return (
    <Empty title={t('sessions.empty.title')} text={emptyReason ?? t('sessions.empty.text')}>
      {practice === null ? (
        <Button onClick={() => app.go('home')}>{t('home.browser')}</Button>
      ) : (
        <div className="stack grow">
          <h3>{t('home.practice')}</h3>
          <PracticeRunning practice={practice} />
        </div>
      )}
    </Empty>
  );
}
