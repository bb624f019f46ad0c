import { webAddress } from '../../../model/web-address.ts';
import type { LabContext } from '../context.ts';
import type { Ask } from '../ports.ts';

/** How a request is sent from another address of this machine; undefined where the application is not reached from it. */
export function fromAddress(
  lab: LabContext,
  address: string,
): Pick<Ask, 'localAddress' | 'url' | 'headers'> | undefined {
  const url = webAddress(lab.ports.verification.request.url);
  const v6 = address.includes(':');
  const host = url.hostname;
  if (/(^|\.)localhost$/i.test(host) || (host.startsWith('[') ? v6 : /^[\d.]+$/.test(host) ? !v6 : false)) {
    return { localAddress: address };
  }
  // A name, or another machine: the system's route decides whether it is reached from that address.
  if (host !== '127.0.0.1' && host !== '[::1]') {
    return /^(127\.|::1$)/.test(address) ? undefined : { localAddress: address };
  }
  // The application is asked under its own name on the other loopback address, where it may listen too.
  const at = `${url.protocol}//${v6 ? '[::1]' : '127.0.0.1'}${url.port === '' ? '' : `:${url.port}`}`;
  return { localAddress: address, url: at + url.pathname + url.search + url.hash, headers: { Host: url.host } };
}

/** "127.0.0.2, 127.0.0.3 and ::1" */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
