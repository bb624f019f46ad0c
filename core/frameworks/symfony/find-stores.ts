import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { dotEnv, under } from '../settings-text.ts';

/** Symfony's session folders below `var`, and the database of its `.env`. */
export function findSymfonyStores(process: ProcessFacts): StoreCandidate[] {
  const base =
    process.list('config/packages') !== undefined
      ? ''
      : process.list('../config/packages') !== undefined
        ? '../'
        : undefined;
  if (base === undefined) return [];
  const folders = process.list(`${base}var/sessions`) ?? [];
  const found = folders.map((name) => ({
    url: under(process, `${base}var/sessions/${name}`),
    reason: 'the folder of sessions that Symfony has by default',
  }));
  const { DATABASE_URL: url } = dotEnv(process, `${base}.env`);
  return url === undefined ? found : [...found, { url: url.replace(/\?.*$/, ''), reason: 'DATABASE_URL in .env' }];
}
