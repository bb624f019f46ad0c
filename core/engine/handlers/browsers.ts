import type { HandlersOf } from '../../bridge/contract.ts';
import type { browsers as table } from '../../bridge/operations/browsers.ts';
import type { BrowserService } from '../browser-service.ts';
import type { PracticeService } from '../practice-service.ts';

/** The page that a browser opened from here shows first: it tells whether everything passes through the proxy. */
const CHECK_PAGE = 'http://sessionscope.local/';

/** Browsers and the practice site. */
export function browserHandlers({
  browsers,
  practice,
}: {
  readonly browsers: BrowserService;
  readonly practice: PracticeService;
}): HandlersOf<typeof table> {
  return {
    'browsers.list': () => browsers.list(),
    'browser.launch': async ({ browserId, identity, startUrl, thirdPartyCookies }) => ({
      runId: await browsers.launch({
        browserId,
        startUrl: startUrl ?? practice.info()?.origin ?? CHECK_PAGE,
        ...(identity === undefined ? {} : { identity }),
        ...(thirdPartyCookies === undefined ? {} : { thirdPartyCookies }),
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
