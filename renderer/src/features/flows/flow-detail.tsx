import { RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FlowDetail } from '../../../../core/model/app.ts';
import type { Flow } from '../../../../core/model/flow.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { CompareFlows } from '../../parts/compare/compare-flows.tsx';
import { Why } from '../../parts/why/why.tsx';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { FLOW_SIDES } from '../../state/settings.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton, Empty, ProblemBox } from '../../ui/parts.tsx';
import { Segments } from '../../ui/segments.tsx';
import { FlowActs } from './flow-acts.tsx';
import { FlowBody } from './flow-body.tsx';
import { FlowFrames } from './flow-frames.tsx';
import { StatusCode } from './flow-list.tsx';
import { HeaderList } from './header-list.tsx';
import { ReplayForm } from './replay-form.tsx';
import { ReplayOutcome } from './replay-outcome.tsx';

/** Answered by a login page, or refused: a redirect to it, a page that asks for a password, 401, 403 and other errors. */
function mayBeLoss({ request, response }: Flow): boolean {
  if (response === undefined) return false;
  const { status } = response;
  return status >= 300
    ? status !== 304
    : /html/.test(headerOf(response.rawHeaders, 'content-type')) && /log-?in|sign-?in/i.test(request.url);
}

function headerOf(rawHeaders: readonly string[], name: string): string {
  return rawHeaders.find((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name) ?? '';
}

/** One request and its response: raw headers explained, cookies lit, bodies in their most readable form, and the way to send it again. */
export function FlowDetailView({ id }: { id: string }) {
  const t = useText();
  const app = useApp();
  const [detail, setDetail] = useState<FlowDetail | null | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [replaying, setReplaying] = useState(false);
  const [outcome, setOutcome] = useState<string | null>(null);
  const sides = useAppState((state) => state.settings.flowSides);
  const version = useAppState((state) => state.flows.rows.find((flow) => flow.id === id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new summary of the flow announces a new detail
  useEffect(() => {
    let stale = false;
    app.client.call('flow.detail', { id }).then(
      (answer) => !stale && setDetail(answer.detail),
      (error) => !stale && setProblem(problemOf(error)),
    );
    return () => {
      stale = true;
    };
  }, [app, id, version]);
  if (problem !== null) {
    return (
      <div className="section">
        <ProblemBox problem={problem} />
      </div>
    );
  }
  if (detail === undefined) return <p className="empty muted">{t('common.loading')}</p>;
  if (detail === null) return <Empty title={t('flows.gone')} />;
  const { flow } = detail;
  const sessionKey = [...detail.requestCookies, ...detail.setCookies].find((one) => one.sessionKey)?.sessionKey;
  const replay = async () => {
    const done = await app.attempt(() => app.client.call('flow.replay', { id }));
    if (done !== undefined) setOutcome(done.flowId);
  };
  const safe = /^(GET|HEAD|OPTIONS)$/.test(flow.request.method);
  return (
    <section
      className="scroll flow-detail"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={`${flow.request.method} ${flow.request.url}`}
      data-testid="flow-detail"
    >
      <div className="section">
        <div className="row">
          <StatusCode
            flow={{ ...(flow.response && { status: flow.response.status }), ...(flow.error && { error: flow.error }) }}
          />
          <span className="mono wrap grow">
            {flow.request.method} {flow.request.url}
          </span>
          <CopyButton value={flow.request.url} small />
        </div>
        <div className="row wrapping">
          {safe && (
            <Button small data-testid="flow-replay" onClick={() => void replay()}>
              <RotateCw size={13} aria-hidden />
              {t('flows.replay')}
            </Button>
          )}
          <Button
            small
            aria-expanded={replaying}
            data-testid="flow-replay-changes"
            onClick={() => setReplaying(!replaying)}
          >
            {t('flows.replay.changes')}
          </Button>
          <CompareFlows detail={detail} />
          {mayBeLoss(flow) && <Why of={{ flowId: id }} key={id} />}
          <FlowActs id={id} />
          {sessionKey !== undefined && app.state.detail.key !== sessionKey && (
            <Button variant="quiet" small onClick={() => app.select(sessionKey, 'data')}>
              {t('flows.session')}
            </Button>
          )}
          <span className="muted">
            {dateTime(flow.startedAt)} · {timing(flow, t)}
          </span>
        </div>
        {flow.error !== undefined && <ProblemBox problem={{ kind: 'flow', message: flow.error }} />}
        {flow.editedBy !== undefined && flow.editedBy.length > 0 && (
          <div>{t('flows.edited', { rules: flow.editedBy.join(', ') })}</div>
        )}
        {outcome !== null && <ReplayOutcome recorded={detail} id={outcome} key={outcome} />}
        {replaying && <ReplayForm detail={detail} onDone={() => setReplaying(false)} />}
      </div>
      <div className="flow-sides-bar">
        <Segments
          label={t('flows.sides')}
          value={sides}
          options={FLOW_SIDES.map((value) => ({
            value,
            label: t(value === 'both' ? 'flows.sides.both' : `flows.${value}`),
          }))}
          onChange={(flowSides) => app.remember({ flowSides })}
          testId="flow-sides"
        />
      </div>
      <div className="flow-sides" data-sides={sides}>
        {sides !== 'response' && <Side detail={detail} side="request" />}
        {sides === 'request' ? null : flow.response === undefined ? (
          <p className="section muted">{flow.error === undefined ? t('flows.pending') : t('flows.noAnswer')}</p>
        ) : (
          <Side detail={detail} side="response" />
        )}
      </div>
      {flow.kind === 'websocket' && <FlowFrames flow={flow} />}
    </section>
  );
}

function timing(flow: Flow, t: ReturnType<typeof useText>): string {
  const { timing: parts, startedAt, endedAt, client, server } = flow;
  return [
    ...(endedAt === undefined ? [] : [`${Math.round(endedAt - startedAt)} ms`]),
    ...(parts?.connectMs === undefined ? [] : [t('flows.timing.connect', { ms: Math.round(parts.connectMs) })]),
    ...(parts?.tlsMs === undefined ? [] : [t('flows.timing.tls', { ms: Math.round(parts.tlsMs) })]),
    ...(parts?.firstByteMs === undefined ? [] : [t('flows.timing.first', { ms: Math.round(parts.firstByteMs) })]),
    `${client.address}:${client.port} → ${server === undefined ? '…' : `${server.address}:${server.port}`}`,
  ].join(' · ');
}

/** `1.1` and `HTTP/1.1` alike. */
function httpVersion(version: string): string {
  return version === '' || version.startsWith('HTTP') ? version : `HTTP/${version}`;
}

function Side({ detail, side }: { detail: FlowDetail; side: 'request' | 'response' }) {
  const t = useText();
  const { flow } = detail;
  const message = side === 'request' ? flow.request : flow.response;
  if (message === undefined) return null;
  const names =
    side === 'request'
      ? detail.requestCookies.filter((one) => one.sessionKey !== undefined).map((one) => one.name)
      : detail.setCookies.filter((one) => one.sessionKey !== undefined).map((one) => one.raw.split('=')[0] ?? '');
  const line =
    side === 'request'
      ? `${flow.request.method} ${httpVersion(flow.request.httpVersion)}`
      : `${httpVersion(flow.response?.httpVersion ?? '')} ${flow.response?.status ?? ''} ${flow.response?.reason ?? ''}`;
  return (
    <section className="section" aria-label={t(`flows.${side}`)}>
      <div className="section-head">
        <h3>{t(`flows.${side}`)}</h3>
        <span className="mono">{line}</span>
      </div>
      <HeaderList raw={message.rawHeaders} sessionCookies={names} />
      {message.sent !== undefined && (
        <>
          <div className="section-head">
            <h3>{t(`flows.sent.${side}`)}</h3>
            <span className="mono wrap">
              {'method' in message.sent ? `${message.sent.method} ${message.sent.url}` : message.sent.status}
            </span>
          </div>
          <HeaderList raw={message.sent.rawHeaders} sessionCookies={names} />
        </>
      )}
      <FlowBody id={flow.id} side={side} size={message.body.size} />
    </section>
  );
}
