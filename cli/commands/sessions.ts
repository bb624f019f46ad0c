import type { Command } from 'commander';
import type { ListOptions } from '../listing.ts';
import { addListOptions, dataFolder, STORE_FORMS, signedSpan } from '../options.ts';
import type { SessionsOptions } from '../run/sessions.ts';

/** `sessionscope sessions ls|show|set|age|rm`: the records of a store. Reading never counts as use. */
export function registerSessions(program: Command): void {
  const data = ['--data <folder>', 'folder for the log that an undo needs', dataFolder()] as const;
  const sessions = program.command('sessions').description('looks at and changes the sessions of a store');
  const command = (words: string, description: string) =>
    sessions
      .command(words)
      .description(description)
      .argument('<store>', STORE_FORMS)
      .argument('<id>', 'the id of the session, as "sessions ls" shows it')
      .option('--json', 'print one JSON document');

  const ls = sessions.command('ls').description('lists the sessions of a store').argument('<store>', STORE_FORMS);
  addListOptions(ls, ['id', 'used', 'ends', 'bytes', 'value']).action(
    async (url: string, options: SessionsOptions & ListOptions) => {
      const { listSessions } = await import('../run/sessions-list.ts');
      process.exitCode = await listSessions(url, options);
    },
  );
  command('show', 'shows one session, decoded')
    .option('--plain', 'print plain JSON, for jq')
    .action(async (url: string, id: string, options: SessionsOptions) => {
      const { showSession } = await import('../run/sessions.ts');
      process.exitCode = await showSession(url, id, options);
    });
  command('set', 'changes one value')
    .argument('<path>', 'the place, like cart[0].price')
    .argument('<value>', 'JSON or typed JSON: 3, "text", {"a": 1}')
    .option('--dry-run', 'only show the difference')
    .option(...data)
    .action(async (url: string, id: string, path: string, value: string, options: SessionsOptions) => {
      const { setInSession } = await import('../run/sessions.ts');
      process.exitCode = await setInSession(url, id, path, value, options);
    });
  command('age', 'moves the last use or the end, whichever the application compares, back by so long')
    .argument('<span>', 'seconds, or a span such as 90s, 25h, 1h30min, 2d; -1h moves it forward', signedSpan)
    .option('--dry-run', 'only show the new time')
    .option(...data)
    .action(async (url: string, id: string, seconds: number, options: SessionsOptions) => {
      const { ageSession } = await import('../run/sessions.ts');
      process.exitCode = await ageSession(url, id, seconds, options);
    });
  command('rm', 'removes a session')
    .option('--dry-run', 'only show what would be removed')
    .option(...data)
    .action(async (url: string, id: string, options: SessionsOptions) => {
      const { removeSession } = await import('../run/sessions.ts');
      process.exitCode = await removeSession(url, id, options);
    });
}
