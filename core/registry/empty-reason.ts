/** What is known when the list of sessions is empty. */
export interface EmptyFacts {
  /** The filter's text, when one is set and there would be sessions without it. */
  readonly hiddenByFilter?: string;
  readonly recording: boolean;
  readonly flows: number;
  /** Flows with a Set-Cookie or a Cookie header. */
  readonly flowsWithCookies: number;
  /** Names of cookies that were seen and do not look like sessions, the most recent first. */
  readonly candidates: readonly string[];
  /** Where browsers are to be pointed to: `127.0.0.1:8640`. */
  readonly proxy: string;
}

/** Why no session is shown, in words, with what to do about it. */
export function emptyReason(facts: EmptyFacts): string {
  const { hiddenByFilter, recording, flows, flowsWithCookies, candidates, proxy } = facts;
  if (hiddenByFilter !== undefined) return `No session matches "${hiddenByFilter}". Clear the filter to see all.`;
  if (!recording && flows === 0) return 'Recording is paused: traffic passes, but nothing is kept. Resume recording.';
  if (flows === 0) {
    return `No request has passed through ${proxy} yet. Open a browser from here, or set it as the proxy of yours.`;
  }
  if (flowsWithCookies === 0) {
    return `${count(flows, 'request')} passed, none with a cookie. Log in, or open a page that starts a session.`;
  }
  if (candidates.length > 0) {
    const names = candidates.slice(0, 5).join(', ');
    const more = candidates.length > 5 ? ` and ${candidates.length - 5} more` : '';
    return `${count(candidates.length, 'cookie')} passed (${names}${more}), but none looks like a session. If one is, say so: filter is:candidate, open it, choose "This is the session".`;
  }
  return `${count(flows, 'request')} passed, and no session was found in them.`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
