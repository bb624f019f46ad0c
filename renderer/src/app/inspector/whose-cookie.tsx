import { Split, TriangleAlert } from 'lucide-react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import { ago, dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { eventWords, foreignWords, ownNames } from '../../state/event-words.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/parts.tsx';

/** What put the session into its state, with the flow in which it happened. */
export function StateLine({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const now = useNow();
  const { event, foreign } = detail.summary;
  if (foreign !== undefined) return null;
  return (
    <div className="row state-line" data-testid="state-event" data-event={event.state} data-because={event.because}>
      <span className="wrap">{eventWords(event, t)}</span>
      <time className="muted" dateTime={new Date(event.at).toISOString()} title={dateTime(event.at)}>
        {ago(event.at, now, t)}
      </time>
      {event.flowId !== undefined && (
        <BareButton className="link" onClick={() => app.ui({ tab: 'flows', flowId: event.flowId ?? null })}>
          {t('timeline.flow')}
        </BareButton>
      )}
      {'as' in event && event.as !== '' && (
        <BareButton className="link" onClick={() => app.select(event.as)}>
          {t('timeline.show')}
        </BareButton>
      )}
    </div>
  );
}

/** A cookie of another port: whose it is, why nothing can be done with it here, and how to keep applications apart. */
export function ForeignCookie({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const { summary, joinedWith } = detail;
  const { foreign, host, key, id } = summary;
  const issuerKey = useAppState(
    (state) => [...state.sessions.rows.values()].find((one) => one.host === foreign?.issuer && one.id === id)?.key,
  );
  const join = async (joined: boolean) => {
    const done = await app.attempt(() => app.client.call('session.join', { key, joined }));
    if (done === undefined) return;
    const issuer = foreign?.issuer ?? joinedWith ?? '';
    if (joined) app.notify({ level: 'info', message: t('foreign.joined', { issuer, host }) });
    void app.refreshDetail();
  };
  if (foreign === undefined) {
    if (joinedWith === undefined) return null;
    return (
      <div className="bar-notice" data-testid="joined-cookie">
        <span className="grow">{t('foreign.isJoined', { issuer: joinedWith })}</span>
        <Button small onClick={() => void join(false)}>
          {t('foreign.unjoin')}
        </Button>
      </div>
    );
  }
  return (
    <div className="whose-cookie" role="note" data-testid="foreign-cookie">
      <Split size={15} aria-hidden />
      <div className="stack">
        <strong>{foreignWords(summary, t)}</strong>
        <span>{t('foreign.why')}</span>
        <span>{t('foreign.remedy', ownNames(host, foreign.issuer))}</span>
        <div className="row wrapping">
          {issuerKey !== undefined && (
            <Button small onClick={() => app.select(issuerKey)}>
              {t('foreign.show')}
            </Button>
          )}
          <Button small title={t('foreign.join.title')} data-testid="join-applications" onClick={() => void join(true)}>
            {t('foreign.join')}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Several cookies of one name went with one request: which one is this session's, and who reads which. */
export function CookieClash({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const { clash } = detail.summary;
  if (clash === undefined) return null;
  return (
    <div className="whose-cookie" role="note" data-testid="cookie-clash">
      <TriangleAlert size={15} aria-hidden />
      <div className="stack">
        <strong>{t('clash.title', { count: clash.cookies.length })}</strong>
        <span className="mono">
          {clash.cookies
            .map(({ path, domain, mine }) => {
              const where = t('clash.cookie', { path: domain === undefined ? path : `${path} (${domain})` });
              return mine ? `${where} (${t('clash.mine')})` : where;
            })
            .join(' → ')}
        </span>
        <span>{t('clash.text')}</span>
        <div>
          <BareButton className="link" onClick={() => app.ui({ tab: 'flows', flowId: clash.flowId })}>
            {t('timeline.flow')}
          </BareButton>
        </div>
      </div>
    </div>
  );
}
