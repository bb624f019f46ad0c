import type { SessionSummary, StateEvent } from '../../../core/model/session.ts';
import { shortId, span } from '../format.ts';
import type { Translate } from '../i18n/index.ts';

/** What happened to a session, as one sentence. */
export function eventWords(event: StateEvent, t: Translate): string {
  const { state, because } = event;
  const values = {
    ...('id' in event && event.id !== '' ? { id: shortId(event.id) } : { id: '…' }),
    ...('host' in event && event.host !== undefined ? { host: event.host } : { host: '?' }),
    ...('reasons' in event ? { reasons: event.reasons.join('; ') } : {}),
    ...('message' in event ? { message: event.message } : {}),
    ...('idleMs' in event && event.idleMs !== undefined ? { span: span(event.idleMs, t) } : { span: '?' }),
  };
  return t(`event.${state}.${because}` as Parameters<Translate>[0], values);
}

/** Whose cookie it is, where another application issued it; null for a session of this application. */
export function foreignWords({ foreign }: Pick<SessionSummary, 'foreign'>, t: Translate): string | null {
  if (foreign === undefined) return null;
  const { issuer, sure, notAccepted } = foreign;
  if (!sure) return t('foreign.unsure', { issuer });
  const issued = t('foreign.issued', { issuer });
  return notAccepted === undefined ? issued : `${issued}; ${t('foreign.notAccepted')}`;
}

/** `shop.localhost:8080` for two applications that share 127.0.0.1: names that browsers keep apart. */
export function ownNames(host: string, issuer: string): { one: string; other: string } {
  const port = (text: string) => /:\d+$/.exec(text)?.[0] ?? '';
  return { one: `one.localhost${port(host)}`, other: `other.localhost${port(issuer)}` };
}
