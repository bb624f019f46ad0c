import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import path from 'node:path';
import type { ProcessSource, RawProcess } from './process-source.ts';

const LISTENS = '0A';
const CONNECTED = '01';

/** One line of `/proc/net/tcp`. */
export interface Socket {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly state: string;
  readonly inode: string;
}

/** Linux says it in `/proc`, of every process that the user may look at. */
export const linuxProcesses = (proc = '/proc'): ProcessSource => ({
  async listeners(port) {
    const wanted = new Set<string>();
    for (const socket of await socketsOf(path.join(proc, 'net'))) {
      if (socket.state === LISTENS && socket.localPort === port) wanted.add(socket.inode);
    }
    if (wanted.size === 0) return [];
    const found: RawProcess[] = [];
    for (const name of await readdir(proc)) {
      if (!/^\d+$/.test(name)) continue;
      const targets = await targetsOf(path.join(proc, name, 'fd'));
      if (!targets.some((target) => wanted.has(inodeOf(target) ?? ''))) continue;
      const facts = await factsOf(proc, Number(name), targets);
      if (facts !== undefined) found.push(facts);
    }
    return Promise.all(found.map(async (one) => ({ ...one, servers: await serversOf(proc, one.connections) })));
  },
});

/** The programs of this computer at the other ends of connections, as far as the user may see them. */
async function serversOf(proc: string, connections: readonly string[]): Promise<Record<string, string>> {
  const local = connections.filter((end) => /^(127\.|\[::1\])/.test(end));
  const ends = new Map<string, string[]>();
  for (const { state, localPort, inode } of local.length === 0 ? [] : await socketsOf(path.join(proc, 'net'))) {
    const reached = local.filter((end) => end.endsWith(`:${localPort}`));
    if (state === LISTENS && reached.length > 0) ends.set(inode, reached);
  }
  const servers: Record<string, string> = {};
  for (const name of ends.size === 0 ? [] : await readdir(proc)) {
    if (!/^\d+$/.test(name)) continue;
    const reached = (await targetsOf(path.join(proc, name, 'fd'))).flatMap((one) => ends.get(inodeOf(one) ?? '') ?? []);
    if (reached.length === 0) continue;
    const program = await readFile(path.join(proc, name, 'comm'), 'utf8').catch(() => '');
    for (const end of reached) servers[end] = program.trim();
  }
  return servers;
}

async function factsOf(proc: string, pid: number, targets: readonly string[]): Promise<RawProcess | undefined> {
  const folder = path.join(proc, String(pid));
  try {
    const [cwd, argv, env, sockets] = await Promise.all([
      readlink(path.join(folder, 'cwd')),
      readFile(path.join(folder, 'cmdline'), 'utf8'),
      readFile(path.join(folder, 'environ'), 'utf8'),
      socketsOf(path.join(folder, 'net')),
    ]);
    const own = new Set(targets.flatMap((target) => inodeOf(target) ?? []));
    const connected = sockets.filter(({ state, inode }) => state === CONNECTED && own.has(inode));
    return {
      pid,
      cwd,
      argv: argv.split('\0').slice(0, -1),
      env: environment(env.split('\0')),
      openFiles: [
        ...new Set(targets.filter((target) => target.startsWith('/') && !/^\/(dev|proc|sys)\//.test(target))),
      ],
      connections: [...new Set(connected.map(({ remote, remotePort }) => hostPort(remote, remotePort)))],
    };
  } catch {
    // It has ended, or it is another user's.
    return undefined;
  }
}

/** `NAME=value` lines as a record. */
export function environment(lines: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at > 0) env[line.slice(0, at)] = line.slice(at + 1);
  }
  return env;
}

/** `127.0.0.1:6379`, `[::1]:6379`. */
const hostPort = (host: string, port: number): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

const inodeOf = (target: string): string | undefined => /^socket:\[(\d+)\]$/.exec(target)?.[1];

async function targetsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(path.join(folder, name)).catch(() => '')));
  return targets.filter((target) => target !== '');
}

async function socketsOf(folder: string): Promise<Socket[]> {
  const texts = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(path.join(folder, name), 'latin1').catch(() => '')),
  );
  return texts.flatMap(parseSockets);
}

/** The lines of `/proc/net/tcp` or `tcp6`. What cannot be read is left out. */
export function parseSockets(text: string): Socket[] {
  return text.split('\n').flatMap((line) => {
    const match =
      /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2})(?:\s+\S+){5}\s+(\d+)/.exec(line);
    if (match === null) return [];
    const [, local = '', localPort = '', remote = '', remotePort = '', state = '', inode = ''] = match;
    return {
      local: address(local),
      localPort: Number.parseInt(localPort, 16),
      remote: address(remote),
      remotePort: Number.parseInt(remotePort, 16),
      state,
      inode,
    };
  });
}

/** The kernel writes addresses as words of 32 bits in the byte order of the machine, little-endian on all that we run on. */
function address(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff) {
    return bytes.subarray(12).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return groups.join(':').replace(/^0:0:0:0:0:0:0:/, '::');
}
