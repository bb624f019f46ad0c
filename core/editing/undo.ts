import { diff } from '../codec/diff.ts';
import { getAt } from '../codec/path.ts';
import { typedEqual } from '../codec/typed.ts';
import type { EditInfo } from '../model/app.ts';
import { type Problem, problem, toProblem } from '../model/problem.ts';
import type { StoredRecord } from '../model/record.ts';
import { type EditEntry, entryOf, infoOf, type KeptState, mustGet, standing } from './edit-entry.ts';
import { editsBetween, fitted, mergeEdits } from './merge-edits.ts';
import { type EditorOptions, type LoggedEdit, withKeys } from './ports.ts';
import { RecordWriter, type Step } from './record-writer.ts';

/**
 * How far an undo may go when the record has changed since the edit. `guarded` (default): only if that takes nothing of
 * the change away. `mine`: put back what the edit had changed, leave the rest. `whole`: bring the whole earlier state
 * back.
 */
export type UndoHow = 'guarded' | 'mine' | 'whole';

/** A record as somebody else has written it. */
export interface RecordChanged {
  readonly storeId: string;
  readonly recordId: string;
  readonly bytes: Uint8Array;
  /** When the request that wrote it began; undefined when none is known. */
  readonly startedAt?: number;
  /** Who, in words: "POST /cart (flow f12), which had begun before the edit". */
  readonly by: string;
  /** The flow that wrote it, where one is known. */
  readonly flowId?: string;
}

/** What became of an edit that was under way when the program ended. */
export interface Recovered {
  readonly edit: EditInfo;
  readonly outcome: 'completed' | 'not-done' | 'unclear';
  readonly text: string;
}

/** Undo and redo of record edits, also after a restart: everything they need is in the log. */
export class Undo {
  readonly #options: EditorOptions;
  readonly #writer: RecordWriter;

  constructor(options: EditorOptions) {
    this.#options = options;
    this.#writer = new RecordWriter(options);
  }

  /** Newest first. Edits that were not carried out are left out. */
  list(query: { sessionKey?: string; storeId?: string; recordId?: string; limit?: number } = {}): EditInfo[] {
    return this.#options.log
      .list(query)
      .filter(({ phase }) => phase === 'done')
      .map(infoOf);
  }

  /**
   * Takes an edit back. Throws kind `changed-since` when the record has changed since in the same places; nothing is
   * written then, and the caller may ask again with `mine` or `whole`.
   */
  async undo(editId: string, how: UndoHow = 'guarded'): Promise<EditInfo> {
    const logged = mustGet(this.#options.log, editId);
    const entry = entryOf(logged);
    if (entry.state === 'undone') throw problem('already-undone', 'This edit has been undone already');
    return await this.#go(logged, 'undo', how);
  }

  /** Does an undone edit again, under the same guard. */
  async redo(editId: string, how: UndoHow = 'guarded'): Promise<EditInfo> {
    const logged = mustGet(this.#options.log, editId);
    if (entryOf(logged).state !== 'undone') throw problem('not-undone', 'This edit is not undone');
    return await this.#go(logged, 'redo', how);
  }

  async #go(logged: LoggedEdit, doing: 'undo' | 'redo', how: UndoHow): Promise<EditInfo> {
    const entry = entryOf(logged);
    const step = stepOf(entry, doing);
    const then: EditEntry = { ...standing(entry), state: doing === 'undo' ? 'undone' : 'applied' };
    const intent: LoggedEdit = { ...logged, entry: { ...entry, doing } };
    const outcome = await this.#writer.run(intent, step, then);
    if (outcome === 'done') return this.#notify(logged.id);
    return await this.#onChanged(intent, step, then, outcome.changed, how);
  }

  /** The record is not where the step was to start from. */
  async #onChanged(
    intent: LoggedEdit,
    step: Step,
    then: EditEntry,
    current: StoredRecord | undefined,
    how: UndoHow,
  ): Promise<EditInfo> {
    const { storeId = '' } = intent;
    const entry = entryOf(intent);
    if (step.onlyLastUsed) {
      if (how === 'guarded' || current === undefined) throw usedSince(current === undefined);
      const here = this.#writer.keep(storeId, current);
      return await this.#force(intent, { ...step, from: here }, then);
    }
    const to = step.to;
    if (to === null || current === undefined || step.from === null) {
      // It was to be removed, or had been, and something else happened to it.
      if (how !== 'whole') throw changedSince(entry, current === undefined);
      const here = current === undefined ? null : this.#writer.keep(storeId, current);
      return await this.#force(intent, { from: here, to, onlyLastUsed: false }, then);
    }
    const here = this.#writer.keep(storeId, current);
    const goal = how === 'whole' ? to : await this.#merged(step.from, to, current, storeId, how, entry);
    return await this.#force(intent, { from: here, to: goal, onlyLastUsed: false, revision: current.revision }, then);
  }

