import { decodePickle, encodePickle, type PickleDecoded, pythonException } from '../../../codec/pickle/pickle.ts';
import { ProblemError } from '../../../model/problem.ts';
import type { TypedNode } from '../../../model/typed.ts';
import { loadValue } from '../../../python/load-value.ts';
import { borrowBase64, encodeBase64Lines } from '../../../python/python-base64.ts';
import { isPyDict, pyDict } from '../../../python/python-dict.ts';
import { PythonError } from '../../../python/python-error.ts';
import { saveValue } from '../../../python/save-value.ts';

/** How a version of web.py pickles: Python's default protocol, and which Python wrote it. */
export interface PickleChoice {
  readonly protocol: 0 | 1 | 2 | 3 | 4 | 5;
  readonly python: 2 | 3;
}

/** web.py 0.62 on CPython 3.8 to 3.13. */
const DEFAULT_PICKLE: PickleChoice = { protocol: 4, python: 3 };

/**
 * What web.py stores for a session: `base64.encodebytes(pickle.dumps(dict))`, as bytes of ASCII.
 *
 * @throws PythonError as `pickle.dumps` raises for a value that cannot be stored.
 */
export function encodeSession(data: ReadonlyMap<unknown, unknown> | object, choice = DEFAULT_PICKLE): Uint8Array {
  const bytes = encodePickle(saveValue(isPyDict(data) || !(data instanceof Map) ? data : pyDict(data)), choice);
  return Buffer.from(encodeBase64Lines(bytes), 'latin1');
}

/**
 * The live value of a stored session, whatever it is: `pickle.loads(base64.decodebytes(bytes))`, never executed.
 *
 * @throws PythonError as CPython raises for what cannot be read (`EOFError`, `binascii.Error`, `UnpicklingError`, …).
 */
export function decodeSession(bytes: Uint8Array): unknown {
  return loadValue(decodeSessionNode(bytes));
}

/** The same as a typed value. What CPython refuses is refused, even where the value could be shown. */
export function decodeSessionNode(bytes: Uint8Array): TypedNode {
  // The typed value holds nothing of the bytes it was read from.
  const pickled = borrowBase64(bytes);
  let decoded: PickleDecoded;
  try {
    decoded = decodePickle(pickled);
  } catch (error) {
    throw asPythonError(error);
  }
  if (decoded.refusal !== undefined) throw refused(decoded.refusal.exception, decoded.refusal.message);
  return decoded.value;
}

function asPythonError(error: unknown): unknown {
  if (!(error instanceof ProblemError)) return error;
  const name = pythonException(error.problem.kind);
  if (name === undefined) return error;
  return refused(name, error.problem.message.replace(/ \(byte \d+\)$/, ''), error);
}

function refused(name: string, message: string, cause?: unknown): PythonError {
  return new PythonError(name === 'UnpicklingError' ? '_pickle.UnpicklingError' : name, message, { cause });
}
