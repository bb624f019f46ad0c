/** Live values of a session: what a handler works with, and the way from and to typed values (the codecs' notation). */
export { loadValue } from './load-value.ts';
export { isPyDict, type PyDict, pyDict } from './python-dict.ts';
export {
  PyFloat,
  PyObject,
  PyTuple,
  PyValue,
} from './python-types.ts';
export { saveValue } from './save-value.ts';
