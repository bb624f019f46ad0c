import path from 'node:path';
import type { HandlersOf } from '../../bridge/contract.ts';
import type { agents as table } from '../../bridge/operations/agents.ts';
import { AgentService, type AgentServiceOptions } from '../agent-service.ts';
import { listenForAgents } from '../agent-socket.ts';
import type { Gate } from '../gate.ts';
import { noticeOf } from '../notice-service.ts';
import type { Base } from './base.ts';

/** Agents that join over the socket of the data folder. They call what the window calls: the operation table behind the gate. */
export function composeAgents({ host, workspace, emitter, notices, clock }: Base) {
  let open: Gate | undefined;
  const options: Omit<AgentServiceOptions, 'gate'> = {
    subscribe: (listener) => emitter.subscribe(listener),
    clock,
    settings: workspace.settings,
    window: host.agents === 'window',
    logFile: path.join(host.dataFolder, 'agents', 'calls.jsonl'),
    log: host.log,
    onChange: (agents) => emitter.emit('agents.changed', { agents: [...agents] }),
  };
  // The table exists when everything is composed; nobody connects earlier.
  const service = new AgentService({
    ...options,
    gate(caller) {
      if (open === undefined) throw new Error('an agent came before the engine was ready');
      return open(caller);
    },
  });
  const handlers: HandlersOf<typeof table> = {
    'agents.list': async () => ({ agents: service.list() }),
    'agent.decide': async ({ agentId, allow, remember }) => {
      service.decide(agentId, allow, remember);
      return {};
    },
    'agent.stop': async ({ agentId }) => {
      service.stop(agentId);
      return {};
    },
  };
  let stop: (() => Promise<void>) | undefined;
  return {
    service,
    handlers,
    /** Lets agents in. A socket that cannot be had is a notice: everything else works. */
    async open(gate: Gate): Promise<void> {
      open = gate;
      if (host.agents === 'none') return;
      try {
        stop = await listenForAgents(host.dataFolder, service, host.giveWay);
      } catch (error) {
        notices.notify(noticeOf(error));
      }
    },
    async close() {
      service.close();
      await stop?.();
    },
  };
}
