import type { AnsweredCookie, Exchange, Facts } from './facts.ts';

/** How a cookie belongs to the one that carries the session. */
export type Bond = 'chunk' | 'signature' | 'refresh' | 'copy' | 'together';

export interface Companion {
  readonly name: string;
  readonly bond: Bond;
}

const REFRESH = /refresh|remember|renew|persist/i;
const COPY = /(^|[._-])(data|cache|user|info|profile)$/i;

/**
 * Cookies that carry the session together with the subject: parts of one value (`sid.0`, `sid.1`), its signature
 * (`sid.sig`), the token that renews it, a cached copy of its data, and what answers set along with it more than once.
 */
export function companionsOf({ subject, exchanges }: Pick<Facts, 'subject' | 'exchanges'>): readonly Companion[] {
  const own = stem(subject.name);
  const together = new Map<string, number>();
  for (const { set } of exchanges) {
    if (!set.some(({ name, judgement }) => name === subject.name && !judgement.removes)) continue;
    for (const { name, judgement } of set) {
      if (name !== subject.name && !judgement.removes) together.set(name, (together.get(name) ?? 0) + 1);
    }
  }
  return [...together].flatMap(([name, times]): Companion[] => {
    const bond = bondOf(name, subject.name, own);
    if (bond !== undefined) return [{ name, bond }];
    return times > 1 ? [{ name, bond: 'together' }] : [];
  });
}

function bondOf(name: string, subject: string, own: string): Bond | undefined {
  if (/[.-]sig$/.test(name) && name.replace(/[.-]sig$/, '') === subject) return 'signature';
  if (/[.-]\d+$/.test(name) && name.replace(/[.-]\d+$/, '') === subject.replace(/[.-]\d+$/, '')) return 'chunk';
  if (REFRESH.test(name) !== REFRESH.test(subject)) return 'refresh';
  // Of one family by their first word: `auth.session_token` and `auth.session_data`.
  if (stem(name) === own && COPY.test(name) && !COPY.test(subject)) return 'copy';
  return undefined;
}

/** What stands before the last part of a name, without the prefixes of browsers. */
function stem(name: string): string {
  return name.replace(/^__(Secure|Host)(-Http)?-/, '').replace(/[._-][^._-]*$/, '');
}

/** The last answer that set this cookie and kept it, until a moment. */
export function lastSet(
  exchanges: readonly Exchange[],
  name: string,
  until = Number.POSITIVE_INFINITY,
): { readonly exchange: Exchange; readonly cookie: AnsweredCookie } | undefined {
  for (const exchange of exchanges.toReversed()) {
    if ((exchange.answeredAt ?? exchange.at) > until) continue;
    const cookie = exchange.set.findLast((one) => one.name === name && !one.judgement.removes);
    if (cookie !== undefined) return { exchange, cookie };
  }
  return undefined;
}
