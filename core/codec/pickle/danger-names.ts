/**
 * Names that give code control over the machine or over the interpreter when they are called. The list only raises the
 * severity and says why; a call of any other name that is not well known is reported as well.
 */
const MODULES: Readonly<Record<string, string>> = {
  'runs programs or changes files':
    'os posix nt subprocess _posixsubprocess commands popen2 pty shutil platform webbrowser',
  'runs code':
    'code codeop pdb bdb timeit trace cProfile profile runpy doctest unittest ensurepip pip venv distutils setuptools',
  'loads modules': 'importlib imp pkgutil zipimport pydoc sys',
  'loads machine code': 'ctypes _ctypes cffi mmap',
  'decodes another pickle or code object': 'pickle _pickle cPickle marshal shelve dill cloudpickle joblib',
  'opens network connections': 'socket _socket ssl urllib http ftplib smtplib telnetlib socketserver xmlrpc asyncio',
  'starts threads or processes': 'threading _thread multiprocessing signal concurrent',
  'reads or writes files': 'io _io tempfile fileinput linecache glob sqlite3 zipfile tarfile logging',
  'calls or changes other objects':
    'operator _operator functools _functools types inspect gc weakref itertools _codecs codecs',
};

const BUILTINS: Readonly<Record<string, string>> = {
  'runs code': 'eval exec compile execfile breakpoint',
  'loads modules': '__import__ reload',
  'reads or writes files': 'open file input raw_input',
  'reaches any attribute of any object': 'getattr setattr delattr hasattr globals locals vars dir type super',
  'calls other functions':
    'map filter apply sorted min max sum any all iter next reduce property classmethod staticmethod',
  'can ask for any amount of memory': 'bytearray bytes list tuple range memoryview',
};

const byModule = new Map<string, string>();
for (const [reason, names] of Object.entries(MODULES)) for (const name of names.split(' ')) byModule.set(name, reason);
const byBuiltin = new Map<string, string>();
for (const [reason, names] of Object.entries(BUILTINS))
  for (const name of names.split(' ')) byBuiltin.set(name, reason);

/** Why a name is dangerous when called; undefined when nothing is known about it. */
export function dangerOfName(module: string, name: string): string | undefined {
  if (module === 'builtins') {
    const first = name.split('.')[0] as string;
    if (first !== name && !/^[A-Z]/.test(first)) return byBuiltin.get(first) ?? 'reaches an attribute of a built-in';
    return byBuiltin.get(name);
  }
  return byModule.get(module) ?? byModule.get(module.split('.')[0] as string) ?? walks(name);
}

/** A dotted name of protocol 4 that is no nested class walks from object to object, out of any module. */
function walks(name: string): string | undefined {
  const parts = name.split('.');
  if (parts.length === 1) return undefined;
  const nested = parts.slice(0, -1).every((part) => /^[A-Z]\w*$/.test(part)) && !/^_/.test(parts.at(-1) as string);
  return nested ? undefined : 'walks through attributes to something that is not named directly';
}
