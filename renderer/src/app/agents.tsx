import { Bot } from 'lucide-react';
import type { AgentCall, AgentInfo } from '../../../core/model/agent.ts';
import { visible } from '../../../core/model/visible.ts';
import { clockTime, dateTime } from '../format.ts';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

/** Shows that agents are connected, or that one waits; absent as long as there was none. */
export function AgentsButton() {
  const t = useText();
  const app = useApp();
  const agents = useAppState((state) => state.agents);
  if (agents.length === 0) return null;
  const waiting = agents.some(({ state }) => state === 'waiting');
  const connected = agents.filter(({ state }) => state === 'allowed').length;
  const label = waiting ? t('agents.waiting') : t('agents.open', { count: connected });
  return (
    <Button
      data-testid="agents-open"
      data-waiting={waiting}
      className={waiting ? 'button warn' : 'button'}
      aria-label={label}
      title={label}
      onClick={() => app.ui({ dialog: 'agents' })}
    >
      <Bot size={15} aria-hidden />
      <span role="status" className={waiting ? '' : 'hide-narrow'}>
        {label}
      </span>
    </Button>
  );
}

/** Who is connected, what they did, and how they are let in and stopped. */
export function AgentsDialog() {
  const t = useText();
  const app = useApp();
  const open = useAppState((state) => state.ui.dialog === 'agents');
  const agents = useAppState((state) => state.agents);
  return (
    <Dialog
      open={open}
      onClose={() => app.ui({ dialog: null })}
      title={t('agents.title')}
      description={t('agents.explain')}
      testId="agents"
      wide
    >
      {agents.length === 0 && <p>{t('agents.none')}</p>}
      {agents.map((agent) => (
        <Agent key={agent.agentId} agent={agent} />
      ))}
    </Dialog>
  );
}

function Agent({ agent }: { agent: AgentInfo }) {
  const t = useText();
  const app = useApp();
  const { agentId, client, version, state, wants, calls } = agent;
  const decide = (allow: boolean, remember: boolean) =>
    void app.attempt(() => app.client.call('agent.decide', { agentId, allow, remember }));
  return (
    <section className="stack" aria-label={client} data-testid="agent" data-state={state}>
      <div className="row">
        <strong className="grow cut">
          {visible(client)} <span className="muted">{visible(version)}</span>
        </strong>
        <span className={state === 'waiting' ? 'tag warn' : 'tag'}>{t(`agents.state.${state}`)}</span>
        {state === 'allowed' && (
          <Button
            small
            data-testid="agent-stop"
            aria-label={t('agents.stop.named', { client })}
            onClick={() => void app.attempt(() => app.client.call('agent.stop', { agentId }))}
          >
            {t('agents.stop')}
          </Button>
        )}
      </div>
      <ul>
        <li>{wants.secrets ? t('agents.wants.secrets') : t('agents.wants.reads')}</li>
        {wants.writes && <li>{t('agents.wants.writes')}</li>}
      </ul>
      {state === 'waiting' && (
        <div className="row">
          <Button small data-testid="agent-allow" onClick={() => decide(true, false)}>
            {t('agents.allow')}
          </Button>
          <Button small data-testid="agent-remember" onClick={() => decide(true, true)}>
            {t('agents.remember')}
          </Button>
          <Button small data-testid="agent-refuse" onClick={() => decide(false, false)}>
            {t('agents.refuse')}
          </Button>
        </div>
      )}
      {calls.length > 0 && (
        <details>
          <summary>{t('agents.calls', { count: calls.length })}</summary>
          <ol className="why-chain">
            {calls.map((call, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: newest first, and two calls of one moment are alike
              <Call key={`${call.at}-${calls.length - index}`} call={call} />
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

function Call({ call: { at, tool, input, outcome, reason } }: { call: AgentCall }) {
  const t = useText();
  return (
    <li data-testid="agent-call">
      <time className="muted" title={dateTime(at)}>
        {clockTime(at)}
      </time>
      <span>
        <code>{tool}</code> {t(`agents.outcome.${outcome}`)}
        {reason !== undefined && <span className="muted"> {visible(reason)}</span>}
        {input !== '{}' && <code className="wrap">{visible(input)}</code>}
      </span>
    </li>
  );
}
