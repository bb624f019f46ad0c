import fs from 'node:fs';
import path from 'node:path';
import { problem } from '../model/problem.ts';
import { diskProblem } from './disk/disk-files.ts';
import { whichDbm } from './shelf/open-dbm.ts';
import { SqliteDriver } from './sql/dialects/sqlite/sqlite-driver.ts';
import { detectTables } from './sql/table-shape.ts';
import { DEFAULT_TABLE, formatStoreUrl, parseStoreUrl, STORE_URL_FORMS } from './url.ts';

export interface GuessedStore {
  readonly url: string;
  /** Why: "a directory", "an SQLite database with a table sessions". */
  readonly because: string;
}

/** The likeliest store URL for a dropped or typed path: see `guessStoreUrls`. */
export async function guessStoreUrl(text: string, base?: string): Promise<string> {
  return ((await guessStoreUrls(text, base))[0] as GuessedStore).url;
}

/**
 * Store URLs for what a person dropped, chose or typed: a directory, a database file, a file of a shelf, or a URL. The
 * likeliest first; several for a database with several tables of sessions.
 * @throws ProblemError saying what was found instead
 */
export async function guessStoreUrls(text: string, base: string = process.cwd()): Promise<GuessedStore[]> {
  const given = text.trim();
  if (/^(?:disk|sqlite3?|postgres(?:ql)?|mysql|mariadb|shelf|memory):/i.test(given)) {
    return [{ url: formatStoreUrl(parseStoreUrl(given, base)), because: 'a store URL' }];
  }
  const file = path.resolve(base, given.replace(/^file:\/\//, ''));
  let stat: fs.Stats;
  try {
    stat = fs.statSync(file);
  } catch (error) {
    // `shelve.open('sessions')` makes sessions.db or sessions.dat, no file of that name.
    const shelf = whichDbm(file);
    if (shelf !== undefined && shelf.form !== 'unknown') return [shelfGuess(file, shelf.form)];
    throw diskProblem(error, file, 'read');
  }
  if (stat.isDirectory()) return [{ url: formatStoreUrl({ kind: 'disk', path: file }), because: 'a directory' }];
  if (!stat.isFile()) throw notAStore(file, 'it is neither a file nor a directory');
  const shelf = whichDbm(file);
  if (shelf !== undefined && shelf.form !== 'unknown' && shelf.form !== 'sqlite') return [shelfGuess(file, shelf.form)];
  if (shelf?.form !== 'sqlite') {
    throw notAStore(file, 'it is neither an SQLite database nor a file of a shelf');
  }
  return guessTables(file);
}

async function guessTables(file: string): Promise<GuessedStore[]> {
  const driver = new SqliteDriver(file);
  try {
    const tables = await detectTables(driver);
    // The usual name first.
    tables.sort((a, b) => Number(b === DEFAULT_TABLE) - Number(a === DEFAULT_TABLE));
    if (tables.length > 0) {
      return tables.map((table) => ({
        url: formatStoreUrl({ kind: 'sqlite', path: file, table }),
        because: `an SQLite database with a table ${table} that has session_id, atime and data`,
      }));
    }
    const dict = await driver.run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Dict'");
    if (dict.rows.length > 0) return [shelfGuess(file, 'sqlite')];
    const names = await driver.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 20");
    const there = names.rows.map((row) => String(row[0])).join(', ');
    throw problem('table-missing', `${file} has no table of web.py sessions`, {
      remedy: `Such a table has the columns session_id, atime and data. Tables here: ${there === '' ? 'none' : there}`,
      where: file,
    });
  } finally {
    await driver.close();
  }
}

function shelfGuess(file: string, form: string): GuessedStore {
  return { url: formatStoreUrl({ kind: 'shelf', path: file }), because: `a shelf in a ${form} file` };
}

function notAStore(file: string, why: string) {
  return problem('not-a-store', `${file} is no store of sessions: ${why}`, {
    remedy: `Choose the directory, database or shelf that holds the sessions, or give a URL: ${STORE_URL_FORMS}`,
    where: file,
  });
}
