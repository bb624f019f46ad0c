import { rulesOfUserAgent } from '../cookies/browser-rules.ts';
import { judgeSetCookie } from '../cookies/judge.ts';
import { diagnose, diagnoseLogin } from '../diagnosis/diagnose.ts';
import { isTwinHost } from '../diagnosis/loss.ts';
import { outlook } from '../diagnosis/outlook.ts';
import { headersOf, visitorOf } from '../diagnosis/read-exchanges.ts';
import type { Advice, Framework } from '../frameworks/framework.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { Outlook } from '../model/outlook.ts';
import { problem } from '../model/problem.ts';
import { webAddress } from '../model/web-address.ts';
import type { LiveSession, Registry } from '../registry/registry.ts';
import { type FactsPorts, frameworkOfSession, kindOf, sessionFacts, standing, visitorFacts } from './session-facts.ts';

/** Sessions of a host that a request may belong to, newest first. */
const MOST_TRIED = 5;
/** Requests that are looked back to when a loss is noticed; *Why?* looks farther. */
const LOOKED_BACK = 200;

/** Explains sessions and requests from what the workspace holds. */
export class WhyService {
  readonly #ports: FactsPorts & {
    /** Milliseconds since 1970. */
    readonly clock: () => number;
    readonly registry: Pick<Registry, 'hot' | 'get' | 'summary'>;
  };

  constructor(
    ports: FactsPorts & {
      readonly clock: () => number;
      readonly registry: Pick<Registry, 'hot' | 'get' | 'summary'>;
    },
  ) {
    this.#ports = ports;
  }

  /**
   * Why a session ended; undefined for one that is not in the workspace.
   * @param quick looks at the newest requests only
   */
  async session(key: string, quick = false): Promise<Diagnosis | undefined> {
    const { registry } = this.#ports;
    const [session, summary] = [registry.get(key), registry.summary(key)];
    if (session === undefined || summary === undefined) return undefined;
    return this.#inSettings(
      session,
      diagnose(await sessionFacts(session, summary, this.#ports, quick ? { most: LOOKED_BACK } : {})),
    );
  }

  /** Remedies in the settings of the session's framework, where that is known and its folder has one. */
  #inSettings(session: LiveSession, diagnosis: Diagnosis): Diagnosis {
    const framework = frameworkOfSession(session);
    const isSure = session.record?.layout?.framework === framework?.id || hasOwnName(session, framework);
    if (framework?.advice === undefined || !isSure) return diagnosis;
    const causes = diagnosis.causes.map((cause) => {
      const own = framework.advice?.[cause.id];
      return own === undefined ? cause : { ...cause, mend: mendLine(framework.title, own) };
    });
    return { ...diagnosis, causes };
  }

  /** Whether a session will survive what lies ahead; undefined for one that is not in the workspace. */
  outlook(key: string): readonly Outlook[] | undefined {
    const { registry, workspace, clock } = this.#ports;
    const session = registry.get(key);
    if (session === undefined) return undefined;
    const flow = workspace.flows.list({ sessionKey: key, limit: 1 })[0];
    const agent = flow === undefined ? undefined : workspace.flows.get(flow.id)?.request.rawHeaders;
    const url = flow?.url ?? `http://${session.host}/`;
    const { cookie, payload, record } = session;
    const line = cookie?.setCookie;
    return outlook({
      now: clock(),
      name: session.carrier.kind === 'url' ? session.carrier.parameter : session.carrier.name,
      url,
      cookie: line === undefined ? undefined : judgeSetCookie(line, { url, at: cookie?.setAt ?? clock() }).cookie,
      line: line === undefined ? undefined : `Set-Cookie: ${shownLine(line)}`,
      browser: rulesOfUserAgent(agent === undefined ? undefined : headersOf(agent).get('user-agent')),
      payloadExpires: payload?.expires,
      record:
        record === undefined || record.goneAt !== undefined
          ? undefined
          : {
              lastUsed: record.lastUsed,
              ...(record.expires === undefined ? {} : { expires: record.expires }),
              storeKind: kindOf(session, this.#ports.stores),
            },
      ...standing(session, this.#ports),
    });
  }

  /**
   * Why a request was answered with a login page or refused: by the session that it belongs to, or that it should have
   * belonged to, else by the login that was under way.
   * @throws ProblemError `not-found`
   */
  async flow(id: string): Promise<Diagnosis> {
    const { registry, workspace } = this.#ports;
    const flow = workspace.flows.get(id);
    if (flow === undefined) throw problem('not-found', 'That request is not in the workspace any more');
    const { host } = webAddress(flow.request.url);
    const login = diagnoseLogin(await visitorFacts(flow, this.#ports), id);
    if (login.causes.length > 0) return login;
    const visitor = visitorOf(flow);
    const candidates = registry
      .hot()
      .filter((one) => one.shown && one.foreign === undefined && (one.host === host || isTwinHost(one.host, host)))
      .filter(({ firstSeen }) => firstSeen <= (flow.endedAt ?? flow.startedAt))
      .toSorted((a, b) => b.lastActivity - a.lastActivity)
      .slice(0, MOST_TRIED);
    const here: Diagnosis[] = [];
    let other: Diagnosis | undefined;
    for (const session of candidates) {
      const summary = registry.summary(session.key);
      if (summary === undefined) continue;
      const facts = await sessionFacts(session, summary, this.#ports, { flowId: id });
      const diagnosis = this.#inSettings(session, diagnose(facts));
      if (diagnosis.loss?.flowId === id) here.push(diagnosis);
      const mine = facts.exchanges.some((one) => one.visitor === visitor && one.flowId !== id);
      if (mine && diagnosis.loss !== null && diagnosis.loss.at <= flow.startedAt) other ??= diagnosis;
    }
    // A request may carry what one session was replaced by, as a session of its own: the surer answer counts.
    const [best] = here.toSorted((a, b) => sureness(a) - sureness(b));
    return best ?? other ?? login;
  }
}

/** A Set-Cookie with its value cut, so that it can be read out. */
function shownLine(line: string): string {
  return line.replace(
    /^([^=;]*=)([^;]{20,})/,
    (_, name: string, value: string) => `${name}${value.slice(0, 8)}…${value.slice(-4)}`,
  );
}

/** `Django: SESSION_COOKIE_AGE = … in settings.py. Note.` */
function mendLine(title: string, { setting, file, note }: Advice): string {
  return `${title}: ${setting}${file === undefined ? '' : ` in ${file}`}.${note === undefined ? '' : ` ${note}`}`;
}

const SURENESS = ['certain', 'likely', 'possible'];

function sureness({ causes }: Diagnosis): number {
  return causes[0] === undefined ? SURENESS.length : SURENESS.indexOf(causes[0].certainty);
}

/** The cookie has a name that no other framework uses. */
function hasOwnName({ carrier }: LiveSession, framework: Framework | undefined): boolean {
  if (carrier.kind !== 'cookie' || framework === undefined) return false;
  const name = carrier.name.toLowerCase().replace(/^__(host|secure)-/, '');
  return framework.cookieNames.some(({ pattern, sharedBy }) => sharedBy === undefined && pattern.test(name));
}
