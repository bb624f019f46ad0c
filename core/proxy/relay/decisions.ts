import type { OwnResponse, RequestHead, ResponseHead } from '../exchange.ts';
import { type Framing, noBody } from '../http1/facts.ts';
import { type Destination, splitUrl } from '../target.ts';

/** Request bytes that may wait for a connection before the client is paused, and be kept for a second try. */
export const WAITING = 64 * 1024;

/** How a body is announced: as it was received, or by its new length when a hook put another in its place. */
export function announced(received: Framing, replacement: Buffer | undefined): Framing {
  if (replacement === undefined || (replacement.length === 0 && received.kind === 'none')) return received;
  return { kind: 'length', length: replacement.length };
}

/** No byte follows the head. */
export function isEmpty(framing: Framing): boolean {
  return framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
}

/** A kept connection can be closed under our hands: only what could be sent a second time may go out on one. */
export function mayUseKept(framing: Framing): boolean {
  return framing.kind === 'none' || (framing.kind === 'length' && framing.length <= WAITING);
}

/** Times a request may be sent again after refusals, as curl does. */
const REFUSALS = 5;

/**
 * A kept connection that the application had closed meanwhile is nobody's fault, so nobody needs to see it: one more
 * try, on a new connection. A refusal promises that nothing was done with the request: as many as are reasonable.
 * @param untouched no byte of an answer arrived.
 * @param reused the connection had served before.
 * @param refused the application refused the stream (RFC 9113 section 8.7).
 */
export function deservesAnotherTry(untouched: boolean, reused: boolean, tries: number, refused = false): boolean {
  return untouched && ((reused && tries === 1) || (refused && tries <= REFUSALS));
}

/** Where a request goes after the hooks: they may have changed its URL. undefined: what they made is no URL. */
export function destinationAfterHooks<D extends Destination & { readonly url: string }>(
  original: D,
  url: string,
): D | Destination | undefined {
  return url === original.url ? original : splitUrl(url);
}

/** An answer that does not come from the application, as head, framing and body. */
export function ownParts(
  own: OwnResponse,
  request: Pick<RequestHead, 'method' | 'httpVersion'>,
): { readonly head: ResponseHead; readonly framing: Framing; readonly body: Buffer } {
  const body =
    own.body === undefined
      ? Buffer.alloc(0)
      : typeof own.body === 'string'
        ? Buffer.from(own.body)
        : Buffer.from(own.body);
  const bodiless = request.method === 'HEAD' || own.status === 204 || own.status === 304;
  return {
    head: {
      status: own.status,
      reason: own.reason ?? '',
      httpVersion: request.httpVersion,
      rawHeaders: [...(own.rawHeaders ?? [])],
    },
    framing: bodiless ? noBody : { kind: 'length', length: body.length },
    body,
  };
}
