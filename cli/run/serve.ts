import { createEngine } from '../../core/engine/engine.ts';
import { noteLines, print } from '../output.ts';
import type { CommandSurroundings } from '../program.ts';
import { serveWeb } from '../web/server.ts';

export interface ServeOptions {
  readonly port: number;
  readonly proxyPort: number;
  readonly workspace?: string;
  readonly data: string;
}

/** Serves the page until it is told to stop. */
export async function serveCommand(options: ServeOptions, around: Required<CommandSurroundings>): Promise<void> {
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
}
