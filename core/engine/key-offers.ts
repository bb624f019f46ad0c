import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { readSecret } from '../codec/secrets.ts';
import { FRAMEWORKS } from '../frameworks/catalog.ts';
import type { FoundKey, SettingsFile } from '../frameworks/settings-files/settings-file.ts';
import type { KeyOffer } from '../model/keys.ts';
import { problem } from '../model/problem.ts';
import { readQuietly } from '../stores/quiet-files.ts';
import { fingerprint } from './key-service.ts';

/** Settings files are short; folders that `*` stands for are few. */
const MOST_BYTES = 1_000_000;
const MOST_FOLDERS = 100;

const FILES: readonly SettingsFile[] = [...new Set(FRAMEWORKS.flatMap(({ settingsFiles }) => settingsFiles ?? []))];

/** The keys in the settings files of a folder. Files are read as they lie there; nothing is executed and nothing used. */
export function keyOffers(folder: string): KeyOffer[] {
  return inFolder(folder).map(({ file, found: { setting, key, line } }) => ({
    file,
    setting,
    id: fingerprint(key),
    bytes: readSecret(key).bytes.length,
    ...(line === undefined ? {} : { line }),
  }));
}

/** The key itself, read anew from the file. @throws ProblemError `not-found` when it is not there any more */
export function offeredKey(folder: string, file: string, id: string): string {
  const offer = inFolder(folder).find((one) => one.file === file && fingerprint(one.found.key) === id);
  if (offer === undefined) throw problem('not-found', `That key does not stand in ${file} any more`, { where: file });
  return offer.found.key;
}

function inFolder(folder: string): { file: string; found: FoundKey }[] {
  if (!path.isAbsolute(folder) || !isFolder(folder)) {
    throw problem('file-unreadable', 'There is no such folder', { where: folder, remedy: 'Give its whole path' });
  }
  const offers: { file: string; found: FoundKey }[] = [];
  for (const { path: pattern, beside = [], read } of FILES) {
    for (const file of places(folder, pattern)) {
      const text = textOf(path.join(folder, file));
      if (text === undefined) continue;
      const others = Object.fromEntries(beside.map((one) => [one, textOf(path.join(folder, one)) ?? '']));
      for (const found of read(text, others)) {
        if (!offers.some((one) => one.file === file && one.found.key === found.key)) offers.push({ file, found });
      }
    }
  }
  return offers;
}

/** The files that a pattern means; its `*` is one folder. */
function places(folder: string, pattern: string): string[] {
  if (!pattern.startsWith('*/')) return [pattern];
  const names = readdirSync(folder, { withFileTypes: true }).filter(
    (one) => one.isDirectory() && !one.name.startsWith('.'),
  );
  return names.slice(0, MOST_FOLDERS).map(({ name }) => path.join(name, pattern.slice(2)));
}

function textOf(file: string): string | undefined {
  try {
    if (!statSync(file).isFile() || statSync(file).size > MOST_BYTES) return undefined;
    return Buffer.from(readQuietly(file)).toString('utf8');
  } catch {
    return undefined;
  }
}

function isFolder(folder: string): boolean {
  try {
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
