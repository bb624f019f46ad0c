import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { createEngine } from '../../core/engine/engine.ts';
import { noteLines, print } from '../output.ts';
import type { CommandSurroundings } from '../program.ts';
import { serveWeb } from '../web/server.ts';

/** `sessionscope serve [--port N] [--proxy-port N] [--workspace FILE]`: web mode. */
export function registerServe(program: Command, around: Required<CommandSurroundings>): void {
  program
    .command('serve')
    .description('runs the debugger in a browser tab: the same engine, without Electron')
    .option('--port <number>', 'port of the page (a free one is taken when it is in use)', port, 8641)
    .option('--proxy-port <number>', 'port of the proxy (a free one is taken when it is in use)', port, 8640)
    .option('--workspace <file>', 'the workspace to work in')
    .option('--data <folder>', 'folder for workspace, certificate and browser profiles', dataFolder())
    .action(async (options: { port: number; proxyPort: number; workspace?: string; data: string }) => {
      const log = noteLines;
      const engine = await createEngine({
        mode: 'web',
        env: process.env,
        agents: 'window',
        version: around.version,
        dataFolder: options.data,
        proxyPort: options.proxyPort,
        ...(options.workspace === undefined ? {} : { workspaceFile: options.workspace }),
        onFailure: around.guard.onFailure,
        log,
      });
      const server = await serveWeb({ engine, folder: around.pageFolder, port: options.port, log });
      print(`Sessionscope: ${server.address}`);
      const { proxy } = await engine.handlers['app.info']({});
      print(`Proxy: ${proxy.host}:${proxy.port}`);
      await new Promise<void>((stop) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
      });
      await server.close();
      await engine.close();
    });
}

/** The folder that the desktop app uses too, by the customs of each system. */
export function dataFolder(): string {
  const home = os.homedir();
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Sessionscope');
  if (process.platform === 'win32') return path.join(process.env['APPDATA'] ?? home, 'Sessionscope');
  return path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'Sessionscope');
}

export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  }
  return value;
}
