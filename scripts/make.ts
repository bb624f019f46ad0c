import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { appImage } from './make/appimage.ts';
import { dmg, nsis } from './make/builder.ts';
import { deb } from './make/deb.ts';
import { packageApp } from './make/package-app.ts';
import { rpm } from './make/rpm.ts';
import { Lacking, type PackagedApp, type Target } from './make/target.ts';
import { zip } from './make/zip.ts';

/*
 * `npm run make [-- TARGET…] [--fast]`: installers in `out/make`, each by itself: one that fails takes no other along. At the
 * end a table says what was made and what lacks what. Without targets all of this system are made.
 */

const TARGETS: readonly Target[] = [deb, rpm, appImage, zip, nsis, dmg];

/** What became of one target. */
export interface Made {
  readonly target: string;
  readonly file?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** Why there is no file, and what brings it. */
  readonly lacks?: string;
  readonly failed?: string;
}

/** The targets of these names. @throws Error for a name that there is not */
export function chosen(names: readonly string[], platform: NodeJS.Platform = process.platform): readonly Target[] {
  const unknown = names.find((name) => !TARGETS.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no target ${unknown}. Use ${TARGETS.map(({ name }) => name).join(', ')}`);
  }
  return names.length > 0
    ? TARGETS.filter(({ name }) => names.includes(name))
    : TARGETS.filter(({ platforms }) => platforms.includes(platform));
}

/** Makes one target; a file that is not finished is never left behind. */
export async function makeTarget(target: Target, app: PackagedApp): Promise<Made> {
  mkdirSync(app.to, { recursive: true });
  const work = mkdtempSync(path.join(app.to, `.${target.name}-`));
  try {
    if (!target.platforms.includes(app.platform)) {
      throw new Lacking(`it is made on ${target.platforms.map((one) => SYSTEMS[one] ?? one).join(' or ')}`);
    }
    const made = await target.make(app, work);
    const file = path.join(app.to, path.basename(made));
    rmSync(file, { force: true });
    renameSync(made, file);
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return { target: target.name, file, bytes: statSync(file).size, sha256: hash.digest('hex') };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { target: target.name, ...(error instanceof Lacking ? { lacks: why } : { failed: why }) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { linux: 'Linux', win32: 'Windows', darwin: 'macOS' };

/** The table at the end. */
export function tableOf(made: readonly Made[], folder: string): string {
  const width = Math.max(...made.map(({ target }) => target.length));
  return made
    .map(({ target, file, bytes = 0, sha256, lacks, failed }) => {
      const name = target.padEnd(width);
      if (file !== undefined) {
        return `${name}  ${path.relative(folder, file)}  ${(bytes / 1e6).toFixed(1)} MB  sha256 ${sha256}`;
      }
      return lacks === undefined ? `${name}  failed: ${failed}` : `${name}  not made: ${lacks}`;
    })
    .join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const words = process.argv.slice(2);
  const fast = words.includes('--fast');
  const to = path.resolve(import.meta.dirname, '../out/make');
  try {
    const targets = chosen(words.filter((word) => word !== '--fast'));
    const app = await packageApp(to, fast);
    const made: Made[] = [];
    for (const target of targets) {
      console.log(`${target.name} …`);
      made.push(await makeTarget(target, app));
    }
    const sums = made.flatMap(({ file, sha256 }) => (file === undefined ? [] : `${sha256}  ${path.basename(file)}\n`));
    if (sums.length > 0) writeFileSync(path.join(to, 'SHA256SUMS'), sums.join(''));
    console.log(`\n${tableOf(made, path.resolve(to, '../..'))}`);
    process.exitCode = made.some(({ failed }) => failed !== undefined) ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
