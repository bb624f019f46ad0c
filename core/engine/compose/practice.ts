import { randomBytes } from 'node:crypto';
import { checkPages } from '../../proxy/self-check/self-check.ts';
import type { BrowserService } from '../browser-service.ts';
import { browserHandlers } from '../handlers/browsers.ts';
import { PracticeService } from '../practice-service.ts';
import type { Base } from './base.ts';
import type { Stores } from './stores.ts';
import type { Traffic } from './traffic.ts';

type Ports = Base & Stores & Traffic & { readonly browsers: BrowserService };

/** Where a user begins: the practice site, the proxy's own check page that leads to it, and the browsers that open it. */
export function composePractice({ host, clock, emitter, stores, browsers, traffic, echo, port, authority }: Ports) {
  const practice = new PracticeService({
    folder: host.dataFolder,
    clock,
    attach: (url) => stores.attach(url),
    changed: (info) => emitter.emit('practice.changed', { practice: info }),
  });
  const check = checkPages(
    {
      authority: () => authority.current,
      proxyAddress: () => port.address,
      recording: () => traffic.capture.recording,
      links: () => {
        const site = practice.info();
        return site === null ? [] : [{ title: 'Practice site', url: site.origin }];
      },
      random: () => randomBytes(18).toString('base64url'),
    },
    echo,
  );
  return { hooks: check, handlers: browserHandlers({ browsers, practice }), close: () => practice.stop() };
}
