import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { commandTree } from '../cli/program.ts';
import { FRAMEWORKS } from '../core/frameworks/catalog.ts';
import type { Advice } from '../core/frameworks/framework.ts';

/*
 * Writes what the documents take from the program: docs/commands.md from the command line's definition, and the tables of
 * settings in docs/guides from what each framework declares. node scripts/docs-pages.ts; a test compares.
 */

const docs = path.resolve(import.meta.dirname, '../docs');
const MARK = '<!-- advice -->';

/** Which framework a guide is about, by the name of its file. */
const FRAMEWORK_OF: Readonly<Record<string, string>> = {
  webpy: 'webpy',
  flask: 'flask',
  django: 'django',
  php: 'php',
  laravel: 'laravel',
  rails: 'rails',
  express: 'express-session',
  spring: 'spring',
};

const HEAD = `# Commands

Written from the command line's definition. Exit status 0: done; 1: the answer is "no"; 2: wrong use or unreadable input. In a
checkout the commands begin with \`npm run -s cli --\`. Bash, zsh and fish complete them after \`sessionscope completion SHELL\`.
`;

/** The whole of docs/commands.md. */
export async function commandsPage(): Promise<string> {
  const tree = await commandTree({ version: '', pageFolder: '' });
  const parts = [HEAD];
  for (const command of tree.commands) describe(command, '', parts);
  return `${parts.join('\n').trimEnd()}\n`;
}

function describe(command: Command, parents: string, parts: string[]): void {
  if (command.name() === 'help') return;
  const name = `${parents}${command.name()}`;
  parts.push(`${parents === '' ? '##' : '###'} ${name}\n`, `${sentence(command.description())}\n`);
  if (command.commands.length > 0) {
    for (const inner of command.commands) describe(inner, `${name} `, parts);
    return;
  }
  const words = command.registeredArguments.map((argument) => {
    const word = argument.variadic ? `${argument.name()}…` : argument.name();
    return argument.required ? `<${word}>` : `[${word}]`;
  });
  parts.push(`\`sessionscope ${[name, ...words].join(' ')}\`\n`);
  const options = command.options.filter(({ hidden }) => !hidden);
  const rows = [
    ...command.registeredArguments.map((argument) => [argument.name(), argument.description]),
    ...options.map((option) => [option.flags, option.description]),
  ];
  if (rows.length === 0) return;
  parts.push('| | |', '| --- | --- |');
  for (const [first = '', text = ''] of rows) parts.push(`| \`${first.replaceAll('|', '\\|')}\` | ${cell(text)} |`);
  parts.push('');
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${cell(text).slice(1)}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{ {');
}

/** A guide with the table of settings below its mark as the framework declares it. */
export function withAdvice(page: string, guide: string): string {
  const at = page.indexOf(MARK);
  const id = FRAMEWORK_OF[guide];
  if (at < 0 || id === undefined) return page;
  const framework = FRAMEWORKS.find((one) => one.id === id);
  if (framework === undefined)
    throw new Error(`docs/guides/${guide}.md is about a framework that is not declared: ${id}`);
  const ends = (framework.ends ?? []).flatMap(({ setting }) =>
    setting === undefined
      ? []
      : [
          `Unless it is set, \`${setting.name}\` is ${setting.defaultSeconds === null ? 'never' : span(setting.defaultSeconds)}.\n`,
        ],
  );
  const table = advised(framework.advice ?? {});
  return `${page.slice(0, at)}${MARK}\n\n## Mend it\n\n${ends.join('')}${ends.length > 0 ? '\n' : ''}${table}`;
}

function advised(advice: Readonly<Record<string, Advice>>): string {
  const rows = Object.entries(advice).map(
    ([cause, { setting, file, note }]) =>
      `| ${cause.replaceAll('-', ' ')} | \`\` ${setting.replaceAll('|', '\\|')} \`\`${file === undefined ? '' : ` in \`${file}\``} | ${note ?? ''} |`,
  );
  return `${['| cause | setting | |', '| --- | --- | --- |', ...rows].join('\n')}\n`;
}

function span(seconds: number): string {
  for (const [size, unit] of [
    [86_400, 'days'],
    [3_600, 'hours'],
    [60, 'minutes'],
  ] as const) {
    if (seconds >= 2 * size && seconds % size === 0) return `${seconds / size} ${unit}`;
  }
  return `${seconds} seconds`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(path.join(docs, 'commands.md'), await commandsPage());
  for (const name of readdirSync(path.join(docs, 'guides'))) {
    const file = path.join(docs, 'guides', name);
    writeFileSync(file, withAdvice(readFileSync(file, 'utf8'), path.parse(name).name));
  }
}
