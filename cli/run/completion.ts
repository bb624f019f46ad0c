import type { Command } from 'commander';
import { printLines } from '../output.ts';
import { type CommandSurroundings, commandTree } from '../program.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Prints the script for a shell. */
export async function completionCommand(wanted: Shell, around: Required<CommandSurroundings>): Promise<void> {
  printLines(completionScript(await commandTree(around), wanted));
}

/** The script with which a shell completes these commands and their options. */
export function completionScript(program: Command, shell: Shell): string {
  return { bash, zsh, fish }[shell](wordsOf(program));
}

interface Word {
  readonly word: string;
  readonly about: string;
}

/** What can follow each command; the program itself is the empty path. */
interface Level {
  /** `sessions ls`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

/** Every command with what can follow it, as the commands declare it. */
export function wordsOf(root: Command): Level[] {
  const levels: Level[] = [];
  const walk = (command: Command, path: string): void => {
    const commands = command.commands.map((one) => ({ word: one.name(), about: one.description() }));
    const options = command.options.flatMap(({ long, description }) =>
      long == null ? [] : [{ word: long, about: description }],
    );
    levels.push({ path, commands, options: [...options, { word: '--help', about: 'display help for command' }] });
    for (const one of command.commands) walk(one, `${path} ${one.name()}`.trim());
  };
  walk(root, '');
  return levels;
}

function bash(levels: readonly Level[]): string {
  const cases = levels.map(({ path, commands, options }) => {
    const words = [...commands, ...options].map(({ word }) => word).join(' ');
    const files = commands.length === 0 ? ' files=yes' : '';
    return `    '${path}') offers='${words}'${files} ;;`;
  });
  return `# bash completion for sessionscope
_sessionscope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place='' word offers='' files=no
  local i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
${walk(levels, cases)}
  COMPREPLY=($(compgen -W "$offers" -- "$current"))
  if [[ "$current" != -* && "$files" == yes ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _sessionscope sessionscope`;
}

/** The end of a loop over the words, which goes one command deeper where a word is one, and what can follow then. */
function walk(levels: readonly Level[], cases: readonly string[]): string {
  const deeper = levels
    .filter(({ commands }) => commands.length > 0)
    .map(({ path, commands }) => {
      const names = commands.map(({ word }) => word).join('|');
      const next = path === '' ? '"$word"' : `"${path} $word"`;
      return `      '${path}') case "$word" in ${names}) place=${next} ;; esac ;;`;
    });
  const lines = ['    case "$place" in', ...deeper, '    esac', '  done', '  case "$place" in', ...cases, '  esac'];
  return lines.join('\n');
}

function zsh(levels: readonly Level[]): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''").replaceAll(':', '\\:').replace(/[[\]]/g, '\\$&');
  const cases = levels.map(({ path, commands, options }) => {
    const words = [...commands, ...options].map(({ word, about }) => `'${quoted(word)}:${quoted(firstLine(about))}'`);
    return `    '${path}') offers=(${words.join(' ')}) ;;`;
  });
  return `#compdef sessionscope
_sessionscope() {
  local place='' word i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
${walk(levels, cases)}
  _describe 'sessionscope' offers || _files
}
_sessionscope "$@"`;
}

function fish(levels: readonly Level[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = levels.flatMap(({ path, commands, options }) => {
    const seen = path
      .split(' ')
      .filter(Boolean)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const deeper = commands.map(({ word }) => word).join(' ');
    const here = path === '' ? ['__fish_use_subcommand'] : seen;
    const when = [...here, ...(deeper === '' || path === '' ? [] : [`not __fish_seen_subcommand_from ${deeper}`])].join(
      '; and ',
    );
    return [
      ...commands.map(
        ({ word, about }) => `complete -c sessionscope -f -n ${quoted(when)} -a ${word} -d ${quoted(firstLine(about))}`,
      ),
      ...options.map(
        ({ word, about }) =>
          `complete -c sessionscope -n ${quoted(when)} -l ${word.slice(2)} -d ${quoted(firstLine(about))}`,
      ),
    ];
  });
  return ['# fish completion for sessionscope', ...lines].join('\n');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
