import { memo, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { SessionSummary } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { ago, carrierName, dateTime, shortId, span } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { PracticeRunning } from '../../parts/practice-running.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { foreignWords } from '../../state/event-words.ts';
import { withRecord } from '../../state/session-acts.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Empty, Identity, MiddleCut, ProblemBox, StateMark, useNow } from '../../ui/parts.tsx';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';
import { KillDialog } from './kill-dialog.tsx';
import { useSessionMenu } from './use-session-menu.tsx';

const ROW = 44;
const MARK_MS = 6_000;

export function SessionsList() {
  const t = useText();
  const app = useApp();
  const sessions = useAppState((state) => state.sessions);
  const selected = useAppState((state) => state.detail.key);
  const now = useNow();
  const list = useRef<VirtualListHandle>(null);
  const [pointer, setPointer] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const { order, rows } = sessions;
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
      const key = order[index];
      if (key !== undefined) app.select(key);
    },
    [app, order],
  );

  const [selection, setSelection] = useState<ReadonlySet<string | number>>(new Set());
  const [killing, setKilling] = useState<readonly string[] | null>(null);
  const menuOf = useSessionMenu(setKilling);
  const several = useMemo(() => order.filter((key) => selection.has(key)), [order, selection]);
  /** The rows that an act on this row is for: the selection that it belongs to, else the row itself. */
  const actedOn = (index: number): readonly string[] => {
    const key = order[index];
    if (key === undefined) return [];
    return selection.has(key) ? several : [key];
  };
  const older = useCallback(() => void app.olderSessions().catch((error) => app.fail(error)), [app]);
  const filtered = sessions.filter.trim() !== '';
  return (
    <section className="pane" aria-label={t('sessions.title')}>
      <div className="pane-head">
        <h2 className="grow">{t('sessions.title')}</h2>
        <span className="muted" {...(filtered ? { role: 'status' } : {})} data-testid="sessions-count">
          {filtered
            ? t('sessions.of', { shown: sessions.matching, total: sessions.total })
            : t('sessions.count', { count: sessions.total })}
        </span>
      </div>
      {sessions.moved.size > 0 && (
        <div className="moved" data-testid="sessions-moved">
          <span>{t('sessions.sort', { count: sessions.moved.size })}</span>
          <BareButton className="link" onClick={() => app.sortSessions()}>
            {t('sessions.sort.action')}
          </BareButton>
        </div>
      )}
      {order.length === 0 ? (
        <NoSessions filtered={filtered} />
      ) : (
        <VirtualList
          handle={list}
          role="listbox"
          label={t('sessions.list')}
          testId="sessions"
          count={order.length}
          rowHeight={ROW}
          active={active}
          onActive={onActive}
          onNearEnd={older}
          selection={selection}
          onSelection={setSelection}
          menu={(index) => menuOf(actedOn(index))}
          onKey={(event, index) => {
            if (event.key !== 'Delete' || event.ctrlKey || event.metaKey || event.altKey) return;
            event.preventDefault();
            const records = withRecord(app, actedOn(index));
            if (records.length > 0) setKilling(records);
          }}
          onOpen={() => document.querySelector<HTMLElement>('[data-testid="tab-data"]')?.focus()}
          onPointerOver={setPointer}
          onScrolled={(top) => setScrolled(top > ROW / 2)}
          rowKey={(index) => order[index] ?? index}
          rowProps={(index) => {
            const session = rows.get(order[index] ?? '');
            return {
              'data-testid': 'session-row',
              'data-session': order[index],
              'data-session-id': session?.id,
              'data-host': session?.host,
              'data-state': session?.state,
            };
          }}
          row={(index) => {
            const key = order[index];
            const session = key === undefined ? undefined : rows.get(key);
            if (session === undefined || key === undefined) return null;
            const marked = now - (sessions.active.get(key) ?? 0) < MARK_MS;
            return <SessionRow session={session} now={now} marked={marked} common={common} />;
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
      <KillDialog keys={killing} onClose={() => setKilling(null)} />
    </section>
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

/** What all rows of the list have in common is not repeated on each. */
interface Common {
  readonly carrier: boolean;
}

const SessionRow = memo(function SessionRow({
  session,
  now,
  marked,
  common,
}: {
  session: SessionSummary;
  now: number;
  marked: boolean;
  common: Common;
}) {
  const t = useText();
  return (
    <div className="session-row">
      {marked && (
        <span className="mark">
          <span className="sr">{t('sessions.newActivity')}</span>
        </span>
      )}
      <div className="session-line first">
        <MiddleCut text={visible(session.host)} className="host" />
        <span className="label cut" title={visible(session.label ?? '')}>
          {visible(session.label ?? '')}
        </span>
        <Marks session={session} />
        <StateMark session={session} />
      </div>
      <div className="session-line second">
        <span className="cut">
          <span className="mono" title={visible(session.id)}>
            {shortId(session.id)}
          </span>
          {!common.carrier && <span className="mono"> · {carrierName(session.carrier)}</span>}
          <span data-testid="session-facts">
            {' '}
            · {foreignWords(session, t) ?? clocksText(session, now, t).join(' · ')}
          </span>
        </span>
        <span className="row">
          {session.identity !== undefined && <Identity name={session.identity} />}
          <time title={dateTime(session.lastActivity)}>{ago(session.lastActivity, now, t)}</time>
        </span>
      </div>
    </div>
  );
});

/** What is wrong with a session, as words of one kind. */
function Marks({ session }: { session: SessionSummary }) {
  const t = useText();
  const { alarms, signature, loss, findings } = session;
  const unsafe = findings?.find(({ severity }) => severity === 'danger');
  const marks = [
    ...(alarms === undefined
      ? []
      : [
          {
            id: 'session-alarm',
            says: t('sessions.alarm', { sentence: visible(alarms[0]?.sentence ?? '') }),
            word: t('sessions.alarm.mark'),
          },
        ]),
    ...(signature?.state === 'invalid'
      ? [
          {
            id: 'session-signature',
            says: t('sessions.signature.invalid', { scheme: signature.scheme }),
            word: t('sessions.signature.invalid.mark'),
          },
        ]
      : []),
    ...(unsafe === undefined
      ? []
      : [
          {
            id: 'session-finding',
            says: t('finding.mark.title', { what: t(`finding.${unsafe.id}`) }),
            word: t('finding.mark'),
          },
        ]),
    ...(loss === undefined
      ? []
      : [
          {
            id: 'session-lost',
            says: t('sessions.lost', { answer: visible(loss.answer) }),
            word: t('sessions.lost.mark'),
          },
        ]),
  ];
  return marks.map(({ id, says, word }) => (
    <span key={id} className="tag warn" data-testid={id} title={says}>
      {word}
    </span>
  ));
}

/** "cookie 23 h · store 24 min · 14 flows" */
function clocksText(session: SessionSummary, now: number, t: Translate): string[] {
  const { cookie, store } = session.clocks;
  const parts: string[] = [];
  if (session.carrier.kind === 'cookie') {
    // A cookie that ends with the browser is the usual one: nothing is said of it.
    if (cookie.expires !== null && cookie.expires <= now) parts.push(t('sessions.cookieClock.over'));
    else if (cookie.expires !== null) parts.push(t('sessions.cookieClock', { span: span(cookie.expires - now, t) }));
  }
  if (store?.cleanupDue !== undefined) {
    parts.push(
      store.cleanupDue <= now
        ? t('sessions.storeClock.due')
        : t('sessions.storeClock', { span: span(store.cleanupDue - now, t) }),
    );
  } else if (session.record === undefined && store === undefined) parts.push(t('sessions.storeClock.none'));
  parts.push(t('sessions.flows', { count: session.flows }));
  return parts;
}

/** The attributes of the session's cookie that protect it, in words: those it has, and those it goes without. */
export function Flags({ session }: { session: SessionSummary }) {
  const t = useText();
  if (session.carrier.kind !== 'cookie') return null;
  const { httpOnly, secure, sameSite } = session.flags;
  const flags = [
    { word: 'HttpOnly', on: httpOnly, says: httpOnly ? t('sessions.flag.H') : t('sessions.flag.H.off') },
    { word: 'Secure', on: secure, says: secure ? t('sessions.flag.S') : t('sessions.flag.S.off') },
    {
      word: sameSite === undefined ? 'SameSite' : `SameSite=${sameSite}`,
      on: sameSite !== undefined,
      says: sameSite === undefined ? t('sessions.flag.L.off') : t('sessions.flag.L', { value: sameSite }),
    },
  ];
  return (
    <span className="flags">
      {flags.map(({ word, on, says }) => (
        <span key={word} className={on ? 'on' : 'off'} title={says}>
          {on ? word : t('sessions.flag.without', { name: word })}
        </span>
      ))}
    </span>
  );
}
