import { openPracticeStore } from '../../core/frameworks/webpy/practice/open-practice-store.ts';
import { startPractice } from '../../core/frameworks/webpy/practice/start-practice.ts';
import { PROFILES, type ProfileId } from '../../core/frameworks/webpy/session/profiles.ts';
import { maskStoreUrl } from '../../core/stores/url.ts';
import { print } from '../output.ts';
import { orSayWhatWasMeant } from './with-store.ts';

export interface PracticeOptions {
  readonly port: number;
  readonly store: string;
  readonly profile: ProfileId;
}

/** Runs the site until it is told to stop. */
export async function practiceCommand(options: PracticeOptions): Promise<void> {
  const profile = PROFILES[options.profile];
  const store = await orSayWhatWasMeant(options.store, (url) => openPracticeStore(url, { profile }));
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
