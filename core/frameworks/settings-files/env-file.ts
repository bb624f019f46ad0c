import type { FoundKey, SettingsFile } from './settings-file.ts';

/** Names under which applications keep the key of their sessions; a list of previous ones is separated by commas. */
const NAMES =
  /^(APP_KEY|APP_PREVIOUS_KEYS|APP_SECRET|AUTH_SECRET|NEXTAUTH_SECRET|SECRET|SECRET_KEY|SECRET_KEY_BASE|SECRET_COOKIE_PASSWORD|COOKIE_SECRET|JWT_SECRET|JWT_SECRET_KEY|SESSION_KEY|SESSION_SECRET|SESSION_PASSWORD|DJANGO_SECRET_KEY|FLASK_SECRET_KEY|IRON_SESSION_PASSWORD)$/;

const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/;

/** The keys in the lines of a `.env` file. References to other variables (`${OTHER}`) are left as they are not known. */
export function readEnvFile(text: string): FoundKey[] {
  const found: FoundKey[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const [, setting = '', raw = ''] = LINE.exec(line) ?? [];
    if (!NAMES.test(setting)) continue;
    const value = unquoted(raw);
    if (value === '' || /\$\{|\$\(/.test(value)) continue;
    for (const key of setting.endsWith('_KEYS') ? value.split(',') : [value]) {
      if (key.trim() !== '') found.push({ setting, key: key.trim(), line: i + 1 });
    }
  }
  return found;
}

/** Single quotes keep everything, double quotes know `\n`, `\"` and `\\`; a bare value ends at ` #`. */
function unquoted(raw: string): string {
  const single = /^'([^']*)'/.exec(raw)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(raw)?.[1];
  if (double !== undefined) return double.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
  return raw.replace(/(^|[ \t])#.*$/, '').trim();
}

export const ENV_FILES: readonly SettingsFile[] = ['.env', '.env.local', '.env.development'].map((path) => ({
  path,
  read: readEnvFile,
}));
