import type { ProxyInfo } from '../model/app.ts';
import type { Proxy as ProxyHandle } from '../proxy/options.ts';
import type { Host } from './host.ts';
import type { NetworkService } from './network-service.ts';
import type { RecordedTraffic } from './recorded-traffic.ts';

export interface ProxyInfoPorts {
  readonly host: Pick<Host, 'proxyPort'>;
  readonly proxy: ProxyHandle;
  readonly traffic: RecordedTraffic;
  readonly network: NetworkService;
}

/** The state of the proxy as the window shows it. */
export function proxyInfo({ host, proxy, traffic, network }: ProxyInfoPorts): ProxyInfo {
  const open = network.info;
  return {
    running: true,
    host: proxy.host,
    port: proxy.port,
    ...(proxy.preferredPortTaken && host.proxyPort !== undefined ? { wantedPort: host.proxyPort } : {}),
    recording: traffic.capture.recording,
    notRecorded: traffic.notRecorded,
    bodiesLeftOut: traffic.bodiesLeftOut,
    ...(open === undefined ? {} : { network: open }),
  };
}
