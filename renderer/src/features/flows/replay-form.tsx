import { useState } from 'react';
import type { FlowDetail } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { visible } from '../../../../core/model/visible.ts';
import { webAddress } from '../../../../core/model/web-address.ts';
import { shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, Input, Select } from '../../ui/controls.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { ReplayMore } from './replay-more.tsx';
import { replayAskOf, replayChoice } from './replay-options.ts';
import { ReplayResults } from './replay-results.tsx';

/** Sends a request again with other cookies or from another address; only what was changed is sent along. */
export function ReplayForm({ detail, onDone }: { detail: FlowDetail; onDone: () => void }) {
  const [sent, setSent] = useState<readonly string[]>([]);
  const t = useText();
  const app = useApp();
  const { flow, requestCookies } = detail;
  const [values, setValues] = useState<Readonly<Record<string, string | null>>>({});
  const [address, setAddress] = useState('');
  const [choice, setChoice] = useState(() => replayChoice(flow.request.method, flow.request.url));
  const [problem, setProblem] = useState<Problem | null>(null);
  const rows = useAppState((state) => state.sessions.rows);
  const sessionCookie = requestCookies.find((one) => one.sessionKey !== undefined);
  const host = webAddress(flow.request.url).host;
  const others = [...rows.values()].filter((one) => one.host === host && one.id !== sessionCookie?.value);
  const safe = /^(GET|HEAD|OPTIONS)$/.test(choice.method.trim());
  const send = async () => {
    setProblem(null);
    const cookies = Object.fromEntries(
      Object.entries(values).filter(
        ([name, value]) => requestCookies.find((one) => one.name === name)?.value !== value,
      ),
    );
    try {
      const { flowId, flowIds } = await app.client.call('flow.replay', {
        id: flow.id,
        ...replayAskOf(choice, flow.request),
        ...(Object.keys(cookies).length === 0 ? {} : { cookies }),
        ...(address.trim() === '' ? {} : { localAddress: address.trim() }),
      });
      app.notify({ level: 'info', message: t('flows.replay.sent', { count: flowIds.length }) });
      if (flowIds.length > 1 && choice.times.trim() !== '1') {
        setSent(flowIds);
        return;
      }
      app.ui({ flowId });
      onDone();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <form
      className="box stack"
      data-testid="replay-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {!safe && (
        <ProblemBox
          level="warning"
          problem={{ kind: 'unsafe', message: t('flows.replay.unsafe', { method: choice.method }) }}
        />
      )}
      {sessionCookie !== undefined && others.length > 0 && (
        <label className="field">
          <span className="label">{t('flows.replay.asSession')}</span>
          <Select value="" onChange={(event) => setValues({ ...values, [sessionCookie.name]: event.target.value })}>
            <option value="">—</option>
            {others.slice(0, 200).map((one) => (
              <option key={one.key} value={one.id}>
                {shortId(one.id)} {visible(one.label ?? '')}
              </option>
            ))}
          </Select>
        </label>
      )}
      {requestCookies.map((cookie) => {
        const value = values[cookie.name] === undefined ? cookie.value : values[cookie.name];
        return (
          <div className="row" key={cookie.name}>
            <label className="field grow">
              <span className="label">{t('flows.replay.cookie', { name: cookie.name })}</span>
              <Input
                className="mono"
                value={value ?? ''}
                disabled={value === null}
                spellCheck={false}
                data-testid={`replay-cookie-${cookie.name}`}
                onChange={(event) => setValues({ ...values, [cookie.name]: event.target.value })}
              />
            </label>
            <label className="check">
              <Checkbox
                checked={value === null}
                onChange={(event) =>
                  setValues({ ...values, [cookie.name]: event.target.checked ? null : cookie.value })
                }
              />
              {t('flows.replay.drop')}
            </label>
          </div>
        );
      })}
      <label className="field">
        <span className="label">{t('flows.replay.address')}</span>
        <Input
          className="mono"
          value={address}
          placeholder={`${t('flows.replay.address.default')} · 127.0.0.2`}
          data-testid="replay-address"
          onChange={(event) => setAddress(event.target.value)}
        />
      </label>
      <ReplayMore choice={choice} change={(part) => setChoice({ ...choice, ...part })} />
      {problem !== null && <ProblemBox problem={problem} />}
      <div className="row">
        <Button type="submit" variant="primary" data-testid="replay-send">
          {t('flows.replay.send')}
        </Button>
        <Button variant="quiet" onClick={onDone}>
          {t(sent.length > 0 ? 'common.close' : 'common.cancel')}
        </Button>
      </div>
      {sent.length > 0 && <ReplayResults detail={detail} ids={sent} />}
    </form>
  );
}
