import { type ProblemError, problem } from '../../model/problem.ts';

/** What CPython's `pickle.loads` would raise for a stream, as data. */
export interface Refusal {
  /** Name of Python's exception, such as `UnpicklingError`. */
  readonly exception: string;
  readonly message: string;
  /** Byte offset of the opcode that is refused. */
  readonly at: number;
}

/**
 * A stream that cannot be read: kind `pickle-<exception in kebab-case>`, such as `pickle-unpickling-error`,
 * with the message of CPython and the offset of the opcode.
 */
export function refuse(exception: string, message: string, at: number): ProblemError {
  return problem(kindOf(exception), `${message} (byte ${at})`, { at });
}

const TRUNCATED = 'pickle data was truncated';

export function truncated(at: number): ProblemError {
  return refuse('UnpicklingError', TRUNCATED, at);
}

export function endOfInput(at: number): ProblemError {
  return refuse('EOFError', 'Ran out of input', at);
}

function kindOf(exception: string): string {
  return `pickle-${exception.replace(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase()}`;
}

/** Python's exception behind a problem of kind `pickle-…`; undefined for any other problem. */
export function pythonException(kind: string): string | undefined {
  return EXCEPTIONS.find((name) => kindOf(name) === kind);
}

const EXCEPTIONS = [
  'UnpicklingError',
  'EOFError',
  'ValueError',
  'TypeError',
  'AttributeError',
  'IndexError',
  'KeyError',
  'OverflowError',
  'MemoryError',
  'UnicodeDecodeError',
  'ModuleNotFoundError',
];
