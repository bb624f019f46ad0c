import type { Handlers } from '../../bridge/contract.ts';
import type { Parts } from '../parts.ts';

/** The page that a browser opened from here shows first: it tells whether everything passes through the proxy. */
export const CHECK_PAGE = 'http://sessionscope.local/';

/** Browsers and the practice site. */
export function browserHandlers({
  browsers,
  practice,
}: Parts): Pick<
  Handlers,
  'browsers.list' | 'browser.launch' | 'browser.close' | 'practice.start' | 'practice.stop' | 'practice.info'
> {
  return {
    'browsers.list': () => browsers.list(),
    'browser.launch': async ({ browserId, identity, startUrl }) => ({
      runId: await browsers.launch({
        browserId,
        startUrl: startUrl ?? practice.info()?.origin ?? CHECK_PAGE,
        ...(identity === undefined ? {} : { identity }),
      }),
    }),
    'browser.close': async ({ runId }) => {
      await browsers.close(runId);
      return {};
    },
    'practice.start': async ({ kind }) => ({ practice: await practice.start(kind) }),
    'practice.stop': async () => {
      await practice.stop();
      return {};
    },
    'practice.info': async () => ({ practice: practice.info() }),
  };
}
