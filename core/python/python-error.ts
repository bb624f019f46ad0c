/**
 * An exception of Python as data: its class name (`KeyError`, `binascii.Error`, …) and the text that Python prints after
 * the colon. web.py turns most of them into a 500; the flow reports them as outcomes.
 */
export class PythonError extends Error {
  /** Name of the Python exception class, as a traceback prints it. */
  readonly pythonName: string;

  constructor(pythonName: string, message = '', options?: ErrorOptions) {
    super(message, options);
    this.name = pythonName;
    this.pythonName = pythonName;
  }

  /** The last line of a traceback: `KeyError: 'ip'`. */
  override toString(): string {
    return this.message === '' ? this.pythonName : `${this.pythonName}: ${this.message}`;
  }
}

/** Any thrown thing as the last line of a traceback, for outcomes and logs. */
export function errorLine(error: unknown): string {
  if (error instanceof Error) return String(error);
  return `Error: ${String(error)}`;
}
