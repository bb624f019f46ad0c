import { Popover } from '@base-ui/react/popover';
import { Clock, Skull } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import type { SessionSummary } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { Flags } from '../../features/sessions/session-row.tsx';
import { ago, carrierName, dateTime, parseSpan, shortId, span } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { AgedAndUsed, CleanupNote } from '../../parts/cleanup-note.tsx';
import { CompareSessions } from '../../parts/compare/compare-sessions.tsx';
import { Findings } from '../../parts/value/findings.tsx';
import { SignatureLine } from '../../parts/value/keys.tsx';
import { Why } from '../../parts/why/why.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { ClockBand } from '../../ui/clock-band.tsx';
import { Input } from '../../ui/controls.tsx';
import { CopyButton, Identity, StateMark, useNow } from '../../ui/parts.tsx';
import { ProveIt } from './prove-it.tsx';
import { CookieClash, ForeignCookie, StateLine } from './whose-cookie.tsx';

export function InspectorHead({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const { summary } = detail;
  return (
    <div className="inspector-head">
      <div className="row wrapping">
        <h2 className="cut title" title={`${visible(summary.host)} · ${carrierName(summary.carrier)}`}>
          {visible(summary.host)} · <span className="mono">{carrierName(summary.carrier)}</span>
        </h2>
        <span className="row facts-row">
          <span className="mono" title={summary.id} data-testid="session-id">
            {shortId(summary.id)}
          </span>
          <CopyButton value={summary.id} label={t('inspector.copyId')} small />
          <CompareSessions detail={detail} key={summary.key} />
          <StateMark session={summary} />
          {summary.identity !== undefined && <Identity name={summary.identity} />}
        </span>
        <span className="row facts-row">
          <ScorePopover summary={summary} />
          {summary.carrier.kind === 'cookie' && summary.foreign === undefined && <ProveIt sessionKey={summary.key} />}
          {summary.foreign === undefined && <Why of={{ sessionKey: summary.key }} key={summary.key} />}
          <Age detail={detail} />
          <Kill detail={detail} />
        </span>
        <Flags session={summary} />
      </div>
      <div className="row">
        <ThreeClocks detail={detail} />
        {summary.signature !== undefined && <SignatureLine signature={summary.signature} />}
      </div>
      {summary.findings !== undefined && <Findings findings={summary.findings} />}
      <StateLine detail={detail} />
      <AgedAndUsed detail={detail} />
      <ForeignCookie detail={detail} />
      <CookieClash detail={detail} />
    </div>
  );
}

function ThreeClocks({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const now = useNow();
  const { cookie, store, payload } = detail.summary.clocks;
  const storeText =
    store === undefined
      ? t('clock.store.none')
      : [
          store.lastUsed === null
            ? t('clock.store.silent')
            : t('clock.store.lastUsed', { when: ago(store.lastUsed, now, t) }),
          ...(store.cleanupDue === undefined ? [] : [t('clock.store.due', { when: ago(store.cleanupDue, now, t) })]),
        ].join(', ');
  return (
    <dl className="clocks">
      <div>
        <dt>
          <ClockBand clocks={detail.summary.clocks} now={now} /> {t('clock.cookie')}
        </dt>
        <dd title={cookie.expires === null ? undefined : dateTime(cookie.expires)}>
          {cookie.expires === null
            ? t('clock.cookie.session')
            : t('clock.cookie.until', { when: ago(cookie.expires, now, t) })}
        </dd>
      </div>
      <div>
        <dt>{t('clock.store')}</dt>
        <dd title={store?.lastUsed == null ? undefined : dateTime(store.lastUsed)}>{storeText}</dd>
      </div>
      <div>
        <dt>{t('clock.payload')}</dt>
        <dd>
          {payload === undefined
            ? t('clock.payload.none')
            : t('clock.payload.until', { at: payload.at, when: ago(payload.expires, now, t) })}
        </dd>
      </div>
    </dl>
  );
}

/** Why this cookie is taken for the session; the user's word goes above the guess. */
function ScorePopover({ summary }: { summary: SessionSummary }) {
  const t = useText();
  const app = useApp();
  const { score } = summary;
  const sum = score.reasons.reduce((total, { points }) => total + points, 0);
  const overrule = (verdict: 'session' | 'not-session' | null) =>
    void app.attempt(() => app.client.call('session.overrule', { key: summary.key, verdict }));
  return (
    <Popover.Root>
      <Popover.Trigger className="button small" data-testid="score">
        {score.verdict === undefined
          ? t('inspector.score', { value: score.value })
          : t('inspector.overruled', { verdict: t(`inspector.verdict.${score.verdict}`) })}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="layer" sideOffset={4} align="start">
          <Popover.Popup className="popover stack">
            <Popover.Title>{t('inspector.score.title')}</Popover.Title>
            <ul className="stack">
              {score.reasons.map((reason) => (
                <li key={reason.code} className="row">
                  <span className="mono tag">{reason.points > 0 ? `+${reason.points}` : reason.points}</span>
                  <span>
                    {reason.text}{' '}
                    {reason.about === 'name' && (
                      <span className="muted">({t('score.ofName', { name: carrierName(summary.carrier) })})</span>
                    )}
                  </span>
                </li>
              ))}
            </ul>
            {sum !== score.value && <p className="muted">{t('score.sum', { sum })}</p>}
            <div className="row wrapping">
              <Button small onClick={() => overrule('session')}>
                {t('inspector.overrule.session')}
              </Button>
              <Button small onClick={() => overrule('not-session')}>
                {t('inspector.overrule.not')}
              </Button>
              {score.verdict !== undefined && (
                <Button variant="quiet" small onClick={() => overrule(null)}>
                  {t('inspector.overrule.reset')}
                </Button>
              )}
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Asks in place, then kills; the toast brings it back. */
function Kill({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const [asking, setAsking] = useState(false);
  const confirm = useRef<HTMLButtonElement>(null);
  const store = useAppState((state) => state.stores.find((one) => one.storeId === detail.record?.storeId)?.title);
  useEffect(() => {
    if (asking) confirm.current?.focus();
  }, [asking]);
  const kill = async () => {
    setAsking(false);
    const { key, id } = detail.summary;
    const done = await app.attempt(() => app.client.call('session.kill', { key }));
    if (done === undefined) return;
    app.notify({
      level: 'info',
      message: t('inspector.killed', { id: shortId(id) }),
      actions: app.undoActions(done.editId),
    });
    void app.refreshDetail();
  };
  if (!asking) {
    return (
      <Button
        small
        title={t('inspector.kill.title')}
        disabled={detail.record === null}
        data-testid="kill-session"
        onClick={() => setAsking(true)}
      >
        <Skull size={13} aria-hidden />
        {t('inspector.kill')}
      </Button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of two buttons, not a form section
    <span
      className="row"
      role="group"
      aria-label={t('inspector.kill.title')}
      onKeyDown={(event) => event.key === 'Escape' && setAsking(false)}
    >
      <span>{t('inspector.kill.ask', { store: store ?? t('clock.store') })}</span>
      <Button ref={confirm} variant="danger" small data-testid="kill-confirm" onClick={() => void kill()}>
        {t('inspector.kill.confirm')}
      </Button>
      <Button variant="quiet" small onClick={() => setAsking(false)}>
        {t('common.cancel')}
      </Button>
    </span>
  );
}

function Age({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState('25 h');
  const seconds = parseSpan(value);
  const record = detail.record;
  const canAge = useAppState((state) => state.stores.find((one) => one.storeId === record?.storeId)?.canAge !== false);
  const age = async () => {
    if (record === null || seconds === null) return;
    setOpen(false);
    const done = await app.attempt(() =>
      app.client.call('record.age', { storeId: record.storeId, id: record.id, seconds }),
    );
    if (done === undefined) return;
    app.notify({
      level: 'info',
      message: t('inspector.age.done', { span: span(seconds * 1000, t) }),
      actions: app.undoActions(done.editId),
    });
    void app.refreshDetail();
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="button small"
        disabled={record === null || !canAge}
        title={t('inspector.age.title')}
        data-testid="age-session"
      >
        <Clock size={13} aria-hidden />
        {t('inspector.age')}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="layer" sideOffset={4} align="end">
          <Popover.Popup className="popover">
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                void age();
              }}
            >
              <label className="field">
                <span className="label">{t('inspector.age.by')}</span>
                <Input
                  className="mono"
                  value={value}
                  aria-invalid={seconds === null}
                  data-testid="age-seconds"
                  onChange={(event) => setValue(event.target.value)}
                />
              </label>
              {seconds === null && <span className="bad">{t('inspector.age.bad')}</span>}
              <CleanupNote detail={detail} />
              <div className="row wrapping">
                {['1 h', '25 h', '8 d'].map((preset) => (
                  <Button key={preset} small onClick={() => setValue(preset)}>
                    {preset}
                  </Button>
                ))}
                <span className="grow" />
                <Button type="submit" variant="primary" small disabled={seconds === null} data-testid="age-apply">
                  {t('inspector.age.apply')}
                </Button>
              </div>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
