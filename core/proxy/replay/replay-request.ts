import { removeCookie, withCookie } from '../../cookies/tokenizer.ts';
import type { Flow } from '../../model/flow.ts';
import { problem } from '../../model/problem.ts';
import { resolveAddress, webAddress } from '../../model/web-address.ts';
import { hostPort, splitUrl } from '../target.ts';
import type { ReplayBodies, ReplayChanges, ReplayOptions } from './replay-types.ts';

/** A request that is ready to be sent. */
export interface ReadyRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array | undefined;
  readonly http2: boolean;
}

/** Fields of one connection (RFC 9110 section 7.6.1) and of the framing, which is made again. */
const NOT_REPLAYED = new Set([
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'http2-settings',
]);

const FORWARDING = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'client-ip',
  'via',
]);

/** The recorded request with the changes, as it will be sent. Pure but for reading the recorded body. */
export async function readyRequest(
  flow: Flow,
  changes: ReplayChanges,
  options: Pick<ReplayOptions, 'forwardingHeaders'>,
  bodies: Pick<ReplayBodies, 'read'>,
): Promise<ReadyRequest> {
  const { request } = flow;
  const url = changes.url ?? request.url;
  if (splitUrl(url) === undefined) {
    throw problem('bad-url', `${url.slice(0, 200)} cannot be asked`, {
      remedy: 'Give an absolute address that begins with http:// or https://.',
    });
  }
  const method = changes.method ?? request.method;
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(method)) throw problem('bad-header', `${JSON.stringify(method)} is no method`);
  const body = changes.body === undefined ? await recordedBody(flow, bodies) : (changes.body ?? undefined);
  let rawHeaders = request.rawHeaders.filter((_, i, all) => !NOT_REPLAYED.has((all[i - (i % 2)] ?? '').toLowerCase()));
  rawHeaders = withForwarding(rawHeaders, options.forwardingHeaders ?? 'recorded');
  rawHeaders = withHost(rawHeaders, request.url, url);
  for (const [name, value] of Object.entries(changes.headers ?? {})) rawHeaders = withField(rawHeaders, name, value);
  for (const [name, value] of Object.entries(changes.cookies ?? {}))
    rawHeaders = withCookieField(rawHeaders, name, value);
  return { method, url, rawHeaders, body, http2: request.httpVersion.startsWith('2') };
}

/** The request that follows a redirect (RFC 9110 section 15.4), or undefined when the answer is none. */
export function afterRedirect(
  request: ReadyRequest,
  status: number,
  location: string | undefined,
): ReadyRequest | undefined {
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const to = resolveAddress(location, request.url);
  if (to === undefined) return undefined;
  const { url } = to;
  if (splitUrl(url) === undefined) return undefined;
  const keeps = status >= 307 || request.method === 'GET' || request.method === 'HEAD';
  let rawHeaders = withHost(request.rawHeaders, request.url, url);
  if (!sameOrigin(request.url, url)) rawHeaders = withField(rawHeaders, 'Authorization', null);
  // Cookies belong to a host on all its ports (RFC 6265bis section 8.5), and nobody else's host is to see them.
  if (webAddress(request.url).hostname !== to.hostname) rawHeaders = withField(rawHeaders, 'Cookie', null);
  if (keeps) return { ...request, url, rawHeaders };
  for (const name of ['Content-Type', 'Content-Encoding', 'Content-Language', 'Content-Location']) {
    rawHeaders = withField(rawHeaders, name, null);
  }
  return { ...request, method: 'GET', url, rawHeaders, body: undefined };
}

/** Sets every field of a name, in place of the first one; adds it at the end when there is none. null removes. */
export function withField(rawHeaders: readonly string[], name: string, value: string | null): string[] {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw problem('bad-header', `${JSON.stringify(name)} is no field name`);
  if (value !== null && /[\x00\r\n\u0100-\uffff]/.test(value)) {
    throw problem('bad-header', `The value of ${name} cannot stand in a header`);
  }
  const lower = name.toLowerCase();
  const list: string[] = [];
  let done = value === null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] ?? '';
    if (field.toLowerCase() !== lower) list.push(field, rawHeaders[i + 1] ?? '');
    else if (!done && value !== null) {
      list.push(field, value);
      done = true;
    }
  }
  if (!done && value !== null) list.push(name, value);
  return list;
}

/** Sets or removes one cookie; the other cookies keep their bytes and places. */
function withCookieField(rawHeaders: readonly string[], name: string, value: string | null): string[] {
  const places = rawHeaders.flatMap((text, i) => (i % 2 === 0 && text.toLowerCase() === 'cookie' ? [i + 1] : []));
  const list = [...rawHeaders];
  if (value !== null) {
    const last = places.at(-1);
    const holder = places.find((i) => new RegExp(`(^|;)[ \\t]*${escaped(name)}[ \\t]*=`).test(list[i] ?? '')) ?? last;
    if (holder === undefined) list.push('Cookie', withCookie(undefined, name, value));
    else list[holder] = withCookie(list[holder], name, value);
    return list;
  }
  for (const i of places.reverse()) {
    const left = removeCookie(list[i] ?? '', name);
    if (left.trim() === '') list.splice(i - 1, 2);
    else list[i] = left;
  }
  return list;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function sameOrigin(a: string, b: string): boolean {
  return webAddress(a).origin === webAddress(b).origin;
}

async function recordedBody(flow: Flow, bodies: Pick<ReplayBodies, 'read'>): Promise<Uint8Array | undefined> {
  const { size, kept, ref } = flow.request.body;
  if (size === 0) return undefined;
  if (kept < size || ref === undefined) {
    throw problem('body-incomplete', `Only ${kept} of the ${size} bytes of the request's body were recorded`, {
      remedy: 'Give the body yourself, or record the request again with a larger limit for bodies.',
    });
  }
  return bodies.read(ref);
}

function withHost(rawHeaders: readonly string[], from: string, to: string): string[] {
  const was = authority(from);
  const host = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  if (host < 0) return ['Host', authority(to), ...rawHeaders];
  // A Host that differs from the target was meant to; it is kept.
  if (from === to || rawHeaders[host + 1]?.toLowerCase() !== was.toLowerCase()) return [...rawHeaders];
  return withField(rawHeaders, rawHeaders[host] ?? 'Host', authority(to));
}

function authority(url: string): string {
  const target = splitUrl(url);
  if (target === undefined) return '';
  const usual = target.port === (target.secure ? 443 : 80);
  return usual ? hostPort(target.host, 0).replace(/:0$/, '') : hostPort(target.host, target.port);
}

function withForwarding(
  rawHeaders: readonly string[],
  wish: NonNullable<ReplayOptions['forwardingHeaders']>,
): string[] {
  if (wish === 'recorded') return [...rawHeaders];
  const list = rawHeaders.filter((_, i) => !FORWARDING.has((rawHeaders[i - (i % 2)] ?? '').toLowerCase()));
  if (wish === 'none') return list;
  const { address } = wish;
  const forwarded = address.includes(':') ? `for="[${address}]"` : `for=${address}`;
  return withField(
    withField(withField(list, 'X-Forwarded-For', address), 'X-Real-IP', address),
    'Forwarded',
    forwarded,
  );
}
