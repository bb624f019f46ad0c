import path from 'node:path';
import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { literals, scriptsOf, under } from '../settings-text.ts';

const USUAL = [
  'config.py',
  'settings.py',
  'instance/config.py',
  'app.py',
  'wsgi.py',
  'app/__init__.py',
  'app/config.py',
];

/** Where Flask-Session's settings say that sessions are; its default is the folder `flask_session`. */
export function findFlaskStores(process: ProcessFacts): StoreCandidate[] {
  const found: StoreCandidate[] = [];
  if (process.list('flask_session') !== undefined) {
    found.push({ url: under(process, 'flask_session'), reason: 'the folder that Flask-Session has by default' });
  }
  for (const name of new Set([...scriptsOf(process, /\.py$/), ...USUAL])) {
    const text = process.readText(name);
    if (text === undefined || !/\bflask\b/i.test(text)) continue;
    for (const value of literals(text, 'SESSION_FILE_DIR')) {
      found.push({ url: under(process, value), reason: `SESSION_FILE_DIR in ${name}` });
    }
    for (const value of literals(text, 'SQLALCHEMY_DATABASE_URI')) {
      found.push({ url: databaseOf(process, value), reason: `SQLALCHEMY_DATABASE_URI in ${name}` });
    }
    for (const [, value = ''] of text.matchAll(/from_url\(\s*['"]((?:rediss?|unix):\/\/[^'"]+)['"]/g)) {
      found.push({ url: value, reason: `SESSION_REDIS in ${name}` });
    }
  }
  return found;
}

/** SQLAlchemy's URL (`postgresql+psycopg2://…`, `sqlite:///file`) as a store's; relative files lie in `instance`. */
function databaseOf(process: ProcessFacts, value: string): string {
  const file = /^sqlite(?:\+\w+)?:\/\/\/(.+)$/.exec(value)?.[1];
  if (file === undefined) return value.replace(/^(\w+)\+\w+:/, '$1:');
  const inInstance = path.posix.join('instance', file);
  const there = process.list('instance')?.includes(file) === true;
  return under(process, !file.startsWith('/') && there ? inInstance : file);
}
