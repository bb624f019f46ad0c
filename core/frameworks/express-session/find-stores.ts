import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { literals, scriptsOf, under } from '../settings-text.ts';

const URLS = /['"`]((?:rediss?|postgres|postgresql|mysql|mariadb):\/\/[^'"`\s$]+)['"`]/g;

/** The stores that a program gives to express-session by literals, in the script that was started and the usual ones. */
export function findExpressStores(process: ProcessFacts): StoreCandidate[] {
  const names = new Set([
    ...scriptsOf(process, /\.[cm]?[jt]s$/),
    ...['app.js', 'server.js', 'index.js', 'src/app.js', 'src/index.js', 'src/server.js', 'config/session.js'],
  ]);
  return [...names].flatMap((name): StoreCandidate[] => {
    const text = process.readText(name);
    if (text === undefined || !text.includes('express-session')) return [];
    const found: StoreCandidate[] = [...text.matchAll(URLS)].map(([, url = '']) => ({
      url,
      reason: `it stands in ${name}`,
    }));
    if (text.includes('session-file-store')) {
      for (const folder of [...literals(text, 'path').filter(isOwnFolder), './sessions']) {
        found.push({ url: under(process, folder), reason: `session-file-store in ${name}` });
      }
    }
    if (text.includes('connect-sqlite3')) {
      const file = literals(text, 'db')[0] ?? 'sessions';
      const folder = literals(text, 'dir')[0] ?? '.';
      // The module adds the ending where there is none.
      const whole = /\.\w+$/.test(file) ? file : `${file}.db`;
      found.push({ url: under(process, `${folder}/${whole}`), reason: `connect-sqlite3 in ${name}` });
    }
    return found;
  });
}

/** `path: '/'` is that of the cookie. */
function isOwnFolder(value: string): boolean {
  return value !== '/' && value !== '';
}
