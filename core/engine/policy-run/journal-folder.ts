import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openRecordStore } from '../../frameworks/stores.ts';
import { problem, toProblem } from '../../model/problem.ts';
import type { RecordStore } from '../../model/record.ts';
import { type CarriedOut, carryOut } from '../../policy/live/carry-out.ts';
import { canaryIndex, type Journal, type JournalEntry } from '../../policy/live/journal.ts';
import { removeMany } from '../../stores/many.ts';
import { lockWorkspace } from '../../workspace/lock.ts';
import { loadSqlite } from '../../workspace/sqlite.ts';

/** Name of the folder of journals in the data folder. */
export const JOURNAL_FOLDER = 'lab';

/** What lies in the file of one run. */
interface Page {
  readonly version: 1;
  /** The process that ran: what it was writing when it died is known by that number. */
  readonly pid: number;
  readonly storeUrl: string;
  /** What the experiments have to undo. */
  readonly entry: JournalEntry | null;
  /** Records that the run's own logins made. */
  readonly ours: readonly string[];
  /** Canaries that were planted before the login have ids that begin so. */
  readonly canaries: string | null;
}

/** The journal of one run in a file of its own. */
export interface FileJournal extends Journal {
  /** Records that the run's own logins made, to be removed in the end. */
  own(ids: readonly string[]): Promise<void>;
  /** Canaries with ids that begin so are about to be planted. */
  plant(prefix: string): Promise<void>;
  /** Removes all that and the file: nothing is left to undo. @throws ProblemError of the store */
  settle(store: RecordStore): Promise<void>;
  /** Lets go of the file; what is still in it is undone by the next run. */
  close(): void;
}

/**
 * Opens a journal for a run on a store. The file is locked as long as the process lives, however it ends, and is readable
 * by its owner only: the store's address may hold a password.
 * @throws ProblemError `journal-unwritable`
 */
export async function openJournal(folder: string, runId: string, storeUrl: string): Promise<FileJournal> {
  const file = path.join(folder, `${runId}.json`);
  const unlock = await locked(folder, file);
  let page: Page = { version: 1, pid: process.pid, storeUrl, entry: null, ours: [], canaries: null };
  let last: Promise<void> = Promise.resolve();
  const write = (change: Partial<Page>): Promise<void> => {
    page = { ...page, ...change };
    const text = JSON.stringify(page);
    last = last.then(async () => {
      // Renamed when whole: a kill leaves the page before or this one.
      await writeFile(`${file}.new`, text, { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
    return last;
  };
  return {
    write: (entry) => write({ entry }),
    own: (ids) => write({ ours: [...new Set([...page.ours, ...ids])] }),
    plant: (canaries) => write({ canaries }),
    async settle(store) {
      await last;
      await undo(page, store);
      forget(file);
    },
    close() {
      unlock();
      rmSync(`${file}.lock`, { force: true });
    },
  };
}

function forget(file: string): void {
  for (const name of [file, `${file}.new`]) rmSync(name, { force: true });
}

async function locked(folder: string, file: string): Promise<() => void> {
  const open = await loadSqlite();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return lockWorkspace(file, open);
  } catch (cause) {
    throw problem('journal-unwritable', `What is to be undone cannot be written down: ${toProblem(cause).message}`, {
      where: folder,
      remedy: 'Give another folder with --data',
      cause,
    });
  }
}

/**
 * Undoes what runs that were killed have left in their stores. Runs that are still under way are passed over.
 * @returns what was done, and what could not be done and is tried again next time
 */
export async function recoverJournals(
  folder: string,
): Promise<{ readonly level: 'info' | 'warning'; readonly message: string }[]> {
  let names: string[];
  try {
    // A run that was killed while it wrote its first page has done nothing yet, and left only the half of that page.
    const pages = readdirSync(folder).map((name) => name.replace(/\.new$/, ''));
    names = [...new Set(pages)].filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  const open = names.length === 0 ? undefined : await loadSqlite();
  const told: { level: 'info' | 'warning'; message: string }[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    let unlock: () => void;
    try {
      unlock = lockWorkspace(file, open as NonNullable<typeof open>);
    } catch {
      continue;
    }
    try {
      const page = JSON.parse(readFileSync(file, 'utf8')) as Page;
      const { done, left } = await reopened(page);
      for (const text of done) told.push({ level: 'info', message: `A run that was interrupted is undone: ${text}` });
      for (const text of left) {
        told.push({ level: 'warning', message: `A run that was interrupted is undone, but ${text}` });
      }
      forget(file);
    } catch (error) {
      // The run ended well just now, or had not begun.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        forget(file);
        continue;
      }
      const { message } = toProblem(error);
      told.push({
        level: 'warning',
        message: `A run that was interrupted could not be undone and is tried again next time (${file}): ${message}`,
      });
    } finally {
      unlock();
      rmSync(`${file}.lock`, { force: true });
    }
  }
  return told;
}

async function reopened(page: Page): Promise<CarriedOut> {
  if (page.version !== 1) throw new Error('the journal is of another version of Sessionscope');
  const store = await openRecordStore(page.storeUrl);
  try {
    return await undo(page, store);
  } finally {
    await store.close();
  }
}

/** Doing it twice changes nothing more. Gives what was done and what was left, in words. */
async function undo({ pid, entry, ours, canaries }: Page, store: RecordStore): Promise<CarriedOut> {
  await store.removeLeftovers?.(pid);
  const { done, left } = entry === null ? { done: [], left: [] } : await carryOut(entry, store);
  const more: string[] = [];
  if (canaries !== null) {
    const planted: string[] = [];
    for await (const { id } of store.list()) if (canaryIndex(canaries, id) !== undefined) planted.push(id);
    await removeMany(store, planted);
    if (planted.length > 0) more.push(`${planted.length} records that the lab had planted were removed`);
  }
  let removed = 0;
  for (const id of ours) if ((await store.remove(id)) === 'written') removed += 1;
  if (removed > 0) more.push('the session that it had logged in is removed');
  return { done: [...done, ...more], left };
}
