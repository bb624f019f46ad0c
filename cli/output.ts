import { type Problem, toProblem } from '../core/model/problem.ts';
import { visible, visibleJson, visibleLines } from '../core/model/visible.ts';
import { type Colour, coloured } from './colour.ts';

/*
 * The only way from a command to a terminal. What came from outside (names in a record, addresses, messages of other
 * programs) cannot move the cursor, change the title or turn the direction of the text.
 */

/** Prints one line on standard output; a line break within is written out. */
export function print(line: string): void {
  process.stdout.write(`${visible(line)}\n`);
}

/** Prints text of several lines on standard output. Only for text whose lines are ours. */
export function printLines(text: string): void {
  process.stdout.write(`${visibleLines(text)}\n`);
}

/** Prints one JSON document on standard output, on one line. */
export function printJson(document: unknown): void {
  process.stdout.write(`${visibleJson(document)}\n`);
}

/** Prints the head of a table. */
export function printHead(line: string): void {
  process.stdout.write(`${coloured(visible(line), 'bold')}\n`);
}

/** Prints a line that begins with a mark in a colour. */
export function printMarked(mark: string, colour: Colour, line: string): void {
  process.stdout.write(`${coloured(mark, colour)} ${visible(line)}\n`);
}

/** Prints a part of a JSON document, for one that is written while its rows are read: our own text, or a value. */
export function printJsonPart(part: string | object): void {
  process.stdout.write(typeof part === 'string' ? part : visibleJson(part));
}

/** Prints one line on standard error: what is not the command's result. */
export function note(line: string): void {
  process.stderr.write(`${visible(line)}\n`);
}

/** The same for text of several lines, such as a stack. */
export function noteLines(text: string): void {
  process.stderr.write(`${visibleLines(text)}\n`);
}

/** Says on standard error what is wrong and what to do, on one line. */
export function complain(error: unknown): void {
  note(problemLine(toProblem(error)));
}

/** A problem as commands print it. */
export function problemLine({ message, remedy }: Pick<Problem, 'message' | 'remedy'>): string {
  return `sessionscope: ${message}${remedy === undefined ? '' : `. ${remedy}`}`;
}

/**
 * The exit status of a command's work. What fails is said in one line on standard error, and as JSON where that is asked
 * for.
 */
export async function answered(
  options: { readonly json?: boolean },
  work: () => Promise<number>,
  statusOf: (failed: Problem) => number = () => 2,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const failed = toProblem(error);
    if (options.json) printJson({ error: failed });
    complain(error);
    return statusOf(failed);
  }
}
