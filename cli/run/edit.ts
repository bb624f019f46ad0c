import { diff } from '../../core/codec/diff.ts';
import { parsePath, resolvePath } from '../../core/codec/path.ts';
import { toNotation, valueFromText } from '../../core/codec/typed.ts';
import { applyEditsFully, type DecodeOptions, decode } from '../../core/frameworks/codec.ts';
import type { Edit } from '../../core/model/path.ts';
import { ProblemError, toProblem } from '../../core/model/problem.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { visibleJson } from '../../core/model/visible.ts';
import { type CommandIo, codecOptions, readInput, type ValueOptions } from './value-input.ts';
import { fail } from './values.ts';

export interface EditOptions extends ValueOptions {
  readonly delete?: boolean;
}

/**
 * Runs the command. Exit status: 0 done, 2 not possible. The new value goes to standard output byte for byte, with
 * `--json` as a document with `raw` (when it is text), `rawBase64`, the cookies that must change with it, and the
 * differences.
 */
export async function editCommand(
  io: CommandIo,
  file: string,
  path: string,
  value: string | undefined,
  options: EditOptions,
): Promise<0 | 1 | 2> {
  const where = file === '-' ? 'standard input' : file;
  try {
    const bytes = await readInput(io, file);
    const decoding: DecodeOptions = await codecOptions(options);
    const before = decode(bytes, decoding);
    if (before.value === null) throw new ProblemError(before.error ?? { kind: 'internal', message: 'No value' });
    const edit = editOf(before.value, path, value, options.delete === true);
    const made = applyEditsFully(bytes, [edit], { ...decoding, as: before.layers });
    const after = decode(made.bytes, {
      ...decoding,
      as: before.layers,
      companions: { ...decoding.companions, ...withoutNulls(made.companions) },
    });
    if (options.json !== true) {
      io.out(Buffer.from(made.bytes).toString('utf8'));
      for (const [name, text] of Object.entries(made.companions)) {
        io.err(text === null ? `${name}: removed\n` : `${name}=${text}\n`);
      }
      return 0;
    }
    const text = Buffer.from(made.bytes).toString('utf8');
    io.out(
      `${visibleJson({
        raw: Buffer.from(text, 'utf8').equals(Buffer.from(made.bytes)) ? text : null,
        rawBase64: Buffer.from(made.bytes).toString('base64'),
        companions: made.companions,
        signature: made.signature ?? null,
        differences: (after.value === null ? [] : diff(before.value, after.value)).map((line) => ({
          at: line.at,
          ...(line.before && { before: toNotation(line.before) }),
          ...(line.after && { after: toNotation(line.after) }),
        })),
      })}\n`,
    );
    return 0;
  } catch (error) {
    return fail(io, where, toProblem(error), options, undefined);
  }
}

/** A place that is there is set or deleted; one that is not is inserted. */
function editOf(root: TypedNode, pathText: string, value: string | undefined, remove: boolean): Edit {
  const path = parsePath(pathText);
  if (remove) return { op: 'delete', path };
  const made = valueFromText(value ?? 'null');
  // Without a further word an edit of a shared object is one of all that share it.
  if (resolvePath(root, path) !== undefined) return { op: 'set', path, value: made, occurrences: 'all' };
  return { op: 'insert', path, value: made };
}

function withoutNulls(companions: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(companions).filter((one): one is [string, string] => one[1] !== null));
}
