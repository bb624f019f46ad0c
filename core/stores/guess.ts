import fs from 'node:fs';
import path from 'node:path';
import { problem } from '../model/problem.ts';
import type { ServerAddress, SqliteAddress } from './address.ts';
import { diskProblem } from './disk/disk-files.ts';
import { recogniseFolder } from './disk/recognise-folder.ts';
import type { Layouts } from './layout.ts';
import { whichDbm } from './shelf/open-dbm.ts';
import { SqliteDriver } from './sql/dialects/sqlite/sqlite-driver.ts';
import { detectTables } from './sql/table-shape.ts';
import { formatStoreUrl, kindOfUrl, notAKind, parseStoreUrl, STORE_URL_FORMS, schemeOf } from './url.ts';

export interface GuessedStore {
  readonly url: string;
  /** Why: "a directory", "an SQLite database with a table sessions". */
  readonly because: string;
}

/**
 * Store URLs for what a user dropped, chose or typed: a directory, a database file, a file of a shelf, or a URL. The
 * likeliest first; several for a database with several tables of sessions.
 * @throws ProblemError saying what was found instead
 */
export async function guessStores(
  text: string,
  layouts: Layouts,
  base: string = process.cwd(),
): Promise<GuessedStore[]> {
  const given = text.trim();
  if (kindOfUrl(given) !== undefined) {
    const address = parseStoreUrl(given, base);
    const tables = 'table' in address && !namesTable(given) ? await tablesOf(address, layouts) : [];
    return tables.length > 0 ? tables : [{ url: formatStoreUrl(address), because: 'a store URL' }];
  }
  // A drive letter is no scheme, and a file may be called `a:b`; what has two slashes is meant as a URL.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given) && schemeOf(given) !== 'file') throw notAKind(given);
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
  if (stat.isDirectory()) return [await guessFolder(file, layouts)];
  if (!stat.isFile()) throw notAStore(file, 'it is neither a file nor a directory');
  const shelf = whichDbm(file);
  if (shelf !== undefined && shelf.form !== 'unknown' && shelf.form !== 'sqlite') return [shelfGuess(file, shelf.form)];
  if (shelf?.form !== 'sqlite') {
    throw notAStore(file, 'it is neither an SQLite database nor a file of a shelf');
  }
  return guessTables(file, layouts);
}

/** Whether a URL of a database says which table, or which columns, are meant. */
function namesTable(url: string): boolean {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  return url.includes('?') && ['table', 'id', 'as', 'layout'].some((name) => query.has(name));
}

/** The tables of sessions in a database whose URL names none; nothing where it cannot be looked at. */
async function tablesOf(address: SqliteAddress | ServerAddress, layouts: Layouts): Promise<GuessedStore[]> {
  const { driverFor } = await import('./sql/dialects/driver-for.ts');
  const driver = driverFor(address, 'look');
  try {
    return (await detectTables(driver, layouts.tables)).map(({ table, layout }) => ({
      url: formatStoreUrl({ ...address, table }),
      because: `a table ${table} that is laid out like ${layout.title}`,
    }));
  } catch {
    // Opening it says what is wrong.
    return [];
  } finally {
    await driver.close();
  }
}

/** A folder is taken as it is; why says how many of its files look like sessions. */
async function guessFolder(folder: string, layouts: Layouts): Promise<GuessedStore> {
  const url = formatStoreUrl({ kind: 'disk', path: folder });
  const { files, matching, layout } = await recogniseFolder(folder, layouts.files);
  if (layout === undefined) {
    const because = files === 0 ? 'an empty directory' : `a directory; 0 of ${files} files look like sessions`;
    return { url, because };
  }
  return { url, because: `a directory; ${matching} of ${files} files look like ${layout.title}` };
}

async function guessTables(file: string, layouts: Layouts): Promise<GuessedStore[]> {
  const driver = new SqliteDriver(file);
  try {
    const tables = await detectTables(driver, layouts.tables);
    if (tables.length > 0) {
      return tables.map(({ table, layout }) => ({
        url: formatStoreUrl({ kind: 'sqlite', path: file, table }),
        because: `an SQLite database with a table ${table} that is laid out like ${layout.title}`,
      }));
    }
    const dict = await driver.run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Dict'");
    if (dict.rows.length > 0) return [shelfGuess(file, 'sqlite')];
    const names = await driver.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 20");
    const there = names.rows.map((row) => String(row[0])).join(', ');
    throw problem('table-missing', `${file} has no table of sessions that is known here`, {
      remedy: `Name the table and its columns: sqlite:PATH?table=T&id=COLUMN&data=COLUMN. Tables here: ${there === '' ? 'none' : there}`,
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
