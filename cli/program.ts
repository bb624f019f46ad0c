import { Command, CommanderError } from 'commander';
import type { LastGuard } from '../core/engine/last-guard.ts';
import { registerDecode } from './commands/decode.ts';
import { registerEdit } from './commands/edit.ts';
import { registerLab } from './commands/lab.ts';
import { registerPractice } from './commands/practice.ts';
import { registerProxy } from './commands/proxy.ts';
import { registerServe } from './commands/serve.ts';
import { registerSessions } from './commands/sessions.ts';
import { registerToken } from './commands/token.ts';
import { registerUndo } from './commands/undo.ts';
import { registerWhy } from './commands/why.ts';
import { complain } from './output.ts';

/** Names of the commands: the desktop app looks whether it was called with one. */
export const COMMANDS: readonly string[] = [
  'decode',
  'edit',
  'token',
  'sessions',
  'undo',
  'lab',
  'practice',
  'serve',
  'proxy',
  'why',
  'help',
];

export interface CommandSurroundings {
  readonly version: string;
  /** Folder of the built window, for web mode. */
  readonly pageFolder: string;
  /**
   * Of the process. A command goes on after a failure inside, and its exit status says that there was one. Absent where
   * the program that calls the command handles what fails outside of it.
   */
  readonly guard?: Pick<LastGuard, 'failures' | 'onFailure'>;
}

/** For callers without a guard: nothing is counted. */
const NO_GUARD: Pick<LastGuard, 'failures' | 'onFailure'> = { failures: 0, onFailure: () => () => {} };

/** Exit status: 0 done, 1 the answer is "no", 2 wrong use or unreadable input. */
export async function runCommand(
  words: readonly string[],
  { version, pageFolder, guard = NO_GUARD }: CommandSurroundings,
): Promise<number> {
  const program = new Command('sessionscope')
    .description('A debugger for web sessions: cookie, requests, server record and decoded data as one object')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  registerDecode(program);
  registerEdit(program);
  registerToken(program);
  registerSessions(program);
  registerUndo(program);
  registerLab(program);
  registerPractice(program);
  registerServe(program, { version, pageFolder, guard });
  registerProxy(program);
  registerWhy(program);
  for (const command of everyCommand(program)) command.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
    return Math.max(Number(process.exitCode ?? 0), guard.failures > 0 ? 2 : 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    complain(error);
    return 2;
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
