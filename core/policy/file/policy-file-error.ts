import { ProblemError } from '../../model/problem.ts';
import { visible } from '../../model/visible.ts';
import type { Place } from './yaml-source.ts';

/** One mistake in a policy file. */
export interface PolicyFileProblem {
  readonly place: Place;
  readonly message: string;
  readonly remedy?: string;
}

const MOST_SHOWN = 20;

/** A policy file that cannot be run, with every mistake found in it: `file:line:column: what. What to do`. */
export class PolicyFileError extends ProblemError {
  readonly file: string;
  /** In the order of the file. */
  readonly problems: readonly PolicyFileProblem[];

  constructor(file: string, problems: readonly PolicyFileProblem[]) {
    const sorted = [...problems].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
    const first = sorted[0] ?? { place: { line: 1, column: 1 }, message: 'The file cannot be read' };
    super({
      kind: 'bad-policy',
      message: first.message,
      ...(first.remedy === undefined ? {} : { remedy: first.remedy }),
      where: placeText(file, first.place),
    });
    this.name = 'PolicyFileError';
    this.file = file;
    this.problems = sorted.slice(0, MOST_SHOWN);
  }

  /** One line for each mistake. */
  get lines(): string[] {
    return this.problems.map(({ place, message, remedy }) => {
      const text = `${placeText(this.file, place)}: ${message}${remedy === undefined ? '' : `. ${remedy}`}`;
      return visible(text);
    });
  }
}

function placeText(file: string, { line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
