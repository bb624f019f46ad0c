import type { ProblemKind } from './problem-kinds.ts';

export type { ProblemKind } from './problem-kinds.ts';

/** An expected failure as data: what happened, where, and what the user can do. Bugs are exceptions instead. */
export interface Problem {
  readonly kind: ProblemKind;
  /** One sentence for the user. */
  readonly message: string;
  /** What to do about it, when there is something. */
  readonly remedy?: string;
  /** File, host, path or other place. */
  readonly where?: string;
  /** Byte offset for decoding errors. */
  readonly at?: number;
}

/** Carries a Problem through code that throws. The bridge and the commands turn it back into data. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Builds a ProblemError: `throw problem('not-found', 'No session abc in ./sessions', { remedy: … })`. */
export function problem(
  kind: ProblemKind,
  message: string,
  more: { remedy?: string; where?: string; at?: number; cause?: unknown } = {},
): ProblemError {
  const { cause, ...rest } = more;
  return new ProblemError({ kind, message, ...rest }, cause === undefined ? undefined : { cause });
}

/** Any thrown thing as a Problem; an unexpected exception keeps its message under kind `internal`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'internal', message };
}
