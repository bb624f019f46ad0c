import { memo, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { SessionSummary } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { ago, carrierName, shortId, span } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { PracticeRunning } from '../../parts/practice-running.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { foreignWords } from '../../state/event-words.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Empty, Identity, ProblemBox, StateMark, useNow } from '../../ui/parts.tsx';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';

const ROW = 50;
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
            return <SessionRow session={session} now={now} marked={marked} />;
          }}
        />
      )}
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

const SessionRow = memo(function SessionRow({
  session,
  now,
  marked,
}: {
  session: SessionSummary;
  now: number;
  marked: boolean;
}) {
  const t = useText();
  const unsafe = session.findings?.find(({ severity }) => severity === 'danger');
  return (
    <div className="session-row">
      {marked && (
        <span className="mark">
          <span className="sr">{t('sessions.newActivity')}</span>
        </span>
      )}
      <div className="session-line first">
        <span className="host cut" title={visible(session.host)}>
          {visible(session.host)}
        </span>
        <span className="mono muted cut">{carrierName(session.carrier)}</span>
        <span className="mono" title={visible(session.id)}>
          {shortId(session.id)}
        </span>
        <span className="cut">{visible(session.label ?? '')}</span>
        <span className="row">
          {session.alarms !== undefined && (
            <span
              className="tag warn"
              data-testid="session-alarm"
              title={t('sessions.alarm', { sentence: visible(session.alarms[0]?.sentence ?? '') })}
            >
              {t('sessions.alarm.mark')}
            </span>
          )}
          {session.signature?.state === 'invalid' && (
            <span
              className="tag warn"
              data-testid="session-signature"
              title={t('sessions.signature.invalid', { scheme: session.signature.scheme })}
            >
              {t('sessions.signature.invalid.mark')}
            </span>
          )}
          {unsafe !== undefined && (
            <span
              className="tag warn"
              data-testid="session-finding"
              title={t('finding.mark.title', { what: t(`finding.${unsafe.id}`) })}
            >
              {t('finding.mark')}
            </span>
          )}
          {session.loss !== undefined && (
            <span
              className="tag warn"
              data-testid="session-lost"
              title={t('sessions.lost', { answer: visible(session.loss.answer) })}
            >
              {t('sessions.lost.mark')}
            </span>
          )}
          <StateMark session={session} />
        </span>
      </div>
      <div className="session-line second">
        <span className="cut" data-testid="session-facts">
          {foreignWords(session, t) ?? clocksText(session, now, t).join(' · ')}
        </span>
        <span className="row">
          {session.identity !== undefined && <Identity name={session.identity} />}
          <span>{ago(session.lastActivity, now, t)}</span>
          <Flags session={session} />
        </span>
      </div>
    </div>
  );
});

/** "cookie 23 h · store 24 min · 14 flows" */
function clocksText(session: SessionSummary, now: number, t: Translate): string[] {
  const { cookie, store } = session.clocks;
  const parts: string[] = [];
  if (session.carrier.kind === 'cookie') {
    if (cookie.expires === null) parts.push(t('sessions.cookieClock.short'));
    else if (cookie.expires <= now) parts.push(t('sessions.cookieClock.over'));
    else parts.push(t('sessions.cookieClock', { span: span(cookie.expires - now, t) }));
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

export function Flags({ session }: { session: SessionSummary }) {
  const t = useText();
  if (session.carrier.kind !== 'cookie') return null;
  const { httpOnly, secure, sameSite } = session.flags;
  const flags = [
    { letter: 'H', on: httpOnly, says: httpOnly ? t('sessions.flag.H') : t('sessions.flag.H.off') },
    { letter: 'S', on: secure, says: secure ? t('sessions.flag.S') : t('sessions.flag.S.off') },
    {
      letter: sameSite === undefined ? 'L' : sameSite.slice(0, 1).toUpperCase(),
      on: sameSite !== undefined,
      says: sameSite === undefined ? t('sessions.flag.L.off') : t('sessions.flag.L', { value: sameSite }),
    },
  ];
  return (
    <span className="flags">
      {flags.map((flag, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: three places, always the same
        <span key={i} className={flag.on ? 'on' : 'off'} title={flag.says}>
          <span aria-hidden>{flag.letter}</span>
          <span className="sr">{flag.says}</span>
        </span>
      ))}
    </span>
  );
}
