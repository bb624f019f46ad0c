import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cycloneDx, noticesText } from '../bundle/notices.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Packages of which something is in the app: what its bundles wrote down, and the native module beside them. */
export function packagesInside(): string[] {
  const folder = path.join(root, '.vite/inside');
  const noted = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as string[]);
  return [...new Set([...noted, 'better-sqlite3', 'quickjs-wasi'])].sort();
}

/** Writes the licence, the licences of all that is inside, and the list of parts into a folder of the app. */
export async function writeNotices(to: string): Promise<void> {
  const packages = packagesInside();
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  cpSync(path.join(root, 'LICENSE'), path.join(to, 'LICENSE'));
  writeFileSync(path.join(to, 'THIRD-PARTY-NOTICES.txt'), noticesText(packages));
  writeFileSync(path.join(to, 'sbom.cdx.json'), `${JSON.stringify(cycloneDx(packages, version), null, 2)}\n`);
}
