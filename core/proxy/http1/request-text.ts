import type { RequestHead } from '../exchange.ts';
import type { UpstreamConnection } from '../options.ts';
import type { RequestShape } from '../relay/ports.ts';
import { factsOf } from './facts.ts';
import type { HeadLines } from './head-lines.ts';
import { writeHead } from './write-head.ts';

/**
 * The head of a request as an application (or, with `forward`, an HTTP proxy in front of it) is to read it.
 * @param received how the head came, where it came as HTTP/1.
 * @throws HeadError 502 when a hook made a head that cannot be sent.
 */
export function requestText(
  request: RequestHead,
  shape: RequestShape,
  forward: UpstreamConnection['forward'],
  received?: HeadLines,
): string {
  const rawHeaders = request.httpVersion === '2.0' ? http1Fields(request) : request.rawHeaders;
  const { te, connection } = received?.factsOf(rawHeaders) ?? factsOf(rawHeaders);
  let extra = '';
  if (te.includes('trailers') && !shape.upgrade) extra = 'TE: trailers\r\nConnection: TE\r\n';
  if (forward !== undefined) {
    for (const [name, value] of pairs(forward.rawHeaders)) extra += `${name}: ${value}\r\n`;
  }
  const target = forward === undefined ? shape.path : request.url;
  const { framing, upgrade } = shape;
  return writeHead(
    `${request.method} ${target} HTTP/${versionFor(request)}`,
    rawHeaders,
    { request: true, framing, connection, upgrade, describesBody: false, extra },
    received,
  );
}

/** The version of HTTP/1 in which a request goes on. */
export function versionFor(request: RequestHead): '1.0' | '1.1' {
  return request.httpVersion === '1.0' ? '1.0' : '1.1';
}

/** An HTTP/2 request's fields for HTTP/1: `Host` from `:authority`, one `Cookie` (RFC 9113 sections 8.3.1 and 8.2.3). */
function http1Fields(request: RequestHead): string[] {
  const fields: string[] = [];
  let cookie = -1;
  let host = false;
  for (const [name, value] of pairs(request.rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === 'host') host = true;
    if (lower === 'cookie' && cookie >= 0) fields[cookie] += `; ${value}`;
    else {
      if (lower === 'cookie') cookie = fields.length + 1;
      fields.push(name, value);
    }
  }
  if (!host && request.authority !== undefined) fields.unshift('Host', request.authority);
  return fields;
}

function* pairs(flat: readonly string[]): Generator<readonly [string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string];
}
