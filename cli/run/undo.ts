import type { EditInfo } from '../../core/model/app.ts';
import { type Problem, problem } from '../../core/model/problem.ts';
import { hasEdits, withEdits } from '../edit-log.ts';
import { type List, type ListOptions, printList } from '../listing.ts';
import { answered, print, printJson } from '../output.ts';
import { iso, shortTime } from './session-line.ts';
import { openStore } from './with-store.ts';

export interface UndoOptions extends ListOptions {
  readonly store?: string;
  readonly data: string;
  readonly list?: true;
}

/** Exit status: 0 undone, 1 the record was changed since, 2 not possible. */
export function undoCommand(edit: string | undefined, options: UndoOptions): Promise<number> {
  return answered(
    options,
    async () => {
      if (options.list === true) return await list(options);
      if (edit !== undefined) return await undo(edit, options);
      throw problem('bad-request', 'Which edit is to be taken back is not said', {
        remedy: 'Give its id, as "sessionscope undo --list" shows it',
      });
    },
    ({ kind }: Problem) => (kind === 'changed-since' ? 1 : 2),
  );
}

/** An edit with the place it was made in. */
interface Row extends EditInfo {
  readonly store: string;
}

/** More than anybody scrolls through. */
const MOST_EDITS = 10_000;

function list(options: UndoOptions): Promise<number> {
  // Looking makes no folder.
  if (!hasEdits(options.data)) return printList<Row>([], listOf(options.data), options);
  return withEdits(options.data, undefined, async (edits) => {
    const rows = edits.list(MOST_EDITS).map((edit): Row => ({ ...edit, store: edits.storeOf(edit.editId)?.url ?? '' }));
    return await printList(rows, listOf(options.data), options);
  });
}

function listOf(folder: string): List<Row> {
  const now = Date.now();
  return {
    name: 'edits',
    columns: [
      { id: 'edit', title: 'EDIT', cell: ({ editId }) => editId },
      { id: 'at', title: 'AT', cell: ({ at }) => shortTime(at) ?? '', key: ({ at }) => iso(at) },
      { id: 'store', title: 'STORE', shrinks: 12, cell: ({ store }) => store },
      { id: 'session', title: 'SESSION', shrinks: 8, cell: ({ recordId }) => recordId ?? '' },
      { id: 'change', title: 'CHANGE', shrinks: 12, cell: ({ text }) => text },
      { id: 'state', title: 'STATE', cell: ({ state }) => state },
    ],
    fields: {
      text: ({ editId, store, recordId = '', text, state }) => [editId, store, recordId, text, state],
      texts: { id: ({ recordId, editId }) => [recordId ?? '', editId], store: ({ store }) => [store] },
      numbers: { idle: ({ at }) => now - at },
    },
    json: ({ editId, at, store, recordId, what, text, state }) => ({
      editId,
      at: iso(at),
      store,
      id: recordId ?? null,
      what,
      text,
      state,
    }),
    nothing: `No edits in ${folder}`,
  };
}

async function undo(edit: string, options: UndoOptions): Promise<number> {
  if (!hasEdits(options.data)) throw noSuchEdit(edit, options.data);
  const kept = await withEdits(options.data, undefined, async ({ storeOf }) => storeOf(edit));
  if (kept === undefined) throw noSuchEdit(edit, options.data);
  if (kept.hadPassword && options.store === undefined) {
    throw problem('store-not-attached', `The edit was made in ${kept.url}, whose password is not kept`, {
      remedy: 'Give the whole URL with --store',
    });
  }
  const store = await openStore(options.store ?? kept.url);
  try {
    await withEdits(options.data, store, (edits) => edits.undo(edit));
  } finally {
    await store.close();
  }
  if (options.json) printJson({ editId: edit, outcome: 'undone' });
  else print(`undone     ${edit}`);
  return 0;
}

function noSuchEdit(edit: string, folder: string) {
  return problem('not-found', `There is no edit ${edit} in ${folder}`, {
    remedy: '"sessionscope undo --list" shows those that there are; edits of the window are taken back there',
  });
}
