import { remembered } from '../model/recent.ts';

/**
 * Names of the cookies in a flow, sorted and each once, between bars (`|lang|sid|`): few such sets exist in a capture,
 * so a filter by cookie name looks at those instead of at the flows.
 */
export function cookieNames(requestHeaders: readonly string[], responseHeaders: readonly string[]): string {
  let cookies = '';
  for (let i = 0; i + 1 < requestHeaders.length; i += 2) {
    if (requestHeaders[i]?.toLowerCase() === 'cookie') cookies = joined(cookies, requestHeaders[i + 1] ?? '');
  }
  const inRequest = namesIn(cookies);
  let more = false;
  for (let i = 0; i + 1 < responseHeaders.length; i += 2) {
    if (responseHeaders[i]?.toLowerCase() !== 'set-cookie') continue;
    const pair = (responseHeaders[i + 1] ?? '').split(';', 1)[0] ?? '';
    if (inRequest.names.has(nameOf(pair))) continue;
    more = true;
    cookies = joined(cookies, pair);
  }
  return (more ? namesIn(cookies) : inRequest).text;
}

/** The same Cookie header comes with each request of a browser. */
const namesIn = remembered((cookies) => {
  const names = new Set<string>();
  for (const pair of cookies.split(';')) names.add(nameOf(pair));
  names.delete('');
  return { names, text: names.size === 0 ? '' : `|${[...names].sort().slice(0, 60).join('|')}|` };
});

function joined(before: string, header: string): string {
  return before === '' ? header : `${before};${header}`;
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=');
  return (end < 0 ? '' : pair.slice(0, end)).trim().slice(0, 100);
}

/** A header's first value, or undefined. Names in any case. */
export function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) return rawHeaders[i + 1];
  }
  return undefined;
}

/** Host and port as they stand in a URL, in small letters; `` for what is none. */
export function hostOf(url: string): string {
  return /^[a-z][a-z+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(url)?.[1]?.toLowerCase() ?? '';
}
