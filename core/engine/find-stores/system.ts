import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseDockerInspect } from './docker.ts';
import { linuxProcesses } from './linux.ts';
import { LSOF_FILES, LSOF_LISTENERS, lsofPids, parseLsof } from './lsof.ts';
import type { ProcessSource, RawProcess } from './process-source.ts';
import { netstatConnections, netstatListeners, POWERSHELL_PROCESS, parseWindowsProcess } from './windows.ts';

/** Runs a program of the system and gives what it printed; empty when it is not there or fails. */
export type RunTool = (file: string, words: readonly string[]) => Promise<string>;

const runTool: RunTool = async (file, words) => {
  try {
    const options = { timeout: 10_000, maxBuffer: 16 << 20, windowsHide: true } as const;
    return (await promisify(execFile)(file, [...words], options)).stdout;
  } catch (error) {
    // `lsof` and `docker` end with 1 although they printed what they know.
    return String((error as { stdout?: unknown }).stdout ?? '');
  }
};

/** The processes of this computer, and of its containers where Docker has published the port. */
export function systemProcesses(platform: NodeJS.Platform = process.platform, run: RunTool = runTool): ProcessSource {
  const own =
    platform === 'darwin' ? macProcesses(run) : platform === 'win32' ? windowsProcesses(run) : linuxProcesses();
  return {
    async listeners(port) {
      const found = await own.listeners(port);
      const programs = found.filter(({ argv }) => !/docker|vpnkit|rootlessport/i.test(argv[0] ?? ''));
      if (programs.length > 0) return programs;
      const ids = (await run('docker', ['ps', '-q', '--no-trunc', '--filter', `publish=${port}`])).match(
        /[0-9a-f]{12,}/g,
      );
      return ids === null ? [] : parseDockerInspect(await run('docker', ['inspect', ...ids]));
    },
  };
}

function macProcesses(run: RunTool): ProcessSource {
  return {
    async listeners(port) {
      const pids = lsofPids(await run('lsof', LSOF_LISTENERS(port)));
      if (pids.length === 0) return [];
      const processes = parseLsof(await run('lsof', LSOF_FILES(pids)));
      const commands = processes.map(async (one): Promise<RawProcess> => {
        const command = await run('ps', ['-ww', '-o', 'command=', '-p', String(one.pid)]);
        // macOS shows the environment of a process to nobody without rights of its own.
        return { ...one, argv: command.trim().split(/\s+/), env: {} };
      });
      return Promise.all(commands);
    },
  };
}

function windowsProcesses(run: RunTool): ProcessSource {
  return {
    async listeners(port) {
      const table = await run('netstat', ['-ano']);
      const found: RawProcess[] = [];
      for (const pid of netstatListeners(table, port)) {
        const told = parseWindowsProcess(await run('powershell', ['-NoProfile', '-Command', POWERSHELL_PROCESS(pid)]));
        if (told === undefined) continue;
        const script = told.argv.slice(1).find((word) => /^[a-z]:\\.*\.\w+$/i.test(word));
        // Windows tells no other process's working directory: that of the script, or of the program, stands for it.
        const cwd = script?.replace(/\\[^\\]*$/, '') ?? told.folder;
        found.push({ pid, cwd, argv: told.argv, env: {}, openFiles: [], connections: netstatConnections(table, pid) });
      }
      return found;
    },
  };
}
