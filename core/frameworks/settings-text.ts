import path from 'node:path';
import type { ProcessFacts } from './framework.ts';

/*
 * Settings as text: what stands in a file word for word. Nothing is executed, so that a value which is computed is not
 * known; it gives nothing.
 */

/** The programs that the process was started with, as paths: `app.py`, `server.js`, `public/index.php`. */
export const scriptsOf = ({ argv }: ProcessFacts, ending: RegExp): readonly string[] =>
  argv.filter((word) => ending.test(word) && !word.startsWith('-'));

/** Literals that a program gives to a name: `NAME = 'value'`, `'NAME': "value"`, `NAME='value'`. */
export function literals(text: string, name: string): string[] {
  const given = new RegExp(
    `\\b${name}['"]?\\]?\\s*(?:=|:|=>)\\s*[rbu]?(['"])((?:\\\\.|(?!\\1)[^\\\\\\n])*)\\1(?!\\s*[+%.])`,
    'g',
  );
  return [...text.matchAll(given)].map(([, , value = '']) => value.replace(/\\(.)/g, '$1'));
}

/** The lines of a `.env` file, and what the environment says over them. */
export function dotEnv(process: ProcessFacts, name = '.env'): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const line of (process.readText(name) ?? '').split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#]*?))\s*(?:#.*)?$/.exec(line);
    if (match?.[1] !== undefined) found[match[1]] = match[2] ?? match[3] ?? match[4] ?? '';
  }
  return { ...found, ...process.env };
}

/** A path of the settings, from the working directory on. */
export const under = ({ cwd }: ProcessFacts, given: string): string => path.resolve(cwd, given);

/** The URL of a database from its parts, as frameworks keep them apart. */
export function databaseUrl(
  scheme: 'postgres' | 'mysql',
  parts: {
    readonly user?: string;
    readonly password?: string;
    readonly host?: string;
    readonly port?: string;
    readonly name: string;
  },
): string {
  const { user, password, host, port, name } = parts;
  const login =
    user === undefined || user === ''
      ? ''
      : `${encodeURIComponent(user)}${password === undefined || password === '' ? '' : `:${encodeURIComponent(password)}`}@`;
  const place = host?.startsWith('/')
    ? ''
    : `${host || '127.0.0.1'}${port === undefined || port === '' ? '' : `:${port}`}`;
  const socket = host?.startsWith('/') ? `?${scheme === 'mysql' ? 'socket' : 'host'}=${encodeURIComponent(host)}` : '';
  return `${scheme}://${login}${place}/${encodeURIComponent(name)}${socket}`;
}
