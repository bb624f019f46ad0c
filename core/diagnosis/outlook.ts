import type { BrowserCookie } from '../cookies/browser-cookie.ts';
import type { CookieRules } from '../cookies/browser-rules.ts';
import { wouldSend } from '../cookies/would-send.ts';
import { momentText } from '../model/moment-text.ts';
import { type Outlook, TRIALS, type Trial } from '../model/outlook.ts';
import { span } from './evidence.ts';
import type { Rules } from './facts.ts';

/** What is known of a session that goes on. Times in milliseconds since 1970. */
export interface OutlookFacts {
  readonly now: number;
  readonly name: string;
  /** A page of the application. */
  readonly url: string;
  /** As the browser holds it; undefined where no answer was seen that set it. */
  readonly cookie: BrowserCookie | undefined;
  /** The Set-Cookie that the answers rest on. */
  readonly line: string | undefined;
  readonly browser: CookieRules;
  /** The end that stands in the value itself. */
  readonly payloadExpires: number | undefined;
  /** The value carries the data, so that there is no record. */
  readonly selfContained: boolean;
  readonly record:
    | { readonly lastUsed: number | null; readonly expires?: number | null; readonly storeKind: string | undefined }
    | undefined;
  readonly rules: Rules;
}

/** A night: from the evening's last click to the morning's first. */
const HOUR_MS = 3_600_000;
const NIGHT_MS = 12 * HOUR_MS;

/** Whether a session will survive a restart of the browser, a deployment, a night, a login redirect, a frame. Pure. */
export function outlook(facts: OutlookFacts): readonly Outlook[] {
  const { cookie, name, now, line } = facts;
  if (cookie?.expires !== undefined && cookie.expires <= now) {
    const sentence = `${name} has run out already, ${span(now - cookie.expires)} ago.`;
    return TRIALS.map((trial) => say(trial, 'no', sentence, [line]));
  }
  return [browserRestart(facts), deploy(facts), night(facts), loginRedirect(facts), embeddedFrame(facts)];
}

function say(
  trial: Trial,
  verdict: Outlook['verdict'],
  sentence: string,
  because: readonly (string | undefined)[] = [],
): Outlook {
  return { trial, verdict, sentence, because: because.filter((one) => one !== undefined) };
}

const unseen = (trial: Trial, name: string): Outlook =>
  say(
    trial,
    'cannot-tell',
    `No answer was seen that set ${name}: its attributes are not known. Log in again through the proxy.`,
  );

function browserRestart({ name, cookie, line, now }: OutlookFacts): Outlook {
  if (cookie === undefined) return unseen('browser-restart', name);
  return cookie.expires === undefined
    ? say(
        'browser-restart',
        'no',
        `${name} has neither Max-Age nor Expires and ends with the browser; one that opens its tabs again may keep it.`,
        [line],
      )
    : say(
        'browser-restart',
        'yes',
        `${name} is kept until ${momentText(cookie.expires)}, ${span(cookie.expires - now)} from now.`,
        [line],
      );
}

function deploy({ name, selfContained, record, rules }: OutlookFacts): Outlook {
  const key = `the key that signs ${name} stays the same`;
  if (record !== undefined) {
    const kind = record.storeKind ?? 'store';
    if (/memory/i.test(kind)) {
      return say('deploy', 'no', 'Its record is in the memory of the process and ends with it.', [`store: ${kind}`]);
    }
    const folder = /disk|file|shelf|sqlite/i.test(kind);
    return say(
      'deploy',
      'depends',
      `Its record is outside the process (${kind}) and stays, as long as ${folder ? 'the deployment leaves its folder alone' : 'the store runs on'}, what it holds can still be read, and ${key}.`,
      [`store: ${kind}`, ...(rules.framework === undefined ? [] : [`framework: ${rules.framework}`])],
    );
  }
  if (selfContained)
    return say('deploy', 'depends', `The session is in the cookie itself: it stays valid as long as ${key}.`, [
      'no record: the value holds the data',
    ]);
  return say(
    'deploy',
    'cannot-tell',
    'No attached store has its record: sessions in the memory of a process end with a deployment, others stay. Attach the store.',
  );
}

