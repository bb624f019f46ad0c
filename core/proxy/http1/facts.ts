import { HeadError } from './head-error.ts';

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
  /** Of `Content-Length`: -1 absent, -2 not strictly a number, -3 contradictory. */
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
  if (facts.contentLength < -1) throw new HeadError(400, 'malformed or contradictory Content-Length');
  if (facts.transferEncoding !== '') {
    if (facts.contentLength !== -1) throw new HeadError(400, 'both Content-Length and Transfer-Encoding');
    if (version === '1.0') throw new HeadError(400, 'Transfer-Encoding in HTTP/1.0');
    if (facts.transferEncoding !== 'chunked') throw new HeadError(501, 'only the transfer coding chunked is known');
    return chunkedBody;
  }
  return facts.contentLength < 0 ? noBody : { kind: 'length', length: facts.contentLength };
}

/**
 * The framing of a response's body, as Chromium and curl read it: `chunked` counts wherever it stands, other codings do
 * not; a length that is no number is none.
 * @param rawHeaders only looked at for a length that is not strictly a number.
 * @throws HeadError 502 for two different lengths: nobody can know which one is meant.
 */
export function responseFraming(
  facts: HeadFacts,
  method: string,
  status: number,
  rawHeaders: readonly string[] = [],
): Framing {
  if (method === 'HEAD' || status === 204 || status === 304 || isInformational(status)) return noBody;
  // Content-Length beside it is left out when the head is written (RFC 9112 section 6.3).
  if (hasToken(facts.transferEncoding, 'chunked')) return chunkedBody;
  if (facts.contentLength === -3) throw contradictory();
  const length = facts.contentLength === -2 ? lenientLength(rawHeaders) : facts.contentLength;
  return length === -1 ? untilClose : { kind: 'length', length };
}

/** 1xx: another head follows. */
export function isInformational(status: number): boolean {
  return status >= 100 && status < 200;
}

/** Whether the end of a response is where RFC 9112 section 6.3 puts it: what follows is then the next one. */
export function hasSureEnd(facts: HeadFacts, version: string): boolean {
  const { transferEncoding, contentLength } = facts;
  if (transferEncoding === '') return contentLength >= -1;
  return transferEncoding === 'chunked' && contentLength === -1 && version === '1.1';
}

function contradictory(): HeadError {
  return new HeadError(502, 'contradictory Content-Length');
}

const LONGEST_LENGTH = '9223372036854775807';

/** Content-Length with zeros in front or an empty element is one; anything else that is no number is none (-1). */
function lenientLength(rawHeaders: readonly string[]): number {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() === 'content-length') values.push(rawHeaders[i + 1] as string);
  }
  const lengths = new Set(
    values.flatMap((value) => value.split(',').map((part) => part.trim().replace(/^0+(?=\d)/, ''))).filter(Boolean),
  );
  if (lengths.size > 1) throw contradictory();
  const [digits = ''] = lengths;
  const tooLong = digits.length > LONGEST_LENGTH.length || (digits.length === 19 && digits > LONGEST_LENGTH);
  return /^\d+$/.test(digits) && !tooLong ? Number(digits) : -1;
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
function hasToken(list: string, token: string): boolean {
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
    if (parsed === -2) return -2;
    if (length !== -2 && length !== parsed) return -3;
    length = parsed;
  }
  return before === -1 || before === length ? length : Math.min(before, -3);
}
