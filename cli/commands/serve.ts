import type { Command } from 'commander';
import { dataFolder, port } from '../options.ts';
import type { CommandSurroundings } from '../program.ts';
import type { ServeOptions } from '../run/serve.ts';

/** `sessionscope serve [--port N] [--proxy-port N] [--workspace FILE]`: web mode. */
export function registerServe(program: Command, around: Required<CommandSurroundings>): void {
  program
    .command('serve')
    .description('runs the debugger in a browser tab: the same engine, without Electron')
    .option('--port <number>', 'port of the page (a free one is taken when it is in use)', port, 8641)
    .option('--proxy-port <number>', 'port of the proxy (a free one is taken when it is in use)', port, 8640)
    .option('--workspace <file>', 'the workspace to work in')
    .option('--data <folder>', 'folder for workspace, certificate and browser profiles', dataFolder())
    .action(async (options: ServeOptions) => {
      const { serveCommand } = await import('../run/serve.ts');
      await serveCommand(options, around);
    });
}
