import type { Command } from 'commander';
import { addValueOptions } from '../options.ts';
import type { ValueOptions } from '../run/values.ts';

/** Adds `sessionscope decode [FILE|-] [--as LAYER/LAYER…] [--secret S]… [--name N] [--companion N=V]… [--json]`. */
export function registerDecode(program: Command): void {
  const command = program
    .command('decode')
    .description('decodes a cookie value, a session file or any other bytes, layer by layer')
    .argument('[file]', 'the file to read; "-" or nothing for standard input', '-');
  addValueOptions(command).action(async (file: string, options: ValueOptions) => {
    const { decodeCommand, processIo } = await import('../run/values.ts');
    process.exitCode = await decodeCommand(processIo(), file, options);
  });
}
