import type { PickleNode } from './node.ts';
import * as K from './node.ts';

/**
 * Modules of the standard library whose classes are called with one argument without being enumerations. An enum
 * member is pickled as a call of its class with its value, so a one-argument call of any other class is taken for one.
 */
const NOT_ENUMS = new Set(
  (
    'builtins exceptions pathlib ipaddress decimal fractions uuid datetime collections array types functools operator ' +
    '_operator itertools os posix nt subprocess sys importlib codecs _codecs io _io zoneinfo copyreg tempfile shutil ' +
    'ctypes weakref random threading runpy pty platform webbrowser re urllib email xml json pickle _pickle time ' +
    'numpy pandas web timeit pdb code bdb cProfile profile trace asyncio multiprocessing socketserver smtplib ftplib'
  ).split(' '),
);

/** Whether a described call looks like a member of an enumeration: `Class(value)` with one plain value, nothing else. */
export function isEnumCall(node: PickleNode): boolean {
  const { func, args, states, list, dict } = node.more ?? {};
  if (func?.kind !== K.GLOBAL || args?.kind !== K.TUPLE || args.items?.length !== 1) return false;
  if (states !== undefined || list !== undefined || dict !== undefined) return false;
  const module = func.more?.module ?? '';
  const name = (func.more?.name ?? '').split('.').at(-1) ?? '';
  if (NOT_ENUMS.has(module.split('.')[0] as string) || !/^[A-Z]/.test(name)) return false;
  if (/(Error|Exception|Warning|Popen)$/.test(name)) return false;
  const [value] = args.items;
  return value !== undefined && value.kind <= K.BYTES;
}
