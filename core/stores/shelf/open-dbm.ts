import fs from 'node:fs';
import { problem } from '../../model/problem.ts';
import { openQuietly } from '../quiet-files.ts';
import { readBerkeleyHash } from './berkeley-hash.ts';
import type { Dbm } from './dbm.ts';
import { DumbDbm } from './dumb-dbm.ts';
import { readGdbm } from './gdbm.ts';
import { ReadOnlyDbm } from './read-only-dbm.ts';
import { SqliteDbm } from './sqlite-dbm.ts';

/** How Python's `dbm` finds the files of a name. Found by content, as its `whichdb` does. */
export type DbmForm = 'dumb' | 'sqlite' | 'ndbm' | 'gdbm' | 'ndbm-1.85' | 'unknown';

const GDBM_MAGIC = new Set([0x13579acd, 0x13579ace, 0x13579acf, 0x13579ad0, 0x13579ad1]);
const BERKELEY_HASH = 0x061561;

/** Which dbm a path (the name given to `shelve.open`, or a file of it) belongs to; undefined when there is nothing. */
export function whichDbm(path: string): { form: DbmForm; file: string; base: string } | undefined {
  const base = path.replace(/\.(?:db|dat|dir|bak)$/, '');
  for (const name of base === path ? [path] : [path, base]) {
    if (isFile(`${name}.dat`) && isFile(`${name}.dir`)) return { form: 'dumb', file: `${name}.dir`, base: name };
    for (const file of [name, `${name}.db`]) {
      const form = isFile(file) ? formOf(file) : undefined;
      if (form !== undefined && form !== 'unknown') return { form, file, base: name };
    }
  }
  // `dbm.dumb` makes the .dat first; the .dir follows at the first sync.
  if (isFile(`${base}.dat`)) return { form: 'dumb', file: `${base}.dir`, base };
  const left = [path, `${path}.db`].find(isFile);
  return left === undefined ? undefined : { form: 'unknown', file: left, base };
}

/**
 * Opens the files of a shelf. With `create` a missing one is made, as `dbm.dumb`.
 * @throws ProblemError `store-not-found`, `shelf-format`
 */
export function openDbm(path: string, options: { readonly create?: boolean } = {}): Dbm {
  const found = whichDbm(path);
  if (found === undefined) {
    if (options.create) return DumbDbm.create(path);
    throw problem('store-not-found', `There is no shelf ${path}`, {
      remedy:
        'Give the name that the program gives to shelve.open: its files are NAME.db, NAME.dat and NAME.dir, or NAME',
      where: path,
    });
  }
  const { form, file } = found;
  if (form === 'dumb') return new DumbDbm(found.base);
  if (form === 'sqlite') return new SqliteDbm(file);
  if (form === 'ndbm') return new ReadOnlyDbm('ndbm', file, readBerkeleyHash);
  if (form === 'gdbm') return new ReadOnlyDbm('gdbm', file, readGdbm);
  const what = form === 'ndbm-1.85' ? 'a Berkeley DB 1.85 file, as dbm.ndbm of macOS makes' : 'no known dbm file';
  throw problem('shelf-format', `${file} is ${what}: it cannot be read here`, {
    remedy:
      'Copy it into a dumb or SQLite shelf with Python: shelve.Shelf(dbm.dumb.open(NEW)).update(shelve.open(OLD))',
    where: file,
  });
}

function formOf(file: string): DbmForm {
  const head = Buffer.alloc(16);
  const { fd, done } = openQuietly(file);
  try {
    fs.readSync(fd, head, 0, 16, 0);
  } finally {
    done();
  }
  if (head.toString('latin1') === 'SQLite format 3\0') return 'sqlite';
  const numbers = [head.readUInt32LE(0), head.readUInt32BE(0)];
  if (numbers.some((number) => GDBM_MAGIC.has(number))) return 'gdbm';
  if (numbers.includes(BERKELEY_HASH)) return 'ndbm-1.85';
  if ([head.readUInt32LE(12), head.readUInt32BE(12)].includes(BERKELEY_HASH)) return 'ndbm';
  return 'unknown';
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
