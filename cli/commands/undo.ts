import type { Command } from 'commander';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { problem, toProblem } from '../../core/model/problem.ts';
import { withEdits } from '../edit-log.ts';
import { complain, print, printJson } from '../output.ts';
import { dataFolder } from './serve.ts';

interface Options {
  readonly store?: string;
  readonly data: string;
  readonly json?: true;
}

/** `sessionscope undo EDIT`: takes back what `sessions set`, `age` or `rm` did. */
export function registerUndo(program: Command): void {
  program
    .command('undo <edit>')
    .description('takes back an edit of a record; sessions set, age and rm print its id')
    .option('--store <url>', 'the store, where its URL has a password (which is not kept)')
    .option('--data <folder>', 'folder with the log of edits', dataFolder())
    .option('--json', 'print one JSON document')
    .action(async (edit: string, options: Options) => {
      try {
        process.exitCode = await undo(edit, options);
      } catch (error) {
        if (options.json) printJson({ error: toProblem(error) });
        complain(error);
        process.exitCode = toProblem(error).kind === 'changed-since' ? 1 : 2;
      }
    });
}

async function undo(edit: string, options: Options): Promise<number> {
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
