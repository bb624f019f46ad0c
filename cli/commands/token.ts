import type { Command } from 'commander';
import { type Decoded, decode } from '../../core/frameworks/codec.ts';
import { toProblem } from '../../core/model/problem.ts';
import { visibleJson } from '../../core/model/visible.ts';
import {
  addCodecOptions,
  type CodecCommandOptions,
  type CommandIo,
  codecOptions,
  processIo,
  readInput,
} from './codec-options.ts';
import { documentOf, fail, humanText } from './decode.ts';

/** Adds `sessionscope token [VALUE]`: what a signed or sealed value is, whether the key fits, what is inside. */
export function registerToken(program: Command): void {
  const command = program
    .command('token')
    .description('tells what a signed or encrypted value is, whether a key fits, and what is inside')
    .argument('[value]', 'the value itself; read from standard input when not given (it stays out of the history)');
  addCodecOptions(command).action(async (value: string | undefined, options: CodecCommandOptions) => {
    process.exitCode = await tokenCommand(processIo(), value, options);
  });
}

/** Exit status: 0 shown, 1 shown and the signature does not fit, 2 not readable. */
export async function tokenCommand(
  io: CommandIo,
  value: string | undefined,
  options: CodecCommandOptions,
): Promise<0 | 1 | 2> {
  let found: Decoded;
  try {
    const bytes = value === undefined ? await readInput(io, '-') : Buffer.from(value, 'utf8');
    const text = Buffer.from(bytes).toString('utf8').trim();
    // What is pasted often has a line break or the word of an Authorization header around it.
    found = decode(Buffer.from(text.replace(/^Bearer\s+/i, ''), 'utf8'), await codecOptions(options));
  } catch (error) {
    return fail(io, 'the value', toProblem(error), options, undefined);
  }
  if (found.error !== undefined) return fail(io, 'the value', found.error, options, found);
  io.out(options.json === true ? `${visibleJson(documentOf(found))}\n` : humanText(found));
  return found.signature?.state === 'invalid' ? 1 : 0;
}
