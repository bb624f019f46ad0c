import type { ProxyHooks } from '../../core/proxy/hooks.ts';

const CAPACITY = 5000;

/** The work every measured proxy does: records the cookies of each exchange in a ring, and with `edit` rewrites one. */
export function cookieWork(edit: boolean): ProxyHooks & { readonly ring: unknown[] } {
  const ring: unknown[] = new Array(CAPACITY);
  let next = 0;
  return {
    name: 'cookie-work',
    ring,
    request({ request: { rawHeaders } }) {
      if (!edit) return;
      for (let i = 0; i < rawHeaders.length; i += 2) {
        if ((rawHeaders[i] as string).toLowerCase() === 'cookie') {
          rawHeaders[i + 1] = (rawHeaders[i + 1] as string).replace(/(^|; *)theme=[^;]*/, '$1theme=EDITED');
        }
      }
    },
    response(exchange) {
      const { rawHeaders, status } = exchange.response as NonNullable<typeof exchange.response>;
      const setCookie: string[] = [];
      for (let i = 0; i < rawHeaders.length; i += 2) {
        const name = rawHeaders[i] as string;
        if (name.length !== 10 || name.toLowerCase() !== 'set-cookie') continue;
        if (edit) rawHeaders[i + 1] = (rawHeaders[i + 1] as string).replace(/^(\s*theme=)[^;]*/, '$1EDITED');
        setCookie.push(rawHeaders[i + 1] as string);
      }
      const { id, startedAt, request } = exchange;
      ring[next++ % CAPACITY] = {
        id,
        startedAt,
        method: request.method,
        url: request.url,
        cookie: exchange.header('request', 'cookie'),
        headers: request.rawHeaders,
        status,
        setCookie,
        responseHeaders: rawHeaders,
      };
    },
  };
}
