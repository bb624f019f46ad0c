import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { databaseUrl, literals, scriptsOf, under } from '../settings-text.ts';

const MODULE = /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]+)['"]/;

/** Where Django's settings say that sessions are: `DATABASES`, `SESSION_FILE_PATH`, `CACHES`. */
export function findDjangoStores(process: ProcessFacts): StoreCandidate[] {
  const found: StoreCandidate[] = [];
  for (const name of settingsFiles(process)) {
    const text = process.readText(name);
    if (text === undefined || !/DATABASES|SESSION_|CACHES|INSTALLED_APPS/.test(text)) continue;
    for (const value of literals(text, 'SESSION_FILE_PATH')) {
      found.push({ url: under(process, value), reason: `SESSION_FILE_PATH in ${name}` });
    }
    for (const value of literals(text, 'LOCATION')) {
      if (/^(rediss?|unix):/.test(value) || value.startsWith('/'))
        found.push({ url: value, reason: `CACHES in ${name}` });
    }
    found.push(...databases(process, name, text));
  }
  return found;
}

function settingsFiles(process: ProcessFacts): string[] {
  const module = process.env.DJANGO_SETTINGS_MODULE ?? MODULE.exec(process.readText('manage.py') ?? '')?.[1];
  const file = module?.replaceAll('.', '/');
  return [...(file === undefined ? [] : [`${file}.py`, `${file}/__init__.py`]), ...scriptsOf(process, /\.py$/)];
}

function databases(process: ProcessFacts, name: string, text: string): StoreCandidate[] {
  const reason = `DATABASES in ${name}`;
  return text.split(/(?=['"]?ENGINE['"]?\s*:)/).flatMap((part): StoreCandidate[] => {
    const engine = /ENGINE['"]?\s*:\s*['"]django\.db\.backends\.(\w+)/.exec(part)?.[1];
    const one = (key: string): string | undefined => literals(part, key)[0];
    if (engine === 'sqlite3') {
      // `BASE_DIR / 'db.sqlite3'` and `os.path.join(BASE_DIR, 'db.sqlite3')`, as Django's own template has it.
      const file = one('NAME') ?? /NAME['"]?\s*:[^,\n]*?BASE_DIR\s*[/,]\s*['"]([^'"]+)['"]/.exec(part)?.[1];
      return file === undefined ? [] : [{ url: under(process, file), reason }];
    }
    const scheme = engine?.startsWith('postgres') ? 'postgres' : engine === 'mysql' ? 'mysql' : undefined;
    const database = one('NAME');
    if (scheme === undefined || database === undefined) return [];
    const [user, password, host] = [one('USER'), one('PASSWORD'), one('HOST')];
    const port = one('PORT') ?? /PORT['"]?\s*:\s*(\d+)/.exec(part)?.[1] ?? connected(process, scheme);
    const parts = Object.entries({ user, password, host, port }).filter(([, value]) => value !== undefined);
    return [{ url: databaseUrl(scheme, { name: database, ...Object.fromEntries(parts) }), reason }];
  });
}

/** The port of the one server of this kind to which the process is connected, where the settings do not say it. */
function connected({ argv, connections }: ProcessFacts, scheme: 'postgres' | 'mysql'): string | undefined {
  const usual = scheme === 'postgres' ? '5432' : '3306';
  const ports = connections.map((end) => end.slice(end.lastIndexOf(':') + 1));
  return (
    ports.find((port) => port === usual) ??
    ports.find((port) => argv.includes(port)) ??
    argv.find((word) => /^\d{4,5}$/.test(word) && /54\d\d|33\d\d/.test(word))
  );
}
