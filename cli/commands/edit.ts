import type { Command } from 'commander';
import { addValueOptions } from '../options.ts';
import type { EditOptions } from '../run/edit.ts';

/** Adds `sessionscope edit FILE|- PATH [VALUE]`. */
export function registerEdit(program: Command): void {
  const command = program
    .command('edit')
    .description('changes one place of a value and prints the value again, signed as before')
    .argument('<file>', 'the file to read; "-" for standard input')
    .argument('<path>', 'the place, like cart[0].price; the empty text is the whole value')
    .argument('[value]', 'the new value as JSON: 3, "text", {"a": 1}')
    .option('--delete', 'remove what stands at the place')
    .option('--stamp <which>', 'keep the signed time stamp (keep), or set it to the time of the edit (now)');
  addValueOptions(command).action(
    async (file: string, path: string, value: string | undefined, options: EditOptions) => {
      const [{ processIo }, { editCommand }] = await Promise.all([
        import('../run/values.ts'),
        import('../run/edit.ts'),
      ]);
      process.exitCode = await editCommand(processIo(), file, path, value, options);
    },
  );
}
