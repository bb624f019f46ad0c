import { judgeSetCookie } from '../cookies/judge.ts';
import { Recent } from '../model/recent.ts';
import type { RefusalsOf } from './ports.ts';

/** Judged Set-Cookies, since an application sets the same few with each answer. */
const KNOWN = 2_000;
const LONGEST_KNOWN = 1_024;

/** Why browsers do not take a Set-Cookie, by the rules of RFC 6265bis. Remembers what it has judged. */
export function refusalsByRules(): RefusalsOf {
  const known = new Recent<string, readonly string[]>(KNOWN);
  return (setCookie, context) => {
    const name = `${originOf(context.url)}\n${context.site ?? ''}${context.topLevel ?? ''}\n${setCookie}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const { reasons } = judgeSetCookie(setCookie, context);
    const against = reasons.filter(({ verdict }) => verdict === 'no').map(({ text }) => text);
    if (name.length <= LONGEST_KNOWN) known.set(name, against);
    return against;
  };
}

function originOf(url: string): string {
  return /^[a-z][a-z+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? '';
}
