import type { ProcessFacts, StoreCandidate } from '../framework.ts';

/** Where PHP keeps sessions when nothing is set: Debian's place, those of other distributions, and `/tmp`. */
const USUAL = ['/var/lib/php/sessions', '/var/lib/php/session', '/var/lib/php5', '/tmp'];

/** `session.save_path`: of the command line, of `php.ini` and `.user.ini` beside the program, of its code; then the usual places. */
export function findPhpStores(process: ProcessFacts): StoreCandidate[] {
  const { argv } = process;
  if (!/(^|[/\\])(php|php-fpm|apache2|httpd|frankenphp)/.test(argv[0] ?? '')) return [];
  const given = argv.flatMap((word, index) =>
    /^-d/.test(word) ? [word === '-d' ? (argv[index + 1] ?? '') : word.slice(2)] : [],
  );
  const set = given.flatMap((word) => /^session\.save_path=["']?(.*?)["']?$/.exec(word)?.[1] ?? []);
  const found: StoreCandidate[] = set.map((value) => ({
    url: placeOf(value),
    reason: 'session.save_path in the command line',
  }));
  for (const name of ['.user.ini', 'php.ini', '/usr/local/etc/php/php.ini']) {
    const value = /^\s*session\.save_path\s*=\s*["']?([^"'\r\n]+?)["']?\s*$/m.exec(process.readText(name) ?? '')?.[1];
    if (value !== undefined) found.push({ url: placeOf(value), reason: `session.save_path in ${name}` });
  }
  if (found.length > 0) return found;
  return USUAL.filter((folder) => process.list(folder)?.some((name) => name.startsWith('sess_')) === true).map(
    (url) => ({ url, reason: 'a folder where PHP keeps sessions when session.save_path is not set' }),
  );
}

/** `N;MODE;/path` puts sessions into nested folders; `tcp://host:port?auth=…` is phpredis. */
function placeOf(value: string): string {
  if (/^(tcp|tls):\/\//.test(value))
    return value.split(',')[0]?.replace(/^tcp:/, 'redis:').replace(/^tls:/, 'rediss:') ?? value;
  return value.slice(value.lastIndexOf(';') + 1);
}
