import type { Command } from 'commander';
import { addValueOptions } from '../options.ts';
import type { ValueOptions } from '../run/values.ts';

/** Adds `sessionscope token [VALUE]`: what a signed or sealed value is, whether the key fits, what is inside. */
export function registerToken(program: Command): void {
  const command = program
    .command('token')
    .description('tells what a signed or encrypted value is, whether a key fits, and what is inside')
    .argument('[value]', 'the value itself; read from standard input when not given (it stays out of the history)');
  addValueOptions(command).action(async (value: string | undefined, options: ValueOptions) => {
    const { processIo, tokenCommand } = await import('../run/values.ts');
    process.exitCode = await tokenCommand(processIo(), value, options);
  });
}
