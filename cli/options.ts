import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../core/model/duration.ts';

/*
 * What the declarations of several commands have in common. A declaration says which words a command takes and loads what
 * carries it out (`cli/run`) only when it is called, so that `--help` and completion wait for no engine.
 */

/** The folder that the desktop app uses too, by the customs of each system. */
export function dataFolder(): string {
  const home = os.homedir();
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Sessionscope');
  if (process.platform === 'win32') return path.join(process.env['APPDATA'] ?? home, 'Sessionscope');
  return path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'Sessionscope');
}

/** The value of an option that is a port. */
export function port(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
  }
  return value;
}

/** The values of an option that may be repeated, as a list. */
export const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** How a store is named; a test compares with what the stores themselves say. */
export const STORE_FORMS =
  'a store: disk:PATH, sqlite:PATH?table=sessions, postgres://…, mysql://…, redis://…, shelf:PATH';

const SPAN = 'a number of seconds or a span such as 90s, 25h, 1h30min, 2d';

/** A span as policy files have it, in seconds: `3600`, `25h`, `1 h 30 min`. */
export function span(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError(`it is ${SPAN}`);
  return seconds;
}

/** The same, where a minus before it turns the direction. */
export function signedSpan(text: string): number {
  return /^\s*-/.test(text) ? -span(text.replace('-', '')) : span(text);
}

/** The value of an option that is a whole number from 1 on. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('it is a whole number from 1 on');
  return Number(text);
}

/**
 * Adds what every command that prints a list takes.
 * @param columns what can be sorted by
 */
export function addListOptions(command: Command, columns: readonly string[]): Command {
  return command
    .option('--where <filter>', 'only what a filter lets through, as in the window: id:3f2a, "admin", idle>30min')
    .option('--sort <column>', `sort by ${columns.join(', ')}; a minus before it turns the order`)
    .option('--limit <number>', 'at most so many', count)
    .option('--json', 'print one JSON document, with typed values')
    .option('--plain', 'print plain JSON, one document a line, for jq')
    .option('--csv', 'print CSV with a line of names');
}

/** Adds what `decode`, `edit` and `token` have in common: keys, names and companions. */
export function addValueOptions(command: Command): Command {
  return command
    .option('--as <layers>', 'the layers, outermost first, like base64/pickle; guessed when not given')
    .option(
      '--secret <secret>',
      'a key (may be repeated; the first signs): text, hex:…, base64:…, @FILE or env:NAME',
      collected,
      [] as readonly string[],
    )
    .option('--name <cookie>', 'name of the cookie or record; it takes part in some signatures')
    .option(
      '--companion <name=value>',
      'a cookie that belongs to the value, like session.sig=… (may be repeated)',
      collected,
      [] as readonly string[],
    )
    .option('--json', 'print one JSON document');
}
