import { PythonError } from '../../../python/python-error.ts';
import { strRepr } from '../../../python/python-text.ts';
import { errno } from '../../../stores/disk/disk-files.ts';

const CLASSES: Readonly<Record<string, readonly [name: string, number: number, text: string]>> = {
  ENOENT: ['FileNotFoundError', 2, 'No such file or directory'],
  EACCES: ['PermissionError', 13, 'Permission denied'],
  EPERM: ['PermissionError', 1, 'Operation not permitted'],
  EEXIST: ['FileExistsError', 17, 'File exists'],
  ENOTDIR: ['NotADirectoryError', 20, 'Not a directory'],
  EISDIR: ['IsADirectoryError', 21, 'Is a directory'],
  ENOTEMPTY: ['OSError', 39, 'Directory not empty'],
  EROFS: ['OSError', 30, 'Read-only file system'],
  ELOOP: ['OSError', 40, 'Too many levels of symbolic links'],
  ENXIO: ['OSError', 6, 'No such device or address'],
  EIO: ['OSError', 5, 'Input/output error'],
};

/** A failed file call as the exception that Python raises for it; anything else unchanged. */
export function osError(error: unknown, file: string): unknown {
  if (error instanceof PythonError) return error;
  const known = CLASSES[errno(error) ?? ''];
  if (known === undefined) return error;
  const [name, number, text] = known;
  return new PythonError(name, `[Errno ${number}] ${text}: ${strRepr(file)}`, { cause: error });
}
