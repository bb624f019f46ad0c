import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { factsOf } from '../http1/facts.ts';
import { HeadError } from '../http1/head-error.ts';
import { namedFields } from '../http1/write-head.ts';

/** Fields that HTTP/2 forbids (RFC 9113 section 8.2.2) or that end at the proxy. */
const CONNECTION_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authorization',
]);
const UNSAFE = /[\r\n\0\u0100-\uffff]/;

/** A received flat list taken apart: pseudo fields by name, the others in their order. */
export function splitPseudo(flat: readonly string[]): { pseudo: Record<string, string>; rawHeaders: string[] } {
  const pseudo: Record<string, string> = {};
  let first = 0;
  for (; first < flat.length && (flat[first] as string).charCodeAt(0) === 58; first += 2) {
    pseudo[flat[first] as string] = flat[first + 1] as string;
  }
  return { pseudo, rawHeaders: flat.slice(first) };
}

/**
 * Pseudo fields and fields as a flat list that HTTP/2 can carry; values are sent without blanks around them.
 * @param length replaces `content-length`; null leaves it out; undefined leaves it as it is.
 * @throws HeadError for names and values that cannot be sent: only a hook can have made them.
 */
export function http2Fields(
  pseudo: readonly string[],
  rawHeaders: readonly string[],
  length: number | null | undefined,
): string[] {
  const fields = pseudo.slice();
  let lengthSet = false;
  const named = namedFields(factsOf(rawHeaders).connection);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    const lower = name.toLowerCase();
    if (lower.charCodeAt(0) === 58 || CONNECTION_FIELDS.has(lower) || named?.has(lower)) continue;
    if (lower === 'te' && value.toLowerCase() !== 'trailers') continue;
    if (lower === 'content-length' && length !== undefined) {
      if (length !== null && !lengthSet) fields.push(lower, String(length));
      lengthSet = true;
      continue;
    }
    if (UNSAFE.test(name) || UNSAFE.test(value)) {
      throw new HeadError(502, `line break or character beyond Latin-1 in the field ${JSON.stringify(name)}`);
    }
    fields.push(lower, withoutBlanks(value));
  }
  if (typeof length === 'number' && !lengthSet) fields.push('content-length', String(length));
  return fields;
}

/** HTTP/2 allows no blank around a value, and a peer that finds one drops the field or resets the stream. */
function withoutBlanks(value: string): string {
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1))
    ? value.replace(/^[ \t]+|[ \t]+$/g, '')
    : value;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** A flat list as the object that older runtimes and trailers take: a repeated field becomes a list. */
export function headersObject(flat: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[name] = [before, value];
  }
  return headers;
}

/** The flat list given beside the headers object in Node's HTTP/2 events; the object taken apart where there is none. */
export function flatOf(headers: IncomingHttpHeaders, raw: unknown): string[] {
  if (Array.isArray(raw)) return raw as string[];
  const flat: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) flat.push(name, String(one));
  }
  return flat;
}
