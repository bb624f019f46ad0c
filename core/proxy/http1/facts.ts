import { HeadError } from './head.ts';

/** How the body of a message is delimited (RFC 9112 section 6.3). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

export const noBody: Framing = { kind: 'none' };
export const chunkedBody: Framing = { kind: 'chunked' };
export const untilClose: Framing = { kind: 'close' };

/** What the engine needs to know of a header list, found in one pass. Texts are in lower case, lists joined by commas. */
export interface HeadFacts {
  /** Of `Content-Length`: -1 absent, -2 malformed or contradictory. */
  readonly contentLength: number;
  readonly transferEncoding: string;
  readonly connection: string;
  readonly upgrade: string;
  readonly te: string;
  readonly expectsContinue: boolean;
  /** `Authorization` is for the whole connection, not for this request alone (RFC 4559 section 6). */
  readonly bindsConnection: boolean;
  readonly hosts: number;
}

const STEERING = new Set([
  'te',
  'upgrade',
  'keep-alive',
  'connection',
  'content-length',
  'proxy-connection',
  'transfer-encoding',
  'proxy-authorization',
]);

/** Whether a field concerns framing or one connection only, so that it may not go on as it came. */
export function steersMessage(name: string): boolean {
  return STEERING.has(name.toLowerCase());
}

/** Reads the fields that steer framing and connections. */
export function factsOf(rawHeaders: readonly string[]): HeadFacts {
  const facts: { -readonly [K in keyof HeadFacts]: HeadFacts[K] } = {
    contentLength: -1,
    transferEncoding: '',
    connection: '',
    upgrade: '',
    te: '',
    expectsContinue: false,
    bindsConnection: false,
    hosts: 0,
  };
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    // The length tells most fields apart without lowering their case.
    switch (name.length) {
      case 2:
        if (name.toLowerCase() === 'te') facts.te = joined(facts.te, rawHeaders[i + 1]);
        break;
      case 4:
        if (name.toLowerCase() === 'host') facts.hosts++;
        break;
      case 6:
        if (name.toLowerCase() === 'expect') {
          facts.expectsContinue ||= (rawHeaders[i + 1] as string).toLowerCase() === '100-continue';
        }
        break;
      case 7:
        if (name.toLowerCase() === 'upgrade') facts.upgrade = joined(facts.upgrade, rawHeaders[i + 1]);
        break;
      case 10:
        if (name.toLowerCase() === 'connection') facts.connection = joined(facts.connection, rawHeaders[i + 1]);
        break;
      case 13:
        if (name.toLowerCase() === 'authorization') {
          facts.bindsConnection ||= /^(?:ntlm|negotiate)\b/i.test(rawHeaders[i + 1] as string);
        }
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') {
          facts.contentLength = sameLength(facts.contentLength, rawHeaders[i + 1] as string);
        }
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') {
          facts.transferEncoding = joined(facts.transferEncoding, rawHeaders[i + 1]);
        }
        break;
    }
  }
  return facts;
}

/**
 * The framing of a request's body.
 * @throws HeadError 400 or 501 for everything on which two readers could disagree (RFC 9112 sections 6.1 and 11.2).
 */
export function requestFraming(facts: HeadFacts, version: string): Framing {
  if (facts.hosts > 1) throw new HeadError(400, 'more than one Host field');
  if (facts.contentLength === -2) throw new HeadError(400, 'malformed or contradictory Content-Length');
  if (facts.transferEncoding !== '') {
    if (facts.contentLength !== -1) throw new HeadError(400, 'both Content-Length and Transfer-Encoding');
    if (version === '1.0') throw new HeadError(400, 'Transfer-Encoding in HTTP/1.0');
    if (facts.transferEncoding !== 'chunked') throw new HeadError(501, 'only the transfer coding chunked is known');
    return chunkedBody;
  }
  return facts.contentLength < 0 ? noBody : { kind: 'length', length: facts.contentLength };
}

/**
 * The framing of a response's body.
 * @throws HeadError 502 when its length cannot be known.
 */
export function responseFraming(facts: HeadFacts, method: string, status: number): Framing {
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return noBody;
  if (facts.transferEncoding !== '') {
    // Content-Length beside it is left out when the head is written (RFC 9112 section 6.3).
    if (facts.transferEncoding === 'chunked') return chunkedBody;
    if (/(^|,)\s*chunked$/.test(facts.transferEncoding)) {
      throw new HeadError(502, `transfer coding ${facts.transferEncoding} is not known`);
    }
    return untilClose;
  }
  if (facts.contentLength === -2) throw new HeadError(502, 'malformed or contradictory Content-Length');
  return facts.contentLength === -1 ? untilClose : { kind: 'length', length: facts.contentLength };
}

/** Whether the connection may be used again after this message. */
export function keepsConnection(facts: HeadFacts, version: string): boolean {
  if (facts.connection === '') return version === '1.1';
  if (hasToken(facts.connection, 'close')) return false;
  return version === '1.1' || hasToken(facts.connection, 'keep-alive');
}

/** `Upgrade` with its token in `Connection`; never to HTTP/2, which would end interception (and is a way to smuggle). */
export function asksUpgrade(facts: HeadFacts): boolean {
  return facts.upgrade !== '' && hasToken(facts.connection, 'upgrade') && !/(^|,)\s*h2c?\s*(,|$)/.test(facts.upgrade);
}

/** True when a comma-separated list in lower case has the token. */
export function hasToken(list: string, token: string): boolean {
  if (list === token) return true;
  return list.includes(token) && list.split(',').some((part) => part.trim() === token);
}

function joined(before: string, value: string | undefined): string {
  const text = (value ?? '').toLowerCase();
  return before === '' ? text : `${before},${text}`;
}

function sameLength(before: number, value: string): number {
  let length = -2;
  for (const part of value.includes(',') ? value.split(',') : [value]) {
    const digits = part.trim();
    const parsed = /^\d{1,15}$/.test(digits) ? Number(digits) : -2;
    if (parsed === -2 || (length !== -2 && length !== parsed)) return -2;
    length = parsed;
  }
  return before === -1 || before === length ? length : -2;
}
