import type { EditInfo } from '../model/app.ts';
import type { Edit } from '../model/path.ts';
import { problem } from '../model/problem.ts';
import type { StoredRecord } from '../model/record.ts';
import type { LoggedEdit } from './ports.ts';

/** A state of the record that an edit starts from or leads to; null: there is no record. */
export interface KeptState {
  readonly snapshot: string;
  readonly lastUsed: number | null;
  /** Mode and owner of a file, other columns of a row: a record that is made again gets them back. Absent in older logs. */
  readonly extra?: StoredRecord['extra'];
}

/** What undo and redo need, and what the list of edits shows. Kept in the undo log. */
export interface EditEntry {
  readonly what: EditInfo['what'];
  readonly text: string;
  readonly state: EditInfo['state'];
  readonly overwrittenBy?: string;
  readonly overwrittenAt?: number;
  readonly overwrittenIn?: string;
  /** What was being done when the phase is `intent`. */
  readonly doing: 'do' | 'undo' | 'redo';
  readonly before: KeptState | null;
  readonly after: KeptState | null;
  readonly edits?: readonly Edit[];
  /** For edits of a cookie: opaque to the record editor. */
  readonly cookie?: unknown;
}

export function entryOf(logged: LoggedEdit): EditEntry {
  return logged.entry as EditEntry;
}

/** The entry without what said that it was overwritten. */
export function standing(entry: EditEntry): EditEntry {
  const { overwrittenBy: _b, overwrittenAt: _a, overwrittenIn: _i, ...rest } = entry;
  return rest;
}

/** The edit as the window gets it. */
export function infoOf(logged: LoggedEdit): EditInfo {
  const entry = entryOf(logged);
  return {
    editId: logged.id,
    at: logged.at,
    ...(logged.sessionKey === undefined ? {} : { sessionKey: logged.sessionKey }),
    ...(logged.storeId === undefined ? {} : { storeId: logged.storeId }),
    ...(logged.recordId === undefined ? {} : { recordId: logged.recordId }),
    what: entry.what,
    text: entry.text,
    state: entry.state,
    ...(entry.overwrittenBy === undefined ? {} : { overwrittenBy: entry.overwrittenBy }),
    ...(entry.overwrittenAt === undefined ? {} : { overwrittenAt: entry.overwrittenAt }),
    ...(entry.overwrittenIn === undefined ? {} : { overwrittenIn: entry.overwrittenIn }),
  };
}

/** The edit with this name, or the problem that there is none. */
export function mustGet(log: { get(id: string): LoggedEdit | undefined }, editId: string): LoggedEdit {
  const logged = log.get(editId);
  if (logged === undefined || logged.phase === 'failed') throw problem('not-found', `There is no edit ${editId}`);
  return logged;
}
