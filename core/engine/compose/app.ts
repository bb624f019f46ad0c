import path from 'node:path';
import { guarded } from '../../model/failures.ts';
import type { Proxy as ProxyHandle } from '../../proxy/options.ts';
import type { Registry } from '../../registry/registry.ts';
import type { BrowserService } from '../browser-service.ts';
import { appHandlers } from '../handlers/app.ts';
import { flowHandlers } from '../handlers/flows.ts';
import { proxyHandlers } from '../handlers/proxy.ts';
import { transferHandlers } from '../handlers/transfer.ts';
import { HarExports } from '../har-exports.ts';
import { HarImports } from '../har-imports.ts';
import { NetworkService } from '../network-service.ts';
import { proxyInfo } from '../proxy-info.ts';
import type { Base } from './base.ts';
import type { Traffic } from './traffic.ts';

const TICK_MS = 1_000;

type Ports = Base &
  Traffic & {
    readonly proxy: ProxyHandle;
    readonly registry: Registry;
    readonly browsers: BrowserService;
  };

/** The debugger itself, the running proxy and the recorded flows, as the window shows them. */
export function composeApp(ports: Ports) {
  const { host, workspace, clock, emitter, notices, tasks, bodies } = ports;
  const { proxy, traffic, authority, settings, replay, registry, browsers } = ports;
  const network = new NetworkService(proxy);
  const info = () => proxyInfo({ host, proxy, traffic, network });
  const proxyChanged = () => {
    const now = info();
    emitter.emit('proxy.changed', { proxy: now });
    return now;
  };
  const worker = (name: string) => (host.workers === undefined ? undefined : path.join(host.workers, name));
  const imports = new HarImports({ workspace, bodies, traffic, tasks, clock, workerUrl: worker('har-worker.cjs') });
  const writerUrl = worker('har-writer-worker.cjs');
  const { version } = host;
  const exports = new HarExports({ workspace, bodies, traffic, tasks, clock, host, version, workerUrl: writerUrl });
  let reported = 0;
  const report = (): void => {
    const counted = traffic.notRecorded + traffic.bodiesLeftOut;
    if (counted === reported) return;
    reported = counted;
    proxyChanged();
  };
  const reporting = setInterval(() => guarded('timer of the counts', report), TICK_MS);
  return {
    handlers: {
      ...appHandlers({ host, workspace, authority, notices, tasks, proxyInfo: info }),
      ...proxyHandlers({ settings, authority, emitter, network, traffic, proxyChanged }),
      ...flowHandlers({ workspace, registry, bodies, replay, frames: traffic.frames }),
      ...transferHandlers({ workspace, registry, browsers, bodies, imports, exports, clock }),
    },
    async close() {
      clearInterval(reporting);
      imports.close();
    },
  };
}
