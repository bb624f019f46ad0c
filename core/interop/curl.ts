import type { Flow } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { printfCommand, quotePosix, quoteWindows, type Shell, showableText } from './shell-words.ts';

/** Fields that curl makes itself, or that belong to one connection (RFC 9110 section 7.6.1). */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'http2-settings',
]);

/** Fields that curl adds unless it is told not to. */
const CURLS_OWN = ['Accept', 'User-Agent'];

/** Longest body that stands on the command line itself: Linux allows 128 KiB for one argument. */
const LONGEST_ARGUMENT = 100_000;
/** From this size on curl asks with `Expect: 100-continue` before it sends a body. */
const EXPECTS_FROM = 1 << 20;

/** RFC 9110 section 5.6.2. Anything else in the place of a field's name would be a notation of curl (`@file`, `Name;`). */
export const TOKEN = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;

/**
 * A curl command that sends a recorded request again: same method, address, fields in order and body. `body` are its
 * recorded bytes. What was recorded is data for the shell and for curl alike: every word is quoted, and no option is
 * used that would read a file (`@`), expand a pattern or take a word for an option.
 * Secrets stand in it as they were recorded: `maskedRequest` takes them out before.
 * @throws ProblemError `not-http` for addresses that curl would not fetch over HTTP (`file:`)
 */
export function curlCommand(
  flow: Flow,
  body: Uint8Array | undefined,
  { shell = 'posix' }: { readonly shell?: Shell } = {},
): { text: string; notes: string[] } {
  const notes: string[] = [];
  const quote = (text: string) => (shell === 'posix' ? quotePosix(text, notes) : quoteWindows(text, notes));
  const { request } = flow;
  const fields = request.rawHeaders;
  const url = addressOf(request.url, notes);
  const words: string[][] = [['curl', quote(url)], [versionOption(request.httpVersion, notes)].filter(Boolean)];
  // Dots and braces in the address are meant as they stand.
  words.push(['--path-as-is'], ['--globoff']);
  const bodyText = bodyOf(flow, body, notes);
  const usual = bodyText === undefined ? 'GET' : 'POST';
  if (request.method === 'HEAD') words.push(['--head']);
  else if (request.method !== usual) words.push(['--request', quote(request.method)]);
  const present = new Set<string>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = (fields[i + 1] ?? '').trim();
    if (LEFT_OUT.has(name.toLowerCase())) continue;
    if (!TOKEN.test(name) || /[\r\n\0]/.test(value)) {
      notes.push('A header field that is not valid HTTP was left out');
      continue;
    }
    present.add(name.toLowerCase());
    // A trailing semicolon is curl's notation for a field with an empty value.
    words.push(['--header', quote(value === '' ? `${name};` : `${name}: ${value}`)]);
  }
  for (const name of CURLS_OWN) if (!present.has(name.toLowerCase())) words.push(['--header', quote(`${name}:`)]);
  let feed = '';
  if (bodyText !== undefined) {
    if (!present.has('content-type')) words.push(['--header', quote('Content-Type:')]);
    if (!present.has('expect') && bodyText.length >= EXPECTS_FROM) words.push(['--header', quote('Expect:')]);
    if (shell === 'posix' && (bodyText.length > LONGEST_ARGUMENT || showableText(bodyText) === undefined)) {
      feed = `${printfCommand(bodyText)} |\n`;
      // The only `@` that curl acts upon, and it is ours: standard input.
      words.push(['--data-binary', '@-']);
    } else words.push(['--data-raw', quote(bodyText)]);
  }
  const lines = words.filter((line) => line.length > 0).map((line) => line.join(' '));
  return { text: feed + lines.join(shell === 'posix' ? ' \\\n  ' : ' ^\r\n  '), notes: [...new Set(notes)] };
}

/** The address as curl takes it. It refuses blanks and control characters, which some clients send as they are. */
function addressOf(url: string, notes: string[]): string {
  if (!/^https?:\/\//i.test(url)) {
    throw problem('not-http', 'curl can repeat only requests over http and https', {
      remedy: 'Tunnels and other connections have no request that could be sent again.',
    });
  }
  const escaped = url.replace(/[\x00-\x20\x7f]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (escaped !== url) notes.push('Blanks or control characters in the address are written as percent escapes');
  return escaped;
}

function versionOption(version: string, notes: string[]): string {
  if (version.startsWith('3')) {
    notes.push('The request went over HTTP/3; many builds of curl lack it, so the version is left to curl');
    return '';
  }
  if (version.startsWith('2')) return '--http2';
  return version === '1.0' ? '--http1.0' : '--http1.1';
}

/** What curl has to send, as Latin-1 text: one character a byte, as header values are. Undefined when there is no body. */
function bodyOf({ request }: Flow, body: Uint8Array | undefined, notes: string[]): string | undefined {
  if (request.body.kept < request.body.size) {
    notes.push(`Only ${request.body.kept} of the ${request.body.size} bytes of the body were recorded`);
  }
  if (body !== undefined && body.length > 0) {
    if (request.method !== 'HEAD') return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
    notes.push('curl cannot send a body with HEAD; it was left out');
    return undefined;
  }
  // An empty body that was announced: `Content-Length: 0`.
  const announced = request.rawHeaders.some(
    (value, i) => i % 2 === 1 && /^content-length$/i.test(request.rawHeaders[i - 1] ?? '') && value.trim() === '0',
  );
  return announced && request.method !== 'HEAD' && request.method !== 'GET' ? '' : undefined;
}
