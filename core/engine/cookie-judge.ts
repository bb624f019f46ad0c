import type { CookieFact } from '../browser/cookie-facts.ts';
import type { SiteContext } from '../cookies/browser-cookie.ts';
import { type BrowserFamily, COOKIE_RULES, type CookieRules, rulesOfUserAgent } from '../cookies/browser-rules.ts';
import { judgeSetCookie } from '../cookies/judge.ts';
import type { CookieJudgement } from '../model/app.ts';
import { Recent } from '../model/recent.ts';
import { webAddress } from '../model/web-address.ts';
import type { ProxyHooks } from '../proxy/hooks.ts';

/** Set-Cookie lines whose facts are remembered, and hosts whose browsers are. */
const FACTS = 1_000;
const HOSTS = 1_000;

/** Reasons that depend on what else is in the browser's jar or settings: a line alone does not show them. */
const NOT_OF_THE_LINE = new Set(['OverwriteSecure', 'UserPreferences', 'ThirdPartyPhaseout', 'UnknownError']);

/** A launched browser that did otherwise than the rules say. */
export interface CookieDifference {
  readonly url: string;
  readonly setCookie: string;
  /** Its own reasons; empty: it stored the cookie. */
  readonly browser: readonly string[];
  /** The reasons of the rules; empty: they store it. */
  readonly rules: readonly string[];
}

/**
 * Says what a browser does with a Set-Cookie: by the rules of the browser that was seen at that host, and, where a
 * launched browser has answered for itself, by its word.
 */
export class CookieJudge {
  /** Notes which browser asks for which host. */
  readonly hooks: ProxyHooks;
  readonly #clock: () => number;
  readonly #onDifference: (difference: CookieDifference) => void;
  readonly #facts = new Recent<string, NonNullable<CookieJudgement['fact']>>(FACTS);
  readonly #agents = new Recent<string, string>(HOSTS);

  constructor(options: {
    /** Milliseconds since 1970. */
    readonly clock: () => number;
    readonly onDifference: (difference: CookieDifference) => void;
  }) {
    this.#clock = options.clock;
    this.#onDifference = options.onDifference;
    this.hooks = {
      name: 'cookie judge',
      request: (exchange) => {
        const agent = exchange.header('request', 'user-agent');
        // Programs say nothing of the browser that the user works with.
        if (agent?.startsWith('Mozilla/') === true) this.#agents.set(webAddress(exchange.request.url).host, agent);
      },
    };
  }

  /** @param family whose rules; that of the browser that was seen when absent. */
  judge(setCookie: string, url: string, family?: BrowserFamily): CookieJudgement {
    const context = { url, at: this.#clock() };
    const rules = family === undefined ? this.#rulesFor(url) : COOKIE_RULES[family];
    const { stored, reasons } = judgeSetCookie(setCookie, context, [], rules);
    const elsewhere = Object.values(COOKIE_RULES).flatMap((other) =>
      other === rules ? [] : differenceOf(setCookie, context, stored, other),
    );
    const fact = rules.family === 'chromium' ? this.#facts.get(keyOf(url, setCookie)) : undefined;
    return {
      stored,
      reasons: reasons.map(({ text }) => text),
      browser: rules.title,
      ...(elsewhere.length === 0 ? {} : { elsewhere }),
      ...(fact === undefined ? {} : { fact }),
    };
  }

  /** Takes what a launched Chromium said. */
  take({ url, setCookie, stored, reasons, crossSite, topLevel, at }: CookieFact): void {
    const context: SiteContext = { url, at, topLevel, ...(crossSite ? { site: 'cross-site' } : {}) };
    const judged = judgeSetCookie(setCookie, context);
    const taken = judged.stored || judged.removes;
    const differs = stored !== taken && !reasons.some((reason) => NOT_OF_THE_LINE.has(reason));
    this.#facts.set(keyOf(url, setCookie), { stored, reasons, at, differs });
    if (!differs) return;
    const rules = judged.reasons.filter(({ verdict }) => verdict === 'no').map(({ text }) => text);
    this.#onDifference({ url, setCookie, browser: reasons, rules });
  }

  #rulesFor(url: string): CookieRules {
    return rulesOfUserAgent(this.#agents.get(webAddress(url).host));
  }
}

function differenceOf(setCookie: string, context: SiteContext, stored: boolean, rules: CookieRules): string[] {
  const other = judgeSetCookie(setCookie, context, [], rules);
  if (other.stored === stored) return [];
  const against = other.reasons.find(({ verdict }) => verdict === 'no');
  return [
    other.stored
      ? `${rules.title} stores it`
      : `${rules.title} does not store it: ${against?.text ?? 'it has run out'}`,
  ];
}

const keyOf = (url: string, setCookie: string) => `${webAddress(url).origin}\n${setCookie}`;
