import { BrowserService } from '../browser-service.ts';
import type { Base } from './base.ts';
import type { Traffic } from './traffic.ts';

/** Browsers that are opened from here, with the proxy and the certificate of this engine. */
export function composeBrowsers({
  host,
  clock,
  emitter,
  notices,
  identityPorts,
  authority,
  judge,
  unsent,
}: Base & Pick<Traffic, 'identityPorts' | 'authority' | 'judge' | 'unsent'>) {
  const browsers: BrowserService = new BrowserService({
    folder: host.dataFolder,
    clock,
    authority: () => authority.current,
    ports: identityPorts,
    changed: () => emitter.emit('browsers.changed', { running: browsers.running() }),
    moreArguments: host.browserArguments,
    notify: notices.notify,
    onCookieFact: (fact) => judge.take(fact),
    onCookieUnsent: unsent.take,
  });
  void browsers.removeLeftovers().catch(() => {});
  return { service: { browsers }, close: () => browsers.closeAll() };
}
