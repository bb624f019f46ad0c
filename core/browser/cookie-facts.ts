import { Recent } from '../model/recent.ts';
import type { CdpEvent, CdpPipe } from './cdp-pipe.ts';
import { headerBytes } from './header-bytes.ts';

/** What a browser itself did with one Set-Cookie line. */
export interface CookieFact {
  readonly url: string;
  /** The line as in the header (Latin-1 text). */
  readonly setCookie: string;
  readonly stored: boolean;
  /** The browser's own reasons against, e.g. `SameSiteNoneInsecure`; empty where it was stored. */
  readonly reasons: readonly string[];
  /** How the request stood to its page, as the browser said in its fields (Fetch Metadata). */
  readonly crossSite: boolean;
  readonly topLevel: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A cookie that a browser holds for the site of a request and did not send with it. */
export interface UnsentCookie {
  readonly url: string;
  readonly name: string;
  /** As the browser keeps them: a leading dot where the cookie goes below its domain too. */
  readonly domain: string;
  readonly path: string;
  /** The browser's own reasons, e.g. `SameSiteStrict`; never empty. */
  readonly reasons: readonly string[];
  /** When the request was sent. Milliseconds since 1970. */
  readonly at: number;
}

/** What a browser tells of its cookies while it runs. */
export interface CookieReports {
  readonly stored: (fact: CookieFact) => void;
  readonly unsent: (cookie: UnsentCookie) => void;
}

/** Requests whose addresses are remembered until their answers have come. */
const KNOWN = 2_000;
/** Nothing of bodies is kept for us; the proxy has them. */
const NO_BODIES = { maxTotalBufferSize: 0, maxResourceBufferSize: 0 };

/** Where web content runs; the browser's own surfaces are left alone. */
const WATCHED = new Set(['page', 'iframe', 'worker', 'shared_worker', 'service_worker']);

interface Hop {
  readonly url: string;
  fields: Readonly<Record<string, string>>;
}

/** What goes with one hop when it is sent: its fields, and what was left out of them. */
interface Sent {
  readonly fields: Readonly<Record<string, string>>;
  readonly unsent: readonly Omit<UnsentCookie, 'url'>[];
}

/** The hops of one request: redirects keep its id. Events of one kind come in their order, those of two kinds may not. */
interface Known {
  readonly hops: Hop[];
  readonly sent: Sent[];
  /** Hops whose `sent` was seen. */
  paired: number;
  answered: number;
}

/**
 * Reports what Chromium says of each Set-Cookie line (`blockedCookies` of its DevTools protocol) and of each cookie that
 * it leaves out of a request (`associatedCookies`), in every page, frame and worker. The first document of a tab that is opened
 * with an address (the start page, a link in a new tab) may be missed: it is asked for before the tab can be watched.
 * @throws ProblemError when the browser is gone
 */
export async function watchCookies(
  cdp: Pick<CdpPipe, 'send' | 'onEvent'>,
  clock: () => number,
  reports: CookieReports,
): Promise<void> {
  const requests = new Recent<string, Known>(KNOWN);
  /** The session by which each target is watched. */
  const targets = new Map<string, string>();
  const attach = (sessionId?: string) =>
    cdp.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }, sessionId);
  const of = (event: CdpEvent): Known => {
    const key = `${event.sessionId} ${String(event.params['requestId'])}`;
    let known = requests.get(key);
    if (known === undefined) requests.set(key, (known = { hops: [], sent: [], paired: 0, answered: 0 }));
    return known;
  };
  /** Gives each hop what was sent with it, whichever of the two events came first. */
  const pair = (known: Known): void => {
    for (; known.paired < Math.min(known.hops.length, known.sent.length); known.paired += 1) {
      const hop = known.hops[known.paired] as Hop;
      const { fields, unsent } = known.sent[known.paired] as Sent;
      hop.fields = fields;
      for (const cookie of unsent) reports.unsent({ url: hop.url, ...cookie });
    }
  };
  const handlers: Readonly<Record<string, (event: CdpEvent) => void>> = {
    'Target.attachedToTarget': ({ params }) => {
      const sessionId = String(params['sessionId']);
      const { type, targetId } = params['targetInfo'] as { type: string; targetId: string };
      // A target can be gone before it is asked. It waits until it is watched, so that its first answer is not missed.
      const ask = (step: Promise<unknown>) => step.catch(() => undefined);
      // One session for each target: a second one would report everything twice.
      if (WATCHED.has(type) && !targets.has(targetId)) {
        targets.set(targetId, sessionId);
        ask(cdp.send('Network.enable', NO_BODIES, sessionId));
        ask(attach(sessionId));
      }
      ask(cdp.send('Runtime.runIfWaitingForDebugger', {}, sessionId));
    },
    'Target.detachedFromTarget': ({ params }) => {
      const gone = [...targets].find(([, session]) => session === params['sessionId'])?.[0];
      if (gone !== undefined) targets.delete(gone);
    },
    'Network.requestWillBeSent': (event) => {
      const { url } = event.params['request'] as { url: string };
      const known = of(event);
      known.hops.push({ url: url.replace(/#.*/, ''), fields: {} });
      pair(known);
    },
    'Network.requestWillBeSentExtraInfo': (event) => {
      const known = of(event);
      const fields = lowerCase(event.params['headers'] as Record<string, string>);
      known.sent.push({ fields, unsent: leftOut(event.params['associatedCookies'], clock()) });
      pair(known);
    },
    'Network.responseReceivedExtraInfo': (event) => {
      const known = of(event);
      const hop = known.hops[known.answered++];
      const set = lowerCase(event.params['headers'] as Record<string, string>)['set-cookie'];
      if (hop === undefined || set === undefined) return;
      const blocked = event.params['blockedCookies'] as readonly { cookieLine: string; blockedReasons: string[] }[];
      for (const line of set.split('\n')) {
        const against = blocked.find(
          ({ cookieLine }) => cookieLine === line || headerBytes(cookieLine) === bytesOf(line),
        );
        reports.stored({
          url: hop.url,
          setCookie: bytesOf(line),
          stored: against === undefined,
          reasons: against?.blockedReasons ?? [],
          crossSite: hop.fields['sec-fetch-site'] === 'cross-site',
          topLevel: hop.fields['sec-fetch-mode'] === 'navigate' && hop.fields['sec-fetch-dest'] === 'document',
          at: clock(),
        });
      }
    },
  };
  cdp.onEvent((event) => handlers[event.method]?.(event));
  await attach();
}

/** The cookies of `associatedCookies` that were left out. */
function leftOut(associated: unknown, at: number): Sent['unsent'] {
  if (!Array.isArray(associated)) return [];
  type Associated = { cookie: { name: string; domain: string; path: string }; blockedReasons: string[] };
  return (associated as Associated[])
    .filter(({ blockedReasons }) => blockedReasons.length > 0)
    .map(({ cookie: { name, domain, path }, blockedReasons }) => ({ name, domain, path, reasons: blockedReasons, at }));
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Fields come as text in Windows-1252, which has other characters than Latin-1 for the bytes 80 to 9f. */
function bytesOf(text: string): string {
  return text.replace(/[^\x00-\xff]/g, (character) => BYTE_OF.get(character) ?? character);
}

const BYTE_OF: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 32 }, (_, n) => [
    new TextDecoder('windows-1252').decode(Uint8Array.of(0x80 + n)),
    String.fromCharCode(0x80 + n),
  ]),
);
