import type { Flow } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { LEFT_OUT, TOKEN } from './curl.ts';
import { printfCommand, quotePosix, showableText } from './shell-words.ts';

/** Programs for which a recorded request is written, curl aside. */
export type CodeForm = 'fetch' | 'python' | 'httpie';
export const CODE_FORMS: readonly CodeForm[] = ['fetch', 'python', 'httpie'];

interface Parts {
  readonly method: string;
  readonly url: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Latin-1 text, one character a byte. */
  readonly body: string | undefined;
}

/**
 * A recorded request as a piece of a program that sends it again: same method, address, fields and body, no redirect
 * followed. What was recorded is data: each text is written as a literal of the language, and nothing in it is read as
 * an instruction or as the name of a file. Secrets stand in it as recorded: `maskedRequest` takes them out before.
 * @throws ProblemError `not-http` for addresses that are not fetched over HTTP
 */
export function requestCode(
  flow: Flow,
  body: Uint8Array | undefined,
  form: CodeForm,
): { text: string; notes: string[] } {
  const notes: string[] = [];
  const parts = partsOf(flow, body, notes);
  const text = { fetch: asFetch, python: asPython, httpie: asHttpie }[form](parts, notes);
  return { text, notes: [...new Set(notes)] };
}

function partsOf({ request }: Flow, body: Uint8Array | undefined, notes: string[]): Parts {
  if (!/^https?:\/\//i.test(request.url)) {
    throw problem('not-http', 'Only requests over http and https can be written as a program', {
      remedy: 'Tunnels and other connections have no request that could be sent again.',
    });
  }
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    const value = (request.rawHeaders[i + 1] ?? '').trim();
    if (LEFT_OUT.has(name.toLowerCase()) || name.startsWith(':')) continue;
    if (!TOKEN.test(name) || /[\r\n\0]/.test(value)) notes.push('A header field that is not valid HTTP was left out');
    else fields.push([name, value]);
  }
  const has = body !== undefined && body.length > 0;
  if (!has && request.body.size > 0) notes.push('The body was not recorded');
  return {
    method: request.method,
    url: request.url,
    fields,
    body: has ? Buffer.from(body).toString('latin1') : undefined,
  };
}

/** For a browser's console and for Node 18 and later. */
function asFetch({ method, url, fields, body }: Parts, notes: string[]): string {
  if (body !== undefined && /^(GET|HEAD)$/i.test(method)) notes.push(`fetch sends no body with ${method}`);
  const forbidden = fields.filter(([name]) =>
    /^(cookie|host|origin|referer|user-agent|sec-.*|accept-encoding)$/i.test(name),
  );
  if (forbidden.length > 0) {
    const names = [...new Set(forbidden.map(([name]) => name))].join(', ');
    notes.push(`In a browser, scripts may not set all of these fields (Node may): ${names}`);
  }
  const lines = [`method: ${js(method)},`];
  if (fields.length > 0) {
    lines.push('headers: [', ...fields.map(([name, value]) => `  [${js(name)}, ${js(value)}],`), '],');
  }
  if (body !== undefined && !/^(GET|HEAD)$/i.test(method)) {
    const text = showableText(body);
    lines.push(
      text === undefined
        ? `body: Uint8Array.from(atob(${js(Buffer.from(body, 'latin1').toString('base64'))}), (c) => c.charCodeAt(0)),`
        : `body: ${js(text)},`,
    );
  }
  lines.push("redirect: 'manual',");
  return `const response = await fetch(${js(url)}, {\n${lines.map((line) => `  ${line}\n`).join('')}});\nconsole.log(response.status, await response.text());\n`;
}

/** For Python's requests. */
function asPython({ method, url, fields, body }: Parts, notes: string[]): string {
  const joined = new Map<string, { name: string; value: string }>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const known = joined.get(key);
    if (known === undefined) joined.set(key, { name, value });
    else {
      notes.push('requests sends each field once: fields of one name are joined');
      joined.set(key, { name: known.name, value: `${known.value}${key === 'cookie' ? '; ' : ', '}${value}` });
    }
  }
  const headers = [...joined.values()].map(({ name, value }) => `        ${python(name)}: ${pythonBytes(value)},\n`);
  // Otherwise requests adds its own.
  for (const name of ['User-Agent', 'Accept', 'Accept-Encoding']) {
    if (!joined.has(name.toLowerCase())) headers.push(`        ${python(name)}: None,\n`);
  }
  const lines = [
    'import requests\n\n',
    'response = requests.request(\n',
    `    ${python(method)},\n    ${python(url)},\n`,
    `    headers={\n${headers.join('')}    },\n`,
    ...(body === undefined ? [] : [`    data=${pythonBytes(body)},\n`]),
    '    allow_redirects=False,\n)\nprint(response.status_code, response.text)\n',
  ];
  return lines.join('');
}

/** For HTTPie 3: a command for a POSIX shell. */
function asHttpie({ method, url, fields, body }: Parts, notes: string[]): string {
  const quote = (word: string) => quotePosix(word, notes);
  const words = ['http'];
  let feed = '';
  if (body !== undefined && showableText(body) === undefined) feed = `${printfCommand(body)} | `;
  else words.push('--ignore-stdin');
  if (body !== undefined && feed === '') words.push('--raw', quote(body));
  words.push(quote(method), quote(url));
  for (const [name, value] of fields) {
    const why =
      showableText(value) === undefined
        ? 'bytes that are no text'
        : /\\[@=:;]/.test(value)
          ? 'a backslash before one of @ = : ;'
          : undefined;
    if (why !== undefined) notes.push(`HTTPie takes no ${name} with ${why}: it was left out`);
    // `Name;` is an empty field.
    else words.push(quote(value === '' ? `${name};` : `${name}:${httpieValue(value)}`));
  }
  const present = new Set(fields.map(([name]) => name.toLowerCase()));
  for (const name of ['User-Agent', 'Accept', 'Accept-Encoding', 'Content-Type']) {
    const isUseless = present.has(name.toLowerCase()) || (name === 'Content-Type' && body === undefined);
    if (!isUseless) words.push(quote(`${name}:`));
  }
  return feed + words.join(' ');
}

/** HTTPie takes a sign right after the colon for another separator (`:@` reads a file, `:=` is JSON): it is escaped. */
function httpieValue(value: string): string {
  return value.replace(/^[@=:;]/, '\\$&');
}

/** A literal of JavaScript: JSON, with what only JSON takes in a text written out. */
function js(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028\u2029\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
}

/** A str literal of Python 3, in ASCII. */
function python(text: string): string {
  let made = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === "'" || character === '\\') made += `\\${character}`;
    else if (code >= 0x20 && code < 0x7f) made += character;
    else if (code < 0x100) made += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x10000) made += `\\u${code.toString(16).padStart(4, '0')}`;
    else made += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `'${made}'`;
}

/** A bytes literal of Python 3 for Latin-1 text. */
function pythonBytes(bytes: string): string {
  return `b${python(bytes)}`;
}
