import type { Command } from 'commander';
import { type Decoded, decode } from '../../core/frameworks/codec.ts';
import { allFindings } from '../../core/frameworks/weak-keys/findings.ts';
import type { ValueFinding } from '../../core/model/finding.ts';
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
  let findings: readonly ValueFinding[];
  try {
    const bytes = value === undefined ? await readInput(io, '-') : Buffer.from(value, 'utf8');
    const text = Buffer.from(bytes).toString('utf8').trim();
    // What is pasted often has a line break or the word of an Authorization header around it.
    const token = Buffer.from(text.replace(/^Bearer\s+/i, ''), 'utf8');
    const decoding = await codecOptions(options);
    found = decode(token, decoding);
    findings = allFindings(token, found, decoding);
  } catch (error) {
    return fail(io, 'the value', toProblem(error), options, undefined);
  }
  if (found.error !== undefined) return fail(io, 'the value', found.error, options, found, findings);
  io.out(options.json === true ? `${visibleJson({ ...documentOf(found), findings })}\n` : humanText(found, findings));
  return found.signature?.state === 'invalid' ? 1 : 0;
}
