import type { Flow } from '../model/flow.ts';
import type { RequestContext } from './ports.ts';

/** The first value of a field, by name in lower case. */
function field(rawHeaders: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const text = rawHeaders[i] ?? '';
    if (text.length === name.length && text.toLowerCase() === name) return rawHeaders[i + 1];
  }
  return undefined;
}

/** When the answer says it was made (ms), where it says so in a form that browsers read. */
export function serverTimeOf(flow: Flow): number | undefined {
  const text = flow.response === undefined ? undefined : field(flow.response.rawHeaders, 'date');
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(time) ? time : undefined;
}

/** How a request stood to its page, from what browsers say of it (Fetch Metadata). Without it the usual is assumed. */
export function contextOf(flow: Flow, at: number): RequestContext {
  const { url, rawHeaders } = flow.request;
  const site = field(rawHeaders, 'sec-fetch-site');
  const mode = field(rawHeaders, 'sec-fetch-mode');
  const destination = field(rawHeaders, 'sec-fetch-dest');
  return {
    url,
    at,
    ...(site === 'cross-site' ? { site } : {}),
    ...(mode === undefined ? {} : { topLevel: mode === 'navigate' && destination === 'document' }),
  };
}

/** The site of the page on top, as far as the request tells; for cookies that are partitioned by it. */
export function topLevelSiteOf(flow: Flow): string {
  const { rawHeaders, url } = flow.request;
  if (field(rawHeaders, 'sec-fetch-dest') === 'document') return originOf(url);
  const referrer = field(rawHeaders, 'referer') ?? field(rawHeaders, 'origin');
  return referrer === undefined || field(rawHeaders, 'sec-fetch-site') !== 'cross-site'
    ? originOf(url)
    : originOf(referrer);
}

function originOf(url: string): string {
  return /^[a-z][a-z+.-]*:\/\/[^/?#:]*/i.exec(url)?.[0]?.toLowerCase() ?? '';
}
