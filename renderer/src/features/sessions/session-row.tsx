import { EyeOff, Pin } from 'lucide-react';
import { memo } from 'react';
import type { SessionSummary } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { ago, carrierName, dateTime, shortId, span } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { foreignWords } from '../../state/event-words.ts';
import type { SessionMark } from '../../state/settings.ts';
import { ClockBand } from '../../ui/clock-band.tsx';
import { Identity, MiddleCut, StateMark } from '../../ui/parts.tsx';

/** What all rows of the list have in common is not repeated on each. */
export interface Common {
  readonly carrier: boolean;
}

export const SessionRow = memo(function SessionRow({
  session,
  now,
  marked,
  common,
  mark,
  compact,
}: {
  session: SessionSummary;
  now: number;
  marked: boolean;
  common: Common;
  mark: SessionMark | undefined;
  /** One line instead of two. */
  compact: boolean;
}) {
  const t = useText();
  return (
    <div className={compact ? 'session-row compact' : 'session-row'}>
      {marked && (
        <span className="mark">
          <span className="sr">{t('sessions.newActivity')}</span>
        </span>
      )}
      <div className="session-line first">
        {compact && <ClockBand clocks={session.clocks} now={now} />}
        <MiddleCut text={visible(session.host)} className="host" />
        {mark?.pinned === true && <Pin size={12} className="flat" role="img" aria-label={t('sessions.pinned')} />}
        {mark?.hidden === true && <EyeOff size={12} className="flat" role="img" aria-label={t('sessions.hidden')} />}
        {mark?.name !== undefined && (
          <strong className="name cut" title={mark.name} data-testid="session-name">
            {mark.name}
          </strong>
        )}
        <span className="label cut" title={visible(session.label ?? '')}>
          {visible(session.label ?? '')}
        </span>
        <Marks session={session} />
        {compact && session.identity !== undefined && <Identity name={session.identity} />}
        <StateMark session={session} />
        {compact && (
          <time className="muted" title={dateTime(session.lastActivity)}>
            {ago(session.lastActivity, now, t)}
          </time>
        )}
      </div>
      {!compact && <SecondLine session={session} now={now} common={common} />}
    </div>
  );
});

function SecondLine({ session, now, common }: { session: SessionSummary; now: number; common: Common }) {
  const t = useText();
  return (
    <div className="session-line second">
      <ClockBand clocks={session.clocks} now={now} />
      <span className="grow cut">
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
  );
}

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
