import { type ProblemError, type ProblemKind, problem } from '../../model/problem.ts';

/** The exceptions of Python that reading a pickle raises, with the kinds of problem that stand for them. */
const KINDS = {
  UnpicklingError: 'pickle-unpickling-error',
  EOFError: 'pickle-eof-error',
  ValueError: 'pickle-value-error',
  TypeError: 'pickle-type-error',
  AttributeError: 'pickle-attribute-error',
  IndexError: 'pickle-index-error',
  KeyError: 'pickle-key-error',
  OverflowError: 'pickle-overflow-error',
  MemoryError: 'pickle-memory-error',
  UnicodeDecodeError: 'pickle-unicode-decode-error',
  ModuleNotFoundError: 'pickle-module-not-found-error',
} as const satisfies Readonly<Record<string, ProblemKind>>;
export type PythonException = keyof typeof KINDS;
const EXCEPTIONS = Object.keys(KINDS) as readonly PythonException[];

/** What CPython's `pickle.loads` would raise for a stream, as data. */
export interface Refusal {
  /** Name of Python's exception, such as `UnpicklingError`. */
  readonly exception: PythonException;
  readonly message: string;
  /** Byte offset of the opcode that is refused. */
  readonly at: number;
}

/**
 * A stream that cannot be read: kind `pickle-<exception in kebab-case>`, such as `pickle-unpickling-error`,
 * with the message of CPython and the offset of the opcode.
 */
export function refuse(exception: PythonException, message: string, at: number): ProblemError {
  return problem(KINDS[exception], `${message} (byte ${at})`, { at });
}

const TRUNCATED = 'pickle data was truncated';

export function truncated(at: number): ProblemError {
  return refuse('UnpicklingError', TRUNCATED, at);
}

export function endOfInput(at: number): ProblemError {
  return refuse('EOFError', 'Ran out of input', at);
}

/** Python's exception behind a problem of kind `pickle-…`; undefined for any other problem. */
export function pythonException(kind: ProblemKind): PythonException | undefined {
  return EXCEPTIONS.find((name) => KINDS[name] === kind);
}
