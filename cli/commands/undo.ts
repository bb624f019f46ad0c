import type { Command } from 'commander';
import { dataFolder } from '../options.ts';
import type { UndoOptions } from '../run/undo.ts';

/** `sessionscope undo EDIT`: takes back what `sessions set`, `age` or `rm` did. */
export function registerUndo(program: Command): void {
  program
    .command('undo <edit>')
    .description('takes back an edit of a record; sessions set, age and rm print its id')
    .option('--store <url>', 'the store, where its URL has a password (which is not kept)')
    .option('--data <folder>', 'folder with the log of edits', dataFolder())
    .option('--json', 'print one JSON document')
    .action(async (edit: string, options: UndoOptions) => {
      const { undoCommand } = await import('../run/undo.ts');
      process.exitCode = await undoCommand(edit, options);
    });
}