function night(facts: OutlookFacts): Outlook {
  const { name, now, cookie, line, payloadExpires, record, rules } = facts;
  const morning = now + NIGHT_MS;
  const over = (at: number | null | undefined): at is number => at !== undefined && at !== null && at < morning;
  if (over(cookie?.expires))
    return say('night', 'no', `The browser drops ${name} in ${span((cookie?.expires ?? now) - now)}.`, [line]);
  if (over(payloadExpires))
    return say('night', 'no', `${name} carries its own end, in ${span(payloadExpires - now)}.`, [
      `end in the value: ${momentText(payloadExpires)}`,
    ]);
  if (over(record?.expires))
    return say('night', 'no', `Its record ends in ${span((record?.expires ?? now) - now)}.`, [
      `end of the record: ${momentText(record?.expires ?? now)}`,
    ]);
  const { idleSeconds, idleSetting, idleIsDefault } = rules;
  const setting =
    idleSeconds === undefined ? undefined : `${idleSetting ?? 'idle limit'}: ${span(idleSeconds * 1_000)}`;
  if (idleSeconds !== undefined && idleSeconds * 1_000 < NIGHT_MS) {
    return idleIsDefault === true
      ? say(
          'night',
          'depends',
          `${rules.framework ?? 'The framework'} ends sessions after ${span(idleSeconds * 1_000)} without use unless it is set otherwise; the lab measures what this application does.`,
          [setting],
        )
      : say('night', 'no', `The application ends sessions after ${span(idleSeconds * 1_000)} without use.`, [setting]);
  }
  if (cookie === undefined) return unseen('night', name);
  const until =
    cookie.expires === undefined ? 'as long as the browser stays open' : `until ${momentText(cookie.expires)}`;
  if (idleSeconds === undefined && payloadExpires === undefined && record?.expires === undefined) {
    return say(
      'night',
      'depends',
      `The browser keeps ${name} ${until}; after how long without use the application ends it is not known. The lab measures it.`,
      [line],
    );
  }
  if (idleIsDefault === true) {
    return say(
      'night',
      'depends',
      `The browser keeps ${name} ${until}, and ${rules.framework ?? 'the framework'} ends sessions after ${span((idleSeconds ?? 0) * 1_000)} unless it is set otherwise.`,
      [line, setting],
    );
  }
  return say(
    'night',
    'yes',
    `The browser keeps ${name} ${until}, and no other clock that is known runs out within ${span(NIGHT_MS)}.`,
    [line, setting],
  );
}

function loginRedirect({ name, cookie, line, url, now, browser }: OutlookFacts): Outlook {
  if (cookie === undefined) return unseen('login-redirect', name);
  // The two minutes in which Chromium sends a new cookie without SameSite with a form too are over by then.
  const at = Math.min(now + HOUR_MS, cookie.expires === undefined ? Number.POSITIVE_INFINITY : cookie.expires - 1);
  const sent = (method: string) => wouldSend(cookie, { url, at, method, site: 'cross-site', topLevel: true }, browser);
  const [get, post] = [sent('GET'), sent('POST')];
  const no = (reasons: typeof get.reasons) => reasons.filter(({ verdict }) => verdict === 'no').map(({ text }) => text);
  if (!get.sent)
    return say(
      'login-redirect',
      'no',
      `Coming back from another site, ${browser.title} does not send ${name}: ${no(get.reasons).join('. ')}.`,
      [line],
    );
  if (post.sent)
    return say(
      'login-redirect',
      'yes',
      `${browser.title} sends ${name} when another site leads back here, by a link or by a form.`,
      [line],
    );
  return say(
    'login-redirect',
    'depends',
    `${browser.title} sends ${name} when another site leads back here by a redirect (GET), and not when it does so by a form (form_post): ${no(post.reasons).join('. ')}.`,
    [line],
  );
}

function embeddedFrame({ name, cookie, line, url, now, browser }: OutlookFacts): Outlook {
  if (cookie === undefined) return unseen('embedded-frame', name);
  const { sent, reasons } = wouldSend(
    cookie,
    { url, at: now, method: 'GET', site: 'cross-site', topLevel: false },
    browser,
  );
  const no = reasons.filter(({ verdict }) => verdict === 'no').map(({ text }) => text);
  if (!sent)
    return say(
      'embedded-frame',
      'no',
      `In a frame on another site, ${browser.title} does not send ${name}: ${no.join('. ')}.`,
      [line],
    );
  return say(
    'embedded-frame',
    'depends',
    `${browser.title} sends ${name} in a frame on another site, unless the user or the profile blocks cookies of third parties.`,
    [line],
  );
}
