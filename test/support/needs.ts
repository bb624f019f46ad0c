import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

/**
 * Real programs that tests run against and that a machine may lack. A suite that needs one is skipped where it is
 * missing; with SESSIONSCOPE_REQUIRE_ALL=1 (as CI sets it) it runs and fails instead, so that nothing is skipped unseen.
 */
const PROBES = {
  python: () => usable('/usr/bin/python3'),
  webpy: () => pythonHas('web'),
  psycopg2: () => pythonHas('psycopg2'),
  pymysql: () => pythonHas('pymysql'),
  django: () => pythonHas('django'),
  flask: () => pythonHas('flask, flask_session'),
  'python-frameworks': () =>
    pythonHas('flask, django, starlette, pyramid, bottle, tornado, aiohttp_session, beaker, cryptography'),
  'python-requests': () => pythonHas('requests'),
  httpie: () => onPath('http'),
  zsh: () => onPath('zsh'),
  fish: () => onPath('fish'),
  groff: () => onPath('groff'),
  php: () => onPath('php'),
  postgres: () => postgresBin() !== undefined,
  redis: () => onPath('redis-server'),
  mariadb: () => onPath('mariadbd') || usable('/usr/sbin/mariadbd'),
  chromium: () => onPath('chromium') || onPath('google-chrome'),
  firefox: () => onPath('firefox') || onPath('firefox-esr'),
  curl: () => onPath('curl'),
  xvfb: () => onPath('Xvfb') || process.env['DISPLAY'] !== undefined,
  openssl: () => onPath('openssl'),
  certutil: () => onPath('certutil'),
  wget: () => onPath('wget'),
  nghttp: () => onPath('nghttp') && onPath('h2load'),
  laravel: () => existsSync('/usr/share/php/Illuminate/Session/autoload.php'),
  rails: () => rubyHas('action_controller/railtie', 'puma'),
  xmllint: () => onPath('xmllint'),
  root: () => process.getuid?.() === 0,
  dpkg: () => onPath('dpkg-deb') && onPath('apt-get'),
  rpm: () => onPath('rpmbuild'),
  mounts: () => runs('unshare', '--map-root-user', '--mount', 'true'),
  nginx: () => onPath('nginx') || usable('/usr/sbin/nginx'),
} as const;

export type Need = keyof typeof PROBES;

const known = new Map<Need, boolean>();

/** Whether a real part is on this machine. */
export function has(need: Need): boolean {
  let there = known.get(need);
  if (there === undefined) known.set(need, (there = PROBES[need]()));
  return there;
}

/** `describe` that runs only where all the real parts are (or must be) present. */
export function needs(...parts: readonly Need[]): typeof describe | typeof describe.skip {
  if (process.env['SESSIONSCOPE_REQUIRE_ALL'] === '1') return describe;
  return parts.every(has) ? describe : describe.skip;
}

/** Folder of `initdb` and `postgres`, newest version first; Debian keeps them off the PATH. */
export function postgresBin(): string | undefined {
  for (const version of ['18', '17', '16', '15', '14', '13']) {
    const folder = `/usr/lib/postgresql/${version}/bin`;
    if (usable(path.join(folder, 'initdb'))) return folder;
  }
  return undefined;
}

function pythonHas(module: string): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function runs(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => usable(path.join(folder, program)));
}

function usable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function rubyHas(...features: readonly string[]): boolean {
  try {
    execFileSync('ruby', features.map((feature) => `-r${feature}`).concat('-e', ''), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
