import { Command, CommanderError } from 'commander';
import type { LastGuard } from '../core/engine/last-guard.ts';
import { complain, note } from './output.ts';
import { unknownHelp, usageLine, withPlainSpans } from './usage.ts';

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

type Register = (program: Command, around: Required<CommandSurroundings>) => void;

/**
 * The commands. Each is loaded when it is called: `decode` alone would wait half of its time for the engine, the proxy and
 * the lab otherwise.
 */
const MODULES: Readonly<Record<string, () => Promise<Register>>> = {
  decode: async () => (await import('./commands/decode.ts')).registerDecode,
  edit: async () => (await import('./commands/edit.ts')).registerEdit,
  token: async () => (await import('./commands/token.ts')).registerToken,
  sessions: async () => (await import('./commands/sessions.ts')).registerSessions,
  stores: async () => (await import('./commands/stores.ts')).registerStores,
  undo: async () => (await import('./commands/undo.ts')).registerUndo,
  lab: async () => (await import('./commands/lab.ts')).registerLab,
  practice: async () => (await import('./commands/practice.ts')).registerPractice,
  serve: async () => (await import('./commands/serve.ts')).registerServe,
  proxy: async () => (await import('./commands/proxy.ts')).registerProxy,
  mcp: async () => (await import('./commands/mcp.ts')).registerMcp,
  why: async () => (await import('./commands/why.ts')).registerWhy,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  completion: async () => (await import('./commands/completion.ts')).registerCompletion,
};

/** Names of the commands: the desktop app looks whether it was called with one. */
export const COMMANDS: readonly string[] = [...Object.keys(MODULES), 'help'];

/** Exit status: 0 done, 1 the answer is "no", 2 wrong use or unreadable input. */
export async function runCommand(
  words: readonly string[],
  { version, pageFolder, guard = NO_GUARD }: CommandSurroundings,
): Promise<number> {
  const program = await programOf(wanted(words), { version, pageFolder, guard });
  // Of an earlier command in this process.
  process.exitCode = undefined;
  for (const command of everyCommand(program)) command.exitOverride().configureOutput({ outputError: () => {} });
  try {
    const unknown = words[0] === 'help' ? unknownHelp(program, words.slice(1)) : undefined;
    if (unknown !== undefined) return wrongUse(unknown);
    await program.parseAsync(withPlainSpans(words), { from: 'user' });
    return Math.max(Number(process.exitCode ?? 0), guard.failures > 0 ? 2 : 0);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return error.code === 'commander.help' ? 2 : wrongUse(usageLine(error, program, words));
    }
    complain(error);
    return 2;
  }
}

function wrongUse(line: string): number {
  note(`sessionscope: ${line}`);
  return 2;
}

/** Every command with its options, for documents and tests. Nothing is carried out. */
export async function commandTree({ version, pageFolder, guard = NO_GUARD }: CommandSurroundings): Promise<Command> {
  return programOf(Object.values(MODULES), { version, pageFolder, guard });
}

async function programOf(
  modules: readonly (() => Promise<Register>)[],
  around: Required<CommandSurroundings>,
): Promise<Command> {
  const program = new Command('sessionscope')
    .description('A debugger for web sessions: cookie, requests, server record and decoded data as one object')
    .version(around.version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  for (const register of await Promise.all(modules.map((load) => load()))) register(program, around);
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** The command that is called; all of them where their list is shown; none for the version. */
function wanted(words: readonly string[]): readonly (() => Promise<Register>)[] {
  const [first = ''] = words;
  const named = Object.hasOwn(MODULES, first) ? MODULES[first] : undefined;
  if (named !== undefined) return [named];
  return words.length === 1 && /^(-V|--version)$/.test(first) ? [] : Object.values(MODULES);
}
