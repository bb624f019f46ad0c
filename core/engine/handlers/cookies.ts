import type { Handlers } from '../../bridge/contract.ts';
import { judgeSetCookie } from '../../cookies/judge.ts';
import { problem } from '../../model/problem.ts';
import type { Parts } from '../parts.ts';

/** Cookies: what a browser will do with one, and edits of them. */
export function cookieHandlers({
  registry,
  cookies,
  clock,
}: Parts): Pick<Handlers, 'cookie.preview' | 'cookie.apply' | 'cookie.judge'> {
  const need = (key: string) => {
    const session = registry.get(key);
    if (session === undefined) throw problem('not-found', 'That session is not in this workspace any more');
    return session;
  };
  const judged = (setCookie: string, url: string) => {
    const { stored, reasons } = judgeSetCookie(setCookie, { url, at: clock() });
    return { stored, reasons: reasons.map(({ text }) => text) };
  };
  return {
    'cookie.preview': async ({ key, change }) => {
      const { owner, draft } = cookies.preview(need(key), change);
      return { ...draft, judgement: judged(draft.after, owner.url) };
    },
    'cookie.apply': ({ key, change }) => cookies.apply(need(key), change),
    'cookie.judge': async ({ setCookie, url }) => judged(setCookie, url),
  };
}
