/* What Windows' own tools print: `netstat -ano`, and PowerShell's Win32_Process as JSON. */

/** The processes that listen at a port. The word for the state is translated, so a remote port 0 is looked at instead. */
export function netstatListeners(text: string, port: number): number[] {
  return [...new Set(lines(text).flatMap((one) => (one.localPort === port && one.remotePort === 0 ? [one.pid] : [])))];
}

/** The remote ends of a process's connections. */
export function netstatConnections(text: string, pid: number): string[] {
  const own = lines(text).filter((one) => one.pid === pid && one.remotePort !== 0);
  return [...new Set(own.map(({ remote, remotePort }) => `${remote}:${remotePort}`))];
}

function lines(text: string) {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*TCP\s+(\S+):(\d+)\s+(\S+):(\d+)\s+(?:\D.*?\s)?(\d+)\s*$/.exec(line);
    if (match === null) return [];
    const [, , localPort, remote = '', remotePort, pid] = match;
    return { localPort: Number(localPort), remote, remotePort: Number(remotePort), pid: Number(pid) };
  });
}

/** The command that prints command line and program of a process as JSON, in UTF-8. */
export const POWERSHELL_PROCESS = (pid: number): string =>
  `[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-CimInstance Win32_Process -Filter "ProcessId=${pid}" | Select-Object ProcessId,CommandLine,ExecutablePath | ConvertTo-Json -Compress`;

/** Command line and folder of the program; undefined where nothing was printed (the process is another user's). */
export function parseWindowsProcess(text: string): { readonly argv: string[]; readonly folder: string } | undefined {
  try {
    const { CommandLine, ExecutablePath } = JSON.parse(text) as { CommandLine?: string; ExecutablePath?: string };
    if (typeof CommandLine !== 'string') return undefined;
    return { argv: splitCommandLine(CommandLine), folder: String(ExecutablePath ?? '').replace(/\\[^\\]*$/, '') };
  } catch {
    return undefined;
  }
}

/** By the rules of CommandLineToArgvW, without those for doubled quotes. */
export function splitCommandLine(text: string): string[] {
  const words: string[] = [];
  for (const [whole] of text.matchAll(/(?:[^\s"]|"(?:\\"|[^"])*(?:"|$))+/g)) {
    words.push(whole.replace(/\\"/g, '\0').replace(/"/g, '').replaceAll('\0', '"'));
  }
  return words;
}
