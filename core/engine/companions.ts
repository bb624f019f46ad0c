import { tokenizeCookie } from '../cookies/tokenizer.ts';
import type { Flow } from '../model/flow.ts';
import type { LiveSession } from '../registry/registry.ts';
import type { KeyService } from './key-service.ts';

/** Cookies that belong to a session's own: its signature (`NAME.sig`), the other parts of its value (`NAME.1` …). */
export type CompanionsOf = (session: LiveSession) => Readonly<Record<string, string>>;

/** What takes part in a session's value besides its bytes: the keys of its site, its name, the cookies that belong to it. */
export function surroundingsOf(keys: Pick<KeyService, 'of'>, companionsOf: CompanionsOf) {
  return (session: LiveSession) => {
    const { carrier, host } = session;
    return {
      secrets: keys.of(`site ${host}`),
      companions: companionsOf(session),
      ...(carrier.kind === 'cookie' && { name: carrier.name }),
    };
  };
}

/** Looks for them in the request that carried the session last. */
export function companionsIn(flowOf: (id: string) => Flow | undefined): CompanionsOf {
  return (session) => {
    const { carrier, lastFlow } = session;
    const flow = carrier.kind === 'cookie' && lastFlow !== undefined ? flowOf(lastFlow) : undefined;
    if (flow === undefined || carrier.kind !== 'cookie') return {};
    const { name } = carrier;
    const base = /^(.+)\.0$/.exec(name)?.[1];
    const belongs = (other: string) =>
      other === `${name}.sig` ||
      (base !== undefined && other.startsWith(`${base}.`) && /^\d+$/.test(other.slice(base.length + 1)));
    const found: Record<string, string> = {};
    const { rawHeaders } = flow.request;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() !== 'cookie') continue;
      for (const token of tokenizeCookie(rawHeaders[i + 1] ?? '')) {
        if (token.name !== name && belongs(token.name)) found[token.name] = token.value;
      }
    }
    return found;
  };
}
