/**
 * Names of the cookies in a flow, sorted and each once, between bars (`|lang|sid|`): few such sets exist in a capture,
 * so a filter by cookie name looks at those instead of at the flows.
 */
export function cookieNames(requestHeaders: readonly string[], responseHeaders: readonly string[]): string {
  const names = new Set<string>();
  for (let i = 0; i + 1 < requestHeaders.length; i += 2) {
    if (requestHeaders[i]?.toLowerCase() !== 'cookie') continue;
    for (const pair of (requestHeaders[i + 1] ?? '').split(';')) add(names, pair);
  }
  for (let i = 0; i + 1 < responseHeaders.length; i += 2) {
    if (responseHeaders[i]?.toLowerCase() !== 'set-cookie') continue;
    add(names, (responseHeaders[i + 1] ?? '').split(';', 1)[0] ?? '');
  }
  return names.size === 0 ? '' : `|${[...names].sort().slice(0, 60).join('|')}|`;
}

function add(names: Set<string>, pair: string): void {
  const end = pair.indexOf('=');
  const name = (end < 0 ? '' : pair.slice(0, end)).trim();
  if (name !== '') names.add(name.slice(0, 100));
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
