import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { databaseUrl, under } from '../settings-text.ts';

/** Where Rails reads its settings, below the application's root. */
const CONFIGS = ['config/application.rb', 'config/initializers/session_store.rb', 'config/initializers/session.rb'];

/** Where Rails' settings say that sessions are: the cache store, or the database with activerecord-session_store. */
export function findRailsStores(process: ProcessFacts): StoreCandidate[] {
  if (process.list('config/environments') === undefined) return [];
  const environment = process.env.RAILS_ENV ?? process.env.RACK_ENV ?? 'development';
  const files = [...CONFIGS, `config/environments/${environment}.rb`];
  const found: StoreCandidate[] = [];
  for (const name of files) {
    const text = withoutComments(process.readText(name) ?? '');
    for (const [, folder = ''] of text.matchAll(/:file_store\s*,\s*["']([^"'#]+)["']/g)) {
      found.push({ url: under(process, folder), reason: `cache_store in ${name}` });
    }
    for (const [, folder = ''] of text.matchAll(/:file_store\s*,\s*Rails\.root\.join\(\s*["']([^"'#]+)["']\s*\)/g)) {
      found.push({ url: under(process, folder), reason: `cache_store in ${name}` });
    }
    for (const [, url = ''] of text.matchAll(/:redis_cache_store\b[^\n]*?["'](rediss?:\/\/[^"'#]+)["']/g)) {
      found.push({ url, reason: `cache_store in ${name}` });
    }
    if (/session_store\W+:active_record_store/.test(text)) found.push(...database(process, environment));
  }
  // A cache in files that nobody names lies here.
  if (process.list('tmp/cache') !== undefined) {
    found.push({ url: under(process, 'tmp/cache'), reason: "Rails' folder for its cache" });
  }
  return found;
}

/** The database of `config/database.yml`; what ERB computes there is not known. */
function database(process: ProcessFacts, environment: string): StoreCandidate[] {
  const settings = databaseSettings(process.readText('config/database.yml') ?? '', environment);
  const one = (key: string): string => settings[key] ?? '';
  const reason = 'config/database.yml';
  const given = one('url');
  if (/^(postgres|postgresql|mysql2?|sqlite3?):/.test(given)) {
    return [{ url: given.replace(/^mysql2:/, 'mysql:').replace(/^sqlite3:/, 'sqlite:'), reason }];
  }
  const [adapter, name] = [one('adapter'), one('database')];
  if (name === '') return [];
  if (adapter === 'sqlite3') return [{ url: under(process, name), reason }];
  const scheme = adapter === 'postgresql' ? 'postgres' : adapter === 'mysql2' ? 'mysql' : undefined;
  if (scheme === undefined) return [];
  const [user, password, host, port] = [one('username'), one('password'), one('host'), one('port')];
  return [{ url: databaseUrl(scheme, { user, password, host, port, name }), reason }];
}

/**
 * The settings of an environment as Rails' own templates write them: a section for each, `<<: *default` for what they
 * share. Of several databases the first counts. YAML that is written otherwise gives nothing.
 */
function databaseSettings(text: string, environment: string): Readonly<Record<string, string>> {
  const sections = new Map<string, { anchor?: string; lines: [string, string][] }>();
  let current: { anchor?: string; lines: [string, string][] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const head = /^(\w+):\s*(?:&(\w+))?\s*$/.exec(line);
    if (head?.[1] !== undefined) {
      current = { lines: [], ...(head[2] === undefined ? {} : { anchor: head[2] }) };
      sections.set(head[1], current);
      continue;
    }
    const [, key, value = ''] = /^\s+(<<|\w+):\s*(.*?)\s*$/.exec(line) ?? [];
    const plain = /^(["'])(.*)\1$/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, '');
    if (key !== undefined && plain !== '' && !plain.includes('<%')) current?.lines.push([key, plain]);
  }
  const settings: Record<string, string> = {};
  const add = (lines: readonly (readonly [string, string])[]): void => {
    for (const [key, value] of lines) if (key !== '<<') settings[key] ??= value;
  };
  const own = sections.get(environment);
  add(own?.lines ?? []);
  for (const [key, value] of own?.lines ?? []) {
    const shared = key === '<<' && [...sections.values()].find(({ anchor }) => value === `*${anchor}`);
    if (shared) add(shared.lines);
  }
  return settings;
}

/** Ruby's comments hold the usual alternatives: `# config.cache_store = :mem_cache_store`. */
function withoutComments(text: string): string {
  return text.replace(/^\s*#.*$/gm, '');
}
