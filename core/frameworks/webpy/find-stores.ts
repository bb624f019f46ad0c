import type { ProcessFacts, StoreCandidate } from '../framework.ts';
import { databaseUrl, scriptsOf, under } from '../settings-text.ts';

/** The stores that a web.py program makes by literals: `DiskStore('sessions')`, `web.database(dbn='sqlite', db='…')`. */
export function findWebpyStores(process: ProcessFacts): StoreCandidate[] {
  return scriptsOf(process, /\.py$/).flatMap((name): StoreCandidate[] => {
    const text = process.readText(name) ?? '';
    if (!/\bweb\b/.test(text)) return [];
    const folders = [...text.matchAll(/\bDiskStore\(\s*['"]([^'"]+)['"]/g)].map(([, folder = '']) => ({
      url: under(process, folder),
      reason: `DiskStore in ${name}`,
    }));
    const databases = [...text.matchAll(/\bdatabase\(([^)]*)\)/g)].flatMap(([, words = '']): StoreCandidate[] => {
      const one = (key: string): string => new RegExp(`\\b${key}\\s*=\\s*['"]([^'"]*)['"]`).exec(words)?.[1] ?? '';
      const [kind, db] = [one('dbn'), one('db')];
      if (db === '') return [];
      const reason = `web.database in ${name}`;
      if (kind === 'sqlite') return [{ url: under(process, db), reason }];
      const scheme = kind === 'postgres' ? 'postgres' : kind === 'mysql' ? 'mysql' : undefined;
      const port = /\bport\s*=\s*['"]?(\d+)/.exec(words)?.[1] ?? '';
      if (scheme === undefined) return [];
      return [
        {
          url: databaseUrl(scheme, { user: one('user'), password: one('pw'), host: one('host'), port, name: db }),
          reason,
        },
      ];
    });
    return [...folders, ...databases];
  });
}