  /** The present record with what the edit had changed put back. */
  async #merged(
    from: KeptState,
    to: KeptState,
    current: StoredRecord,
    storeId: string,
    how: UndoHow,
    entry: EditEntry,
  ): Promise<KeptState> {
    const codec = withKeys(this.#options.codec, this.#options.keys?.(storeId) ?? []);
    const as = this.#options.layers?.(storeId, current.id);
    const was = (await codec.decode(this.#writer.bytesOf(from), as)).value;
    const wanted = (await codec.decode(this.#writer.bytesOf(to), as)).value;
    const is = (await codec.decode(current.bytes, as)).value;
    if (was === null || wanted === null || is === null) throw changedSince(entry, false);
    const { edits, collisions } = mergeEdits(was, is, editsBetween(was, wanted));
    if (collisions.length > 0 && how === 'guarded') throw changedSince(entry, false);
    const all = how === 'mine' ? fitted(editsBetween(was, wanted), is) : edits;
    return this.#writer.keep(storeId, { ...current, bytes: await codec.edit(current.bytes, all, as) });
  }

  async #force(intent: LoggedEdit, step: Step, then: EditEntry): Promise<EditInfo> {
    // What redo has to lead back to is what was there just before.
    const ends =
      entryOf(intent).doing === 'undo' ? { after: step.from, before: step.to } : { before: step.from, after: step.to };
    const outcome = await this.#writer.run({ ...intent, entry: { ...entryOf(intent), ...ends } }, step, {
      ...then,
      ...ends,
    });
    if (outcome === 'done') return this.#notify(intent.id);
    throw changedSince(entryOf(intent), outcome.changed === undefined);
  }

  /**
   * Somebody else wrote a record. If they had begun before the newest edit of it and their bytes do not hold what that
   * edit had put there, they wrote over it without having seen it (web.py writes the whole session at the end of each
   * request): the edit counts as overwritten. A change by somebody who began later is only a later change.
   */
  async recordChanged(change: RecordChanged): Promise<EditInfo | undefined> {
    const { storeId, recordId, bytes, startedAt, by, flowId } = change;
    if (startedAt === undefined) return undefined;
    const done = this.#options.log.list({ storeId, recordId, limit: 20 });
    const newest = done.find((logged) => logged.phase === 'done' && entryOf(logged).state !== 'undone');
    if (newest === undefined || newest.at <= startedAt) return undefined;
    const entry = entryOf(newest);
    if (entry.state !== 'applied' || entry.what !== 'record-data' || !entry.before || !entry.after) return undefined;
    const codec = withKeys(this.#options.codec, this.#options.keys?.(storeId) ?? []);
    const as = this.#options.layers?.(storeId, recordId);
    const before = (await codec.decode(this.#writer.bytesOf(entry.before), as)).value;
    const mine = (await codec.decode(this.#writer.bytesOf(entry.after), as)).value;
    const now = (await codec.decode(bytes, as)).value;
    if (before === null || mine === null || now === null) return undefined;
    const lost = diff(before, mine).some(({ path, after }) => {
      const is = getAt(now, path);
      return is === undefined || after === undefined ? is !== after : !typedEqual(is, after);
    });
    return lost ? this.markOverwritten(newest.id, by, flowId) : undefined;
  }

  /** An edit did not last: the application or somebody else wrote over it. */
  markOverwritten(editId: string, by: string, flowId?: string): EditInfo | undefined {
    const logged = this.#options.log.get(editId);
    if (logged === undefined || logged.phase !== 'done' || entryOf(logged).state !== 'applied') return undefined;
    const entry: EditEntry = {
      ...entryOf(logged),
      state: 'overwritten',
      overwrittenBy: by,
      overwrittenAt: this.#options.clock(),
      ...(flowId === undefined ? {} : { overwrittenIn: flowId }),
    };
    this.#options.log.put({ ...logged, entry });
    return this.#notify(editId);
  }

  /**
   * Finds edits that were under way when the program ended, in one store (call it when the store is attached). Where
   * the write had happened the log is completed; where it had not, the edit is struck out; otherwise it is reported.
   */
  async recover(storeId: string): Promise<Recovered[]> {
    const found: Recovered[] = [];
    for (const logged of this.#options.log.list({ storeId, phase: 'intent' })) {
      try {
        found.push(await this.#recoverOne(logged));
      } catch (error) {
        found.push({ edit: infoOf(logged), outcome: 'unclear', text: unclear(logged, toProblem(error)) });
      }
    }
    return found;
  }

  async #recoverOne(logged: LoggedEdit): Promise<Recovered> {
    const entry = entryOf(logged);
    const store = this.#writer.storeOf(logged.storeId);
    const current = await store.read(logged.recordId ?? '');
    const where = this.#writer.whereIs(store, current, stepOf(entry, entry.doing));
    const done: EditEntry = { ...entry, state: entry.doing === 'undo' ? 'undone' : 'applied' };
    if (where === 'from') {
      const entryBefore: EditEntry = { ...entry, state: entry.doing === 'redo' ? 'undone' : 'applied' };
      this.#options.log.put({ ...logged, phase: entry.doing === 'do' ? 'failed' : 'done', entry: entryBefore });
      const text = `"${entry.text}" was interrupted before it was ${words(entry.doing)}: the record is as it was`;
      return { edit: infoOf(logged), outcome: 'not-done', text };
    }
    this.#options.log.put({ ...logged, phase: 'done', entry: done });
    const edit = infoOf(this.#options.log.get(logged.id) ?? logged);
    if (where === 'to')
      return {
        edit,
        outcome: 'completed',
        text: `"${entry.text}" had been ${words(entry.doing)} when the program ended`,
      };
    return { edit, outcome: 'unclear', text: unclear(logged, undefined) };
  }

  #notify(editId: string): EditInfo {
    const info = infoOf(mustGet(this.#options.log, editId));
    this.#options.onEdit?.(info);
    return info;
  }
}

function stepOf(entry: EditEntry, doing: EditEntry['doing']): Step {
  const onlyLastUsed = entry.what === 'record-age';
  return doing === 'undo'
    ? { from: entry.after, to: entry.before, onlyLastUsed }
    : { from: entry.before, to: entry.after, onlyLastUsed };
}

function words(doing: EditEntry['doing']): string {
  return { do: 'written', undo: 'undone', redo: 'done again' }[doing];
}

function unclear(logged: LoggedEdit, wrong: Problem | undefined): string {
  const { text } = entryOf(logged);
  return wrong === undefined
    ? `"${text}" was interrupted, and the record has changed since: look at it`
    : `"${text}" was interrupted, and its record cannot be read: ${wrong.message}`;
}

function changedSince(entry: EditEntry, gone: boolean) {
  return problem(
    'changed-since',
    gone
      ? `The record is gone since "${entry.text}"; nothing was written`
      : `The record has changed since "${entry.text}" in the same places; nothing was written`,
    {
      remedy: gone
        ? 'Bring the earlier record back as a whole, or leave it'
        : 'Put back only what this edit changed, or the whole earlier record',
    },
  );
}

function usedSince(gone: boolean) {
  return problem(
    'changed-since',
    gone ? 'The record is gone' : 'The session has been used since it was aged; nothing was written',
    {
      remedy: gone ? 'Bring it back from the timeline' : 'Its last use is newer than the one before; leave it',
    },
  );
}
