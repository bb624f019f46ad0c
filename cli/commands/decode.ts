import type { Command } from 'commander';
import { outline } from '../../core/codec/outline.ts';
import { toNotation } from '../../core/codec/typed.ts';
import { type Decoded, decode } from '../../core/frameworks/codec.ts';
import { type Problem, problem, toProblem } from '../../core/model/problem.ts';
import { readQuietly } from '../../core/stores/quiet-files.ts';

export interface DecodeCommandOptions {
  /** Layers, outermost first, between slashes: `base64/pickle`. */
  readonly as?: string;
  readonly secret?: readonly string[];
  readonly json?: boolean;
}

/** Where a command reads and writes; the process's own streams outside tests. */
export interface CommandIo {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  out(text: string): void;
  err(text: string): void;
}

/** Adds `sessionscope decode [FILE|-] [--as LAYER/LAYER…] [--secret S]… [--json]`. */
export function registerDecode(program: Command): void {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  program
    .command('decode')
    .description('decodes a cookie value, a session file or any other bytes, layer by layer')
    .argument('[file]', 'the file to read; "-" or nothing for standard input', '-')
    .option('--as <layers>', 'the layers, outermost first, like base64/pickle; guessed when not given')
    .option(
      '--secret <secret>',
      'a key for signed or encrypted formats (may be repeated)',
      collect,
      [] as readonly string[],
    )
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: DecodeCommandOptions) => {
      process.exitCode = await decodeCommand(processIo(), file, options);
    });
}

function processIo(): CommandIo {
  return {
    stdin: process.stdin,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}

/**
 * Runs the command. Exit status: 0 decoded, 1 decoded but writing the value back would not give the same bytes, 2 wrong
 * use, unreadable file, or an input that cannot be decoded or that the program that wrote it would refuse.
 */
export async function decodeCommand(io: CommandIo, file: string, options: DecodeCommandOptions): Promise<0 | 1 | 2> {
  const where = file === '-' ? 'standard input' : file;
  let found: Decoded;
  try {
    const bytes = await readInput(io, file);
    const as = options.as?.split('/').map((one) => one.trim());
    found = decode(bytes, { ...(as && { as }), secrets: options.secret ?? [] });
  } catch (error) {
    return fail(io, where, toProblem(error), options, undefined);
  }
  if (found.error !== undefined) return fail(io, where, found.error, options, found);
  io.out(options.json === true ? `${JSON.stringify(documentOf(found))}\n` : humanText(found));
  return found.lossless ? 0 : 1;
}

async function readInput(io: CommandIo, file: string): Promise<Uint8Array> {
  if (file !== '-') {
    try {
      return readQuietly(file);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const why =
        code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (cause as Error).message;
      throw problem('file-unreadable', `It cannot be read: ${why}`, { where: file, cause });
    }
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of io.stdin) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  return Buffer.concat(pieces);
}

function documentOf(found: Decoded) {
  const { layers, value, warnings, lossless } = found;
  return { layers, value: value === null ? null : toNotation(value), warnings, lossless };
}

function fail(
  io: CommandIo,
  where: string,
  error: Problem,
  options: DecodeCommandOptions,
  found: Decoded | undefined,
): 2 {
  if (options.json === true) {
    // A value that can be shown although its own program would refuse it comes along.
    const shown = found !== undefined && found.value !== null ? documentOf(found) : {};
    io.out(`${JSON.stringify({ error, ...shown })}\n`);
  } else if (found !== undefined && found.value !== null) io.out(humanText(found));
  const place = error.at === undefined ? '' : ` (byte ${error.at}${layerNote(error, where)})`;
  const message = error.message.replace(/ \(byte \d+\)$/, '');
  const remedy = error.remedy === undefined ? '' : `. ${error.remedy}`;
  io.err(`sessionscope: ${where}: ${message}${place}${remedy}\n`.replace(/[\r\n]+(?=.)/g, ' '));
  return 2;
}

function layerNote(error: Problem, where: string): string {
  return error.where === undefined || error.where === where ? '' : ` of the ${error.where} layer`;
}

function humanText(found: Decoded): string {
  const lines: string[] = [];
  for (const step of found.steps) {
    const facts = Object.entries(step.facts).map(([name, value]) => `${name} ${value}`);
    lines.push(`${step.id}: ${step.title}, ${step.bytes} bytes${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`);
    for (const reason of step.reasons) lines.push(`  ${reason}`);
  }
  lines.push('');
  if (found.value !== null) lines.push(outline(found.value));
  if (found.warnings.length > 0) lines.push('');
  for (const { severity, message, at, layer } of found.warnings) {
    lines.push(`${severity}: ${message}${at === undefined ? '' : ` (byte ${at} of the ${layer} layer)`}`);
  }
  if (found.error !== undefined)
    lines.push('', 'The program that wrote this would refuse to load it; the value is shown all the same.');
  else if (!found.lossless) lines.push('', 'Writing this value back would not give the same bytes.');
  return `${lines.join('\n')}\n`;
}
