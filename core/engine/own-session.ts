import { problem } from '../model/problem.ts';
import type { LiveSession, Registry } from '../registry/registry.ts';

/** The session of a key. @throws ProblemError `not-found` */
export function mustKnow(registry: Registry, key: string): LiveSession {
  const session = registry.get(key);
  if (session === undefined) throw problem('not-found', 'That session is not in this workspace any more');
  return session;
}

/**
 * The session of a key, for what changes it or its record: a cookie that another application issued is not this
 * application's to change. @throws ProblemError `not-found`, `other-application`
 */
export function mustOwn(registry: Registry, key: string): LiveSession {
  const session = mustKnow(registry, key);
  const { foreign, host } = session;
  if (foreign === undefined) return session;
  throw problem('other-application', `${foreign.issuer} issued this cookie, not ${host}: it is not changed from here`, {
    remedy: 'Open the session of the application that issued it, or say that both share their sessions',
  });
}
