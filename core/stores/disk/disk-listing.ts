import type fs from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Problem, ProblemError } from '../../model/problem.ts';
import type { RecordListing, StoredRecord } from '../../model/record.ts';
import type { FileLayout } from '../layout.ts';
import { revisionOf } from '../revision.ts';
import { diskProblem, errno, type FileLook, type WriteLike } from './disk-files.ts';
import { danglingLink, nameProblem } from './disk-names.ts';

/** Entries handled before other work gets its turn. */
const BATCH = 200;

/** The entries in batches, so that other work goes on between them. */
export async function* batches(
  entries: readonly fs.Dirent[],
  signal: AbortSignal | undefined,
): AsyncGenerator<fs.Dirent[]> {
  for (let at = 0; at < entries.length; at += BATCH) {
    signal?.throwIfAborted();
    yield entries.slice(at, at + BATCH);
    await nextTurn();
  }
}

/** Removed since the directory was read (temporary files of saves, above all): left out of listings. */
export const GONE = 'gone';

/** A line of the listing; `times` are the file's, or those of another line. */
export function listing(
  id: string,
  times: Pick<StoredRecord, 'lastUsed' | 'expires'> | undefined,
  bytes: number,
  reason: Problem | undefined,
): RecordListing {
  return {
    id,
    lastUsed: times?.lastUsed ?? null,
    ...(times?.expires === undefined ? {} : { expires: times.expires }),
    bytes,
    ...(reason === undefined ? {} : { problem: reason }),
  };
}

/** Why an entry could not be looked at. */
export function entryProblem(
  error: unknown,
  entry: fs.Dirent,
  file: string,
  layout: FileLayout | undefined,
): Problem | undefined {
  if (errno(error) === 'ENOENT') {
    // A name that is no UTF-8 cannot be looked up.
    if (entry.name.includes('\uFFFD')) return nameProblem(entry.name, layout);
    return entry.isSymbolicLink()
      ? danglingLink(entry.name, layout)
      : { kind: GONE, message: 'It was removed while the directory was being read' };
  }
  const told = diskProblem(error, file, 'read');
  return told instanceof ProblemError ? told.problem : { kind: 'unreadable', message: String(told) };
}

/** What was read of a file. */
export function storedRecord(
  id: string,
  { bytes, facts, touched }: FileLook,
  times: Pick<StoredRecord, 'lastUsed' | 'expires'>,
): StoredRecord {
  return {
    id,
    bytes,
    revision: revisionOf(bytes),
    ...times,
    extra: {
      mode: `0${(facts.mode & 0o7777).toString(8)}`,
      owner: `${facts.uid}:${facts.gid}`,
      modified: new Date(facts.mtimeMs).toISOString(),
      ...(touched ? { accessTime: 'changed by this look: only the owner can read without leaving a trace' } : {}),
    },
  };
}

/** Mode and owner out of a record's `extra`, for a file that is made again. */
export function ownership(extra: StoredRecord['extra']): Pick<WriteLike, 'mode' | 'uid' | 'gid'> {
  const mode = /^0[0-7]{1,4}$/.exec(extra?.['mode'] ?? '')?.[0];
  const owner = /^(\d+):(\d+)$/.exec(extra?.['owner'] ?? '');
  return {
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
    ...(owner === null ? {} : { uid: Number(owner[1]), gid: Number(owner[2]) }),
  };
}
