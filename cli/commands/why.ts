import type { Command } from 'commander';
import type { WhyOptions } from '../run/why.ts';

/** `sessionscope why HAR|WORKSPACE [--session S]`: why a session in a recording ended. */
export function registerWhy(program: Command): void {
  program
    .command('why')
    .description('explains why a session ended, from a HAR or a workspace that somebody recorded')
    .argument('<file>', 'a HAR, or a workspace file of Sessionscope; it is only read')
    .option('--session <id>', 'the session by its id or the beginning of it (default: each one that ended)')
    .option(
      '--survive',
      'asks ahead: will it survive a restart of the browser, a deployment, a night, a login redirect, a frame?',
    )
    .option('--json', 'prints one JSON document')
    .action(async (file: string, options: WhyOptions) => {
      const { whyCommand } = await import('../run/why.ts');
      process.exitCode = await whyCommand(file, options, program.version() ?? '');
    });
}
