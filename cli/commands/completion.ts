import { type Command, InvalidArgumentError } from 'commander';
import type { CommandSurroundings } from '../program.ts';
import type { Shell } from '../run/completion.ts';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** How each shell takes the script. */
const SETUP = [
  'bash:  source <(sessionscope completion bash)',
  'zsh:   sessionscope completion zsh > "$' + '{fpath[1]}/_sessionscope"',
  'fish:  sessionscope completion fish > ~/.config/fish/completions/sessionscope.fish',
];

/** `sessionscope completion SHELL`: a script that completes commands and options. */
export function registerCompletion(program: Command, around: Required<CommandSurroundings>): void {
  program
    .command('completion')
    .description('prints a script that completes commands and options in bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish', shell)
    .addHelpText('after', `\n${SETUP.join('\n')}`)
    .action(async (wanted: Shell) => {
      const { completionCommand } = await import('../run/completion.ts');
      await completionCommand(wanted, around);
    });
}

function shell(text: string): Shell {
  const found = SHELLS.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`it is one of ${SHELLS.join(', ')}`);
  return found;
}
