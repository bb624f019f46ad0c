import path from 'node:path';
import type { Handlers } from '../bridge/contract.ts';
import type { AgentService } from './agent-service.ts';
import { requestWay } from './agent-socket.ts';
import { auditFile } from './audit.ts';
import { composeAgents } from './compose/agents.ts';
import { composeApp } from './compose/app.ts';
import { openBase } from './compose/base.ts';
import { composeBrowsers } from './compose/browsers.ts';
import { composeEditing } from './compose/editing.ts';
import { composeLab } from './compose/lab.ts';
import { composePractice } from './compose/practice.ts';
import { composeRecords } from './compose/records.ts';
import { composeSessions } from './compose/sessions.ts';
import { composeStores } from './compose/stores.ts';
import { composeTraffic } from './compose/traffic.ts';
import type { Listener } from './emitter.ts';
import { gateOf } from './gate.ts';
import { type EngineOptions, hostOf } from './host.ts';
import { portTaken } from './port-notice.ts';

/** The debugger. Electron's main process, the web mode and the tests host the same one. */
export interface Engine {
  /** What can be requested of it: the operation table, carried out. */
  readonly handlers: Handlers;
  /** How agents come in: what they call passes a boundary of its own. */
  readonly agents: Pick<AgentService, 'connect'>;
  /** What happens, to any number of listeners. Returns how to stop. */
  subscribe(listener: Listener): () => void;
  /** Ends browsers, proxy and stores, and saves what is not saved yet. */
  close(): Promise<void>;
}

/**
 * Starts the debugger: workspace, certificate authority, proxy, and the stores of last time. Each feature is given what
 * was composed before it; nothing is used before it is there, and all is closed in the opposite order.
 * @throws ProblemError when the data folder cannot be used or the proxy cannot listen
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const host = hostOf(options);
  // Before the workspace is opened, which only one engine can have.
  if (host.agents === 'window') await requestWay(host.dataFolder);
  const base = await openBase(host);
  const stores = composeStores(base);
  const traffic = await composeTraffic(base);
  // From here to `serve` nothing waits: the port is open already.
  const ground = { ...base, ...stores.service, ...traffic.service };
  const sessions = composeSessions(ground);
  const browsers = composeBrowsers(ground);
  const live = { ...ground, ...sessions.service, ...browsers.service };
  const editing = composeEditing(live);
  const records = composeRecords({ ...live, ...editing.service });
  const practice = composePractice(live);
  const lab = composeLab({ ...live, ...records.service });
  const { beforeRecorder, behindRecorder } = editing.hooks;
  const proxy = traffic.serve([
    practice.hooks,
    // The recorder stands between the two halves of cookie edits.
    beforeRecorder,
    ...traffic.hooks.recorder,
    behindRecorder,
    ...traffic.hooks.rules,
  ]);
  const app = composeApp({ ...live, proxy });
  const agents = composeAgents(live);
  const gate = gateOf(
    {
      ...app.handlers,
      ...records.handlers,
      ...stores.handlers,
      ...editing.handlers,
      ...practice.handlers,
      ...lab.handlers,
      ...agents.handlers,
    },
    {
      settle: ground.traffic.settle,
      confirmSaved: () => base.workspace.confirmSaved(),
      audit: auditFile(path.join(host.dataFolder, 'audit.jsonl'), host.log),
      clock: base.clock,
    },
  );

  const { proxyPort } = base.host;
  if (proxy.preferredPortTaken && proxyPort !== undefined) base.notices.notify(portTaken(proxyPort, proxy));
  await editing.service.cookies.resume();
  await records.recover(await stores.reattach());
  await lab.recover();
  await agents.open(gate);

  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await app.close();
    await lab.close();
    await browsers.close();
    await practice.close();
    await traffic.close(proxy);
    await records.close();
    await sessions.close();
    await stores.close();
    await base.close();
    // Last: whoever waits for this engine to give way sees the socket close.
    await agents.close();
  };
  return {
    // Who holds the engine acts for the user.
    handlers: gate({ name: host.mode, consent: true }),
    agents: agents.service,
    subscribe: (listener) => base.emitter.subscribe(listener),
    close: () => (closing ??= closeAll()),
  };
}
