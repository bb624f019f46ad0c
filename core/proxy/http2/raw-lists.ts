import type { ClientHttp2Session, ClientHttp2Stream, ServerHttp2Stream } from 'node:http2';
import { headersObject } from './headers.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** Node takes flat lists, which keep the order of repeated fields among others, from these versions on. */
const requestTakesLists = major > 24 || (major === 24 && minor >= 2) || (major === 22 && minor >= 17);
const respondTakesLists = major > 24 || (major === 24 && minor >= 7) || (major === 22 && minor >= 20);

/**
 * Settings of a session for fields that begin or end with a blank. They are malformed (RFC 9113 section 8.2.1), so nghttp2
 * drops each of them without an error; Chromium keeps them, and cookies are set that way. Runtimes from 22.17 and 24.2.
 */
export const keepsOddFields: object = { strictFieldWhitespaceValidation: false };

/** `session.request` with a flat list. */
export function requestWith(
  session: ClientHttp2Session,
  flat: string[],
  options: { endStream: boolean; waitForTrailers: boolean },
): ClientHttp2Stream {
  return session.request(requestTakesLists ? flat : headersObject(flat), options);
}

/** `stream.respond` with a flat list. */
export function respondWith(
  stream: ServerHttp2Stream,
  flat: string[],
  options: { endStream: boolean; waitForTrailers: boolean },
): void {
  stream.respond((respondTakesLists ? flat : headersObject(flat)) as never, { ...options, sendDate: false } as never);
}
