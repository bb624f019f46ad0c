/*
 * What `lsof -F` prints (macOS): one field a line, named by its first letter. `p` begins a process, `f` a file of it.
 */

/** One process with its files. */
export interface LsofProcess {
  readonly pid: number;
  readonly cwd: string;
  readonly openFiles: readonly string[];
  readonly connections: readonly string[];
}

/** Arguments for the processes that listen at a port, and for all files of some processes. */
export const LSOF_LISTENERS = (port: number): string[] => ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'];
export const LSOF_FILES = (pids: readonly number[]): string[] => ['-nP', '-p', pids.join(','), '-FpftnT'];

/** The ids of the processes in what `lsof` printed. */
export const lsofPids = (text: string): number[] => [
  ...new Set([...text.matchAll(/^p(\d+)$/gm)].map(([, pid]) => Number(pid))),
];

/** The processes with their working directory, open files and remote ends. What cannot be read is left out. */
export function parseLsof(text: string): LsofProcess[] {
  const found: { pid: number; cwd: string; openFiles: string[]; connections: string[] }[] = [];
  let [file, type] = ['', ''];
  for (const line of text.split(/\r?\n/)) {
    const [field, value] = [line.slice(0, 1), line.slice(1)];
    if (field === 'p') found.push({ pid: Number(value), cwd: '/', openFiles: [], connections: [] });
    const process = found.at(-1);
    if (process === undefined) continue;
    if (field === 'f') [file, type] = [value, ''];
    if (field === 't') type = value;
    if (field !== 'n') continue;
    if (file === 'cwd') process.cwd = value;
    else if (type === 'REG' && /^\d/.test(file) && !process.openFiles.includes(value)) process.openFiles.push(value);
    else if (/^IPv[46]$/.test(type)) {
      const remote = /->(.+)$/.exec(value)?.[1];
      if (remote !== undefined && !process.connections.includes(remote)) process.connections.push(remote);
    }
  }
  return found;
}
