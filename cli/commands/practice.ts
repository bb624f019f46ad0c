import { type Command, InvalidArgumentError, Option } from 'commander';
import { openPracticeStore } from '../../core/frameworks/webpy/practice/open-practice-store.ts';
import { startPractice } from '../../core/frameworks/webpy/practice/start-practice.ts';
import { PROFILES, type ProfileId } from '../../core/frameworks/webpy/session/profiles.ts';
import { maskStoreUrl } from '../../core/stores/url.ts';
import { print } from '../output.ts';

interface Options {
  readonly port: number;
  readonly store: string;
  readonly profile: ProfileId;
}

/** `sessionscope practice [--port N] [--store STORE] [--profile 0.62]`: the practice site alone. */
export function registerPractice(program: Command): void {
  program
    .command('practice')
    .description("runs web.py's count and reset tutorial, with a login, on Sessionscope's own session core")
    .option('--port <number>', 'port of the site; 0 for any free one', portNumber, 8080)
    .option('--store <url>', 'where the sessions are kept: disk:PATH, sqlite:PATH, …', 'disk:sessions')
    .addOption(
      new Option('--profile <version>', 'the version of web.py whose ways are followed')
        .choices(Object.keys(PROFILES))
        .default('0.62'),
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const profile = PROFILES[options.profile];
  const store = await openPracticeStore(options.store, { profile });
  try {
    const site = await startPractice({ store, profile, port: options.port });
    print(`Practice site: ${site.origin}/`);
    print(`Sessions: ${maskStoreUrl(options.store)}`);
    await new Promise<void>((stop) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
    });
    await site.close();
  } finally {
    await store.close?.();
  }
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  }
  return value;
}
