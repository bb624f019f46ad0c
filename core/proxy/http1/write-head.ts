import type { Framing } from './facts.ts';
import { HeadError } from './head-error.ts';
import type { HeadLines } from './head-lines.ts';

/** What must not reach a socket in a name or value: line ends, NUL, and characters that Latin-1 would cut to one. */
const UNSAFE = /[\r\n\0\u0100-\uffff]/;

export interface HeadShape {
  readonly request: boolean;
  readonly framing: Framing;
  /** Lower-case `Connection` value of the received head: the fields it names go no further. */
  readonly connection: string;
  /** Keep `Connection: upgrade` and `Upgrade` (RFC 9110 section 7.8). */
  readonly upgrade: boolean;
  /** Keep Content-Length and Transfer-Encoding as they are: the message has no body but describes one (HEAD, 304). */
  readonly describesBody: boolean;
  /** Written at the end, complete lines with CRLF. */
  readonly extra: string;
}

/**
 * A head as text, end-to-end fields in their order, case and bytes; hop-by-hop fields (RFC 9110 section 7.6.1) left
 * out, and the framing made true.
 * @param received how the fields came: those that nobody has changed leave as they are, in as few pieces as possible.
 * @throws HeadError 502 for a name or value that would break the head: only a hook can have made it.
 */
export function writeHead(
  firstLine: string,
  rawHeaders: readonly string[],
  shape: HeadShape,
  received?: HeadLines,
): string {
  if (UNSAFE.test(firstLine)) throw new HeadError(502, 'line break or character beyond Latin-1 in the first line');
  let head = `${firstLine}\r\n`;
  let framed = shape.framing.kind === 'none' || shape.framing.kind === 'close';
  const named = namedFields(shape.connection);
  const known = named === undefined && received?.knows(rawHeaders) === true ? received : undefined;
  /** The piece of the received head that is to leave next. */
  let from = 0;
  let to = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    let value = rawHeaders[i + 1] as string;
    if (known?.passes(i >> 1, name, value) === true) {
      const start = known.start(i >> 1);
      if (start !== to) {
        if (to > from) head += known.piece(from, to);
        from = start;
      }
      to = known.stop(i >> 1);
      continue;
    }
    switch (name.length) {
      case 2:
        if (shape.request && name.toLowerCase() === 'te') continue;
        break;
      case 7:
        if (!shape.upgrade && name.toLowerCase() === 'upgrade') continue;
        break;
      case 10: {
        const lower = name.toLowerCase();
        if (lower === 'keep-alive') continue;
        if (lower === 'connection') {
          if (!shape.upgrade) continue;
          value = 'Upgrade';
        }
        break;
      }
      case 14:
        if (name.toLowerCase() === 'content-length' && !shape.describesBody) {
          if (framed || shape.framing.kind !== 'length') continue;
          framed = true;
          value = String(shape.framing.length);
        }
        break;
      case 16:
        if (name.toLowerCase() === 'proxy-connection') continue;
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding' && !shape.describesBody) {
          if (framed || shape.framing.kind !== 'chunked') continue;
          framed = true;
          value = 'chunked';
        }
        break;
      case 19:
        if (shape.request && name.toLowerCase() === 'proxy-authorization') continue;
        break;
    }
    if (named?.has(name.toLowerCase())) continue;
    if (UNSAFE.test(value) || UNSAFE.test(name)) {
      throw new HeadError(502, `line break or character beyond Latin-1 in the field ${JSON.stringify(name)}`);
    }
    if (known !== undefined && to > from) {
      head += known.piece(from, to);
      from = to;
    }
    head += `${name}: ${value}\r\n`;
  }
  if (known !== undefined && to > from) head += known.piece(from, to);
  if (!framed) {
    head +=
      shape.framing.kind === 'length'
        ? `Content-Length: ${shape.framing.length}\r\n`
        : 'Transfer-Encoding: chunked\r\n';
  }
  return `${head}${shape.extra}\r\n`;
}

/** Trailer lines, or an empty text. Fields that could change framing or routing are left out (RFC 9110 section 6.5.1). */
export function writeTrailers(fields: readonly string[] | undefined): string {
  let text = '';
  for (let i = 0; fields !== undefined && i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (/^(content-length|transfer-encoding|host|connection|trailer|te|upgrade)$/i.test(name)) continue;
    if (!UNSAFE.test(name) && !UNSAFE.test(value)) text += `${name}: ${value}\r\n`;
  }
  return text;
}

/**
 * Fields that a `Connection` value in lower case names: they end here (RFC 9110 section 7.6.1). Except the ones handled by name above and
 * those no sender may hide that way.
 */
export function namedFields(connection: string): Set<string> | undefined {
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return undefined;
  let named: Set<string> | undefined;
  for (const part of connection.split(',')) {
    const token = part.trim();
    if (
      /^(|close|keep-alive|upgrade|te|host|cookie|set-cookie|content-length|transfer-encoding|authorization)$/.test(
        token,
      )
    ) {
      continue;
    }
    named ??= new Set();
    named.add(token);
  }
  return named;
}
