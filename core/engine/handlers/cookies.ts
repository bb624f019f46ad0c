import type { HandlersOf } from '../../bridge/contract.ts';
import type { cookies as table } from '../../bridge/operations/cookies.ts';
import type { Registry } from '../../registry/registry.ts';
import type { CookieJudge } from '../cookie-judge.ts';
import type { CookieService } from '../cookie-service.ts';
import { mustOwn } from '../own-session.ts';

export interface CookieHandlerPorts {
  readonly registry: Registry;
  readonly cookies: CookieService;
  readonly judge: CookieJudge;
}

/** Cookies: what a browser will do with one, and edits of them. */
export function cookieHandlers({ registry, cookies, judge }: CookieHandlerPorts): HandlersOf<typeof table> {
  return {
    'cookie.preview': async ({ key, change }) => {
      const { owner, draft } = cookies.preview(mustOwn(registry, key), change);
      return { ...draft, judgement: judge.judge(draft.after, owner.url) };
    },
    'cookie.apply': ({ key, change, hold }) => cookies.apply(mustOwn(registry, key), change, hold),
    'cookie.hold': ({ key, editId }) => cookies.hold(mustOwn(registry, key), editId),
    'cookie.judge': async ({ setCookie, url, browser }) => judge.judge(setCookie, url, browser),
  };
}
