import type { Command } from 'commander';
import { collected, dataFolder, port } from '../options.ts';
import type { ProxyOptions } from '../run/proxy.ts';

/** `sessionscope proxy [--port N] [--har FILE]`: captures without a window until it is told to stop (Ctrl+C). */
export function registerProxy(program: Command): void {
  program
    .command('proxy')
    .description('captures without a window: prints flows and the sessions found in them, until Ctrl+C')
    .option('--port <number>', 'port of the proxy (a free one is taken when it is in use)', port, 8640)
    .option('--har <file>', 'writes all flows as HAR 1.2; complete when the command ends')
    .option('--with-secrets', 'leaves cookies, credentials and passwords readable in HAR and output')
    .option(
      '--upstream <proxy>',
      'goes through another proxy: http://, https://, socks5://, pac+http://…/proxy.pac, or direct (default: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say)',
    )
    .option('--ca <file>', 'trusts the authority in a PEM file for the applications; may be repeated', collected, [])
    .option(
      '--insecure-host <host>',
      'accepts any certificate of a host (name, *.name or name:port); may be repeated',
      collected,
      [],
    )
    .option(
      '--allow-local <site>',
      'lets pages of a site on the public web reach loopback and private addresses; may be repeated',
      collected,
      [],
    )
    .option('--json', 'prints one JSON document at the end, with the sessions found')
    .option('--data <folder>', 'folder of the certificate authority', dataFolder())
    .action(async (options: ProxyOptions) => {
      const { proxyCommand } = await import('../run/proxy.ts');
      await proxyCommand(options, program.version() ?? '');
    });
}
