import { type Command, Option } from 'commander';
import { PROFILES } from '../../core/frameworks/webpy/session/profiles.ts';
import { port } from '../options.ts';
import type { PracticeOptions } from '../run/practice.ts';

/** `sessionscope practice [--port N] [--store STORE] [--profile 0.62]`: the practice site alone. */
export function registerPractice(program: Command): void {
  program
    .command('practice')
    .description("runs web.py's count and reset tutorial, with a login, on Sessionscope's own session core")
    .option('--port <number>', 'port of the site; 0 for any free one', port, 8080)
    .option('--store <url>', 'where the sessions are kept: disk:PATH, sqlite:PATH, …', 'disk:sessions')
    .addOption(
      new Option('--profile <version>', 'the version of web.py whose ways are followed')
        .choices(Object.keys(PROFILES))
        .default('0.62'),
    )
    .action(async (options: PracticeOptions) => {
      const { practiceCommand } = await import('../run/practice.ts');
      await practiceCommand(options);
    });
}
