/** Live values of a session: what a handler works with, and the way from and to typed values (the codecs' notation). */
export { loadValue } from './load-value.ts';
export { type DictKind, dictKind, isPyDict, type PyDict, pyDict } from './python-dict.ts';
export {
  PyByteArray,
  PyDeque,
  PyFloat,
  PyFrozenSet,
  PyObject,
  PyStr,
  PyTuple,
  PyValue,
} from './python-types.ts';
export { saveValue } from './save-value.ts';
