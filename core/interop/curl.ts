import { maskFields, maskForm, maskUrl } from '../capture/mask-secrets.ts';
import type { Flow } from '../model/flow.ts';

export type Shell = 'posix' | 'windows';

/** Fields that curl makes itself, or that belong to one connection (RFC 9110 section 7.6.1). */
const LEFT_OUT = new Set([
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

/**
 * A curl command that sends a recorded request again: same method, address, fields in order and body. `body` are its
 * recorded bytes. Everything is quoted for the shell, so that nothing in a request becomes a command.
 * @param secrets false: cookies, credentials and passwords are masked
 */
export function curlCommand(
  flow: Flow,
  body: Uint8Array | undefined,
  { shell = 'posix', secrets = false }: { readonly shell?: Shell; readonly secrets?: boolean } = {},
): { text: string; notes: string[] } {
  const notes: string[] = [];
  const quote = shell === 'posix' ? quotePosix : quoteWindows;
  const { request } = flow;
  const fields = secrets ? request.rawHeaders : maskFields(request.rawHeaders);
  const url = secrets ? request.url : maskUrl(request.url);
  const words: string[][] = [['curl', quote(url, notes)]];
  const http2 = request.httpVersion.startsWith('2');
  words.push([http2 ? '--http2' : request.httpVersion === '1.0' ? '--http1.0' : '--http1.1']);
  // Dots and braces in the address are meant as they stand.
  words.push(['--path-as-is'], ['--globoff']);
  const bodyText = body === undefined || body.length === 0 ? undefined : textOf(body, fields, secrets, notes);
  const usual = bodyText === undefined ? 'GET' : 'POST';
  if (request.method === 'HEAD') words.push(['--head']);
  else if (request.method !== usual) words.push(['--request', quote(request.method, notes)]);
  const present = new Set<string>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (LEFT_OUT.has(lower)) continue;
    present.add(lower);
    // A trailing semicolon is curl's notation for a field with an empty value.
    words.push(['--header', quote(value === '' ? `${name};` : `${name}: ${value}`, notes)]);
  }
  for (const name of CURLS_OWN)
    if (!present.has(name.toLowerCase())) words.push(['--header', quote(`${name}:`, notes)]);
  if (bodyText !== undefined && !present.has('content-type')) words.push(['--header', quote('Content-Type:', notes)]);
  if (bodyText !== undefined) words.push(['--data-binary', quote(bodyText, notes)]);
  if (request.body.kept < request.body.size) {
    notes.push(`Only ${request.body.kept} of the ${request.body.size} bytes of the body were recorded`);
  }
  const text = words.map((line) => line.join(' ')).join(shell === 'posix' ? ' \\\n  ' : ' ^\r\n  ');
  return { text, notes: [...new Set(notes)] };
}

/** The body as Latin-1 text: one character a byte, as header values are. */
function textOf(body: Uint8Array, fields: readonly string[], secrets: boolean, notes: string[]): string {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  if (secrets) return text;
  const form = fields.some(
    (value, i) =>
      i % 2 === 1 &&
      fields[i - 1]?.toLowerCase() === 'content-type' &&
      /^application\/x-www-form-urlencoded/i.test(value),
  );
  if (!form) notes.push('The body is not a form and was not masked');
  return form ? maskForm(text) : text;
}

/** One word for sh, bash, zsh. Bytes that are no printable ASCII are written as `\ooo` in `$'…'`, which sh of 2024 has. */
function quotePosix(text: string, notes: string[]): string {
  if (text === '') return "''";
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!/[^\x20-\x7e]/.test(text)) return `'${text.replace(/'/g, `'\\''`)}'`;
  if (text.includes('\0')) notes.push('A NUL byte cannot stand on a command line');
  const escaped = text.replace(/[^\x20-\x7e]|['\\]/g, (char) =>
    char === "'" || char === '\\' ? `\\${char}` : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `$'${escaped}'`;
}

/** One word for cmd.exe, which knows no way to write line breaks or bytes. */
function quoteWindows(text: string, notes: string[]): string {
  if (/[^\x20-\x7e]/.test(text))
    notes.push('Bytes that are no printable ASCII cannot stand on a command line of Windows');
  // The program's own rules (backslashes before a quote are doubled), then cmd's: every special sign behind a caret.
  const word = `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
  return word.replace(/[\r\n]+/g, ' ').replace(/[()%!^"<>&|]/g, '^$&');
}
