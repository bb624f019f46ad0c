import type { Command, Option } from 'commander';

/** The manual page `sessionscope(1)`. */
export function manualPage(program: Command): string {
  const out = [
    `.TH SESSIONSCOPE 1 "" "Sessionscope ${program.version() ?? ''}"`,
    '.SH NAME',
    'sessionscope \\- a debugger for web sessions',
    '.SH SYNOPSIS',
    '.B sessionscope',
    '[\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]]',
    '.SH DESCRIPTION',
    roff(`${program.description()}.`),
    'Without a command the window opens. Commands need no display.',
    '.SH COMMANDS',
  ];
  for (const command of everyCommand(program).slice(1)) {
    if (command.commands.length > 0) continue;
    out.push('.SS', `${roff(wordsOf(command).join(' '))} ${roff(command.usage())}`, roff(command.description()));
    for (const argument of command.registeredArguments) {
      if (argument.description) out.push('.TP', `.I ${roff(argument.name())}`, roff(argument.description));
    }
    for (const option of visibleOptions(command)) out.push('.TP', `.B ${roff(option.flags)}`, roff(option.description));
  }
  out.push(
    '.SH EXIT STATUS',
    '0: done. 1: the answer is "no". 2: wrong use or unreadable input. 130, 143: ended by Ctrl\\-C or a signal. 141: the',
    'reader of the output has gone.',
    '.SH ENVIRONMENT',
    '.TP',
    '.B NO_COLOR',
    'Set to anything: output has no colours. Without it, output to a terminal has them.',
    '.TP',
    '.B FORCE_COLOR',
    'Output has colours, in a pipe as well and whatever NO_COLOR says; 0 turns them off.',
    '.TP',
    '.B XDG_CONFIG_HOME',
    'On Linux, the folder that has the data folder (Sessionscope) in it, where \\-\\-data names no other one; ~/.config without it.',
    '.TP',
    '.B HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY',
    'Where requests to applications leave, unless a setting or \\-\\-upstream says otherwise.',
  );
  return lines(...out);
}

const visibleOptions = (command: Command): Option[] => command.options.filter((option) => !option.hidden);

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Names from the command down, without the program's. */
function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

/** Text as troff shows it. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`;
