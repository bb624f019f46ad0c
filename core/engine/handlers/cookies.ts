import type { HandlersOf } from '../../bridge/contract.ts';
import type { cookies as table } from '../../bridge/operations/cookies.ts';
import type { CookieChange } from '../../model/app.ts';
import type { Registry } from '../../registry/registry.ts';
import type { CompanionsOf } from '../companions.ts';
import type { CookieJudge } from '../cookie-judge.ts';
import type { CookieService } from '../cookie-service.ts';
import { mustOwn } from '../own-session.ts';

export interface CookieHandlerPorts {
  readonly registry: Registry;
  readonly cookies: CookieService;
  readonly judge: CookieJudge;
  readonly companionsOf: CompanionsOf;
}

/** Cookies: what a browser will do with one, and edits of them. */
export function cookieHandlers({
  registry,
  cookies,
  judge,
  companionsOf,
}: CookieHandlerPorts): HandlersOf<typeof table> {
  return {
    'cookie.preview': async ({ key, change }) => {
      const session = mustOwn(registry, key);
      const { owner, draft } = cookies.preview(session, change);
      const left = change.value === undefined ? [] : leftBehind(companionsOf(session), change);
      return { ...draft, notes: [...draft.notes, ...left], judgement: judge.judge(draft.after, owner.url) };
    },
    'cookie.apply': ({ key, change, hold }) => cookies.apply(mustOwn(registry, key), change, hold),
    'cookie.hold': ({ key, editId }) => cookies.hold(mustOwn(registry, key), editId),
    'cookie.judge': async ({ setCookie, url, browser }) => judge.judge(setCookie, url, browser),
  };
}

/** Companions that an edit of the value does not renew: the application will refuse the value. */
function leftBehind(companions: Readonly<Record<string, string>>, change: CookieChange): string[] {
  return Object.keys(companions)
    .filter((name) => change.companions?.[name] === undefined)
    .map(
      (name) => `The cookie ${name} belongs to this value and stays as it is, so the application will refuse the value`,
    );
}
