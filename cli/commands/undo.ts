import type { Command } from 'commander';
import { addListOptions, dataFolder } from '../options.ts';
import type { UndoOptions } from '../run/undo.ts';

/** `sessionscope undo EDIT`: takes back what `sessions set`, `age` or `rm` did. */
export function registerUndo(program: Command): void {
  const command = program
    .command('undo [edit]')
    .description('takes back an edit of a record; sessions set, age and rm print its id, --list shows all')
    .option('--list', 'list the edits, the newest first, in place of taking one back')
    .option('--store <url>', 'the store, where its URL has a password (which is not kept)')
    .option('--data <folder>', 'folder with the log of edits', dataFolder());
  addListOptions(command, ['edit', 'at', 'store', 'session', 'change', 'state']).action(
    async (edit: string | undefined, options: UndoOptions) => {
      const { undoCommand } = await import('../run/undo.ts');
      process.exitCode = await undoCommand(edit, options);
    },
  );
}
