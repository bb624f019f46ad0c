import { openRecordStore } from '../../core/frameworks/stores.ts';
import { type Problem, problem } from '../../core/model/problem.ts';
import { withEdits } from '../edit-log.ts';
import { answered, print, printJson } from '../output.ts';

export interface UndoOptions {
  readonly store?: string;
  readonly data: string;
  readonly json?: true;
}

/** Exit status: 0 undone, 1 the record was changed since, 2 not possible. */
export function undoCommand(edit: string, options: UndoOptions): Promise<number> {
  return answered(
    options,
    () => undo(edit, options),
    ({ kind }: Problem) => (kind === 'changed-since' ? 1 : 2),
  );
}

async function undo(edit: string, options: UndoOptions): Promise<number> {
  const kept = await withEdits(options.data, undefined, async ({ storeOf }) => storeOf(edit));
  if (kept === undefined) throw problem('not-found', `There is no edit ${edit} in ${options.data}`);
  if (kept.hadPassword && options.store === undefined) {
    throw problem('store-not-attached', `The edit was made in ${kept.url}, whose password is not kept`, {
      remedy: 'Give the whole URL with --store',
    });
  }
  const store = await openRecordStore(options.store ?? kept.url);
  try {
    await withEdits(options.data, store, (edits) => edits.undo(edit));
  } finally {
    await store.close();
  }
  if (options.json) printJson({ editId: edit, outcome: 'undone' });
  else print(`undone     ${edit}`);
  return 0;
}
