import type { HandlersOf } from '../../bridge/contract.ts';
import type { cookies as table } from '../../bridge/operations/cookies.ts';
import { judgeSetCookie } from '../../cookies/judge.ts';
import type { Registry } from '../../registry/registry.ts';
import type { CookieService } from '../cookie-service.ts';
import { mustOwn } from '../own-session.ts';

export interface CookieHandlerPorts {
  readonly registry: Registry;
  readonly cookies: CookieService;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Cookies: what a browser will do with one, and edits of them. */
export function cookieHandlers({ registry, cookies, clock }: CookieHandlerPorts): HandlersOf<typeof table> {
  const judged = (setCookie: string, url: string) => {
    const { stored, reasons } = judgeSetCookie(setCookie, { url, at: clock() });
    return { stored, reasons: reasons.map(({ text }) => text) };
  };
  return {
    'cookie.preview': async ({ key, change }) => {
      const { owner, draft } = cookies.preview(mustOwn(registry, key), change);
      return { ...draft, judgement: judged(draft.after, owner.url) };
    },
    'cookie.apply': ({ key, change, hold }) => cookies.apply(mustOwn(registry, key), change, hold),
    'cookie.hold': ({ key, editId }) => cookies.hold(mustOwn(registry, key), editId),
    'cookie.judge': async ({ setCookie, url }) => judged(setCookie, url),
  };
}
