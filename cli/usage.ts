import type { Command, CommanderError } from 'commander';
import { parseDuration } from '../core/model/duration.ts';
import { nearest } from '../core/model/nearest.ts';

/*
 * What is said of a command line that is wrong: what is wrong, what was meant, and where it is written down, on one line.
 */

/** The command that the words lead to, as far as they name one. */
function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word);
    if (inner === undefined) break;
    command = inner;
  }
  return command;
}

/** `sessionscope sessions ls`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** Says what is wrong with the command line. */
export function usageLine(error: CommanderError, program: Command, words: readonly string[]): string {
  const [first = '', ...more] = error.message.split('\n');
  const command = commandOf(program, words);
  const quoted = [...first.matchAll(/'([^']*)'/g)].map(([, inner = '']) => inner);
  const meant = /Did you mean .*\?/.exec(more.join(' '))?.[0];
  const listed = `"${nameOf(command)} --help" lists them`;
  const usage = `Usage: ${nameOf(command)} ${command.usage()}`;
  const reason = first.slice(first.indexOf('invalid') + 1).replace(/^[^.]*\. ?/, '');
  switch (error.code) {
    case 'commander.unknownCommand':
      return sentence(`There is no command ${quoted[0]}`, meant, listed);
    case 'commander.unknownOption':
      return sentence(`There is no option ${quoted[0]}`, meant, listed);
    case 'commander.missingArgument': {
      const argument = command.registeredArguments.find((one) => one.name() === quoted[0]);
      const about = argument?.description ? ` (${argument.description})` : '';
      return sentence(`${quoted[0]?.toUpperCase()} is missing${about}`, usage);
    }
    case 'commander.optionMissingArgument':
      return sentence(`The value of ${quoted[0]} is missing`, usage);
    case 'commander.excessArguments':
      return sentence(`There are too many words: ${first.replace(/^[^:]*:[^:]*: /, '').replace(/\.$/, '')}`, usage);
    case 'commander.invalidArgument': {
      const isOption = first.includes('option ');
      const [what = '', value = ''] = isOption ? quoted : [quoted[1]?.toUpperCase(), quoted[0]];
      return sentence(`${what} cannot be ${JSON.stringify(value)}: ${reason.replace(/\.$/, '')}`);
    }
    default:
      return first.replace(/^error: /, '');
  }
}

/** What is wrong with the words behind `help`; undefined when they name a command. */
export function unknownHelp(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const word of words) {
    if (word.startsWith('-')) continue;
    const inner = command.commands.find((one) => one.name() === word);
    if (inner === undefined) {
      const known = nearest(
        word,
        command.commands.map((one) => one.name()),
      );
      const meant = known === undefined ? undefined : `Did you mean ${known}?`;
      return sentence(`There is no command ${word}`, meant, `"${nameOf(command)} --help" lists them`);
    }
    command = inner;
  }
  return undefined;
}

/** The `-1h` of `sessions age` looks like options to the parser; as seconds it is the number that it means. */
export function withPlainSpans(words: readonly string[]): string[] {
  if (words[0] !== 'sessions' || words[1] !== 'age') return [...words];
  return words.map((word) => {
    const seconds = /^-\d/.test(word) ? parseDuration(word.slice(1)) : undefined;
    return seconds === undefined ? word : `-${seconds}`;
  });
}

function sentence(what: string, ...more: readonly (string | undefined)[]): string {
  return [what, ...more]
    .filter((part) => part !== undefined && part !== '')
    .map((part, at, all) => (at < all.length - 1 && !/[.?]$/.test(part ?? '') ? `${part}.` : part))
    .join(' ');
}
