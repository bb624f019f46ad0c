import { type Command, InvalidArgumentError } from 'commander';
import { addListOptions } from '../options.ts';
import type { StoresOptions } from '../run/stores.ts';

/** Adds `sessionscope stores find URL`. */
export function registerStores(program: Command): void {
  const find = program
    .command('stores')
    .description('finds the stores of an application')
    .command('find')
    .description('looks for the stores of the application at an address of this computer; nothing is attached')
    .argument('<url>', 'the address of the application, like http://127.0.0.1:8080')
    .option('--cookie <name=value>', 'a session whose record should be there', cookieOf);
  addListOptions(find, ['store', 'layout', 'records', 'session', 'why']).action(
    async (url: string, options: StoresOptions) => {
      const { storesFind } = await import('../run/stores.ts');
      process.exitCode = await storesFind(url, options);
    },
  );
}

function cookieOf(text: string) {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('it is written NAME=VALUE');
  const raw = text.slice(at + 1);
  return { name: text.slice(0, at), id: decoded(raw), raw };
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
