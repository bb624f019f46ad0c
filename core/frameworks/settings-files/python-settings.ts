import type { FoundKey, SettingsFile } from './settings-file.ts';

/** An assignment of a literal at the beginning of a line, or an item of a mapping of settings. */
const ASSIGNED =
  /^[ \t]*(?:[A-Za-z_][\w.]*\.)?(?:config\[)?["']?(SECRET_KEY|SECRET_KEY_FALLBACKS|secret_key|COOKIE_SECRET|cookie_secret)["']?\]?[ \t]*(?::[ \t]*[\w.[\]]+[ \t]*)?[=:][ \t]*(.*)$/;

const LITERAL = /(?<![\w"'])(b|B|r|R|u|U|br|rb|)?("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g;

/**
 * The keys that stand as text in Python. Nothing is executed: what is computed (`os.environ[…]`, a call, a sum) is not
 * known, and is left out; the default of `os.environ.get("NAME", "default")` is no key that is in use for sure.
 */
export function readPythonSettings(text: string): FoundKey[] {
  const found: FoundKey[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const [, name = '', rest = ''] = ASSIGNED.exec(line) ?? [];
    if (name === '') continue;
    // A list may go on over lines.
    const isList = /^[[(]/.test(rest);
    const whole = isList ? listText(lines, i, rest) : rest;
    const outside = whole.replace(LITERAL, '').replace(/#.*$/gm, '');
    if (!/^[\s[\](),]*$/.test(outside) || (!isList && /[,()]/.test(outside.replace(/,\s*$/, '')))) continue;
    for (const [, prefix = '', quoted = ''] of whole.matchAll(LITERAL)) {
      const key = literal(prefix.toLowerCase(), quoted.slice(1, -1));
      if (key !== undefined && key !== '') found.push({ setting: name, key, line: i + 1 });
    }
  }
  return found;
}

const MOST_LINES = 50;

function listText(lines: readonly string[], from: number, first: string): string {
  const parts = [first];
  for (
    let i = from + 1;
    i < lines.length && i < from + MOST_LINES && !/[\])]\s*(#.*)?$/.test(parts.at(-1) ?? '');
    i += 1
  ) {
    parts.push(lines[i] ?? '');
  }
  return parts.join('\n');
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

/** What Python makes of a literal, as `readSecret` takes it; undefined for escapes that need a table of names. */
function literal(prefix: string, body: string): string | undefined {
  if (prefix.includes('r')) return given(body, prefix.includes('b'));
  if (/\\N\{/.test(body)) return undefined;
  const text = body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (_, x?: string, u?: string, U?: string, octal?: string, one = '') => {
      const hex = x ?? u ?? U;
      if (hex !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0x1ff);
      return ESCAPES[one] ?? (/[\\'"]/.test(one) ? one : `\\${one}`);
    },
  );
  return given(text, prefix.includes('b'));
}

/** Bytes are named as bytes, and texts that look like something else as texts. */
function given(text: string, isBytes: boolean): string {
  if (isBytes && /[^\x20-\x7e]/.test(text)) return `hex:${Buffer.from(text, 'latin1').toString('hex')}`;
  return /^(text|hex|base64):/.test(text) ? `text:${text}` : text;
}

export const PYTHON_SETTINGS: readonly SettingsFile[] = [
  'settings.py',
  'config.py',
  'app.py',
  '*/settings.py',
  '*/config.py',
  '*/settings/base.py',
  'instance/config.py',
].map((path) => ({ path, read: readPythonSettings }));
