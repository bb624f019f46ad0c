import { createDecipheriv } from 'node:crypto';
import type { FoundKey, SettingsFile } from './settings-file.ts';

const SEALED = 'config/credentials.yml.enc';

/**
 * `secret_key_base` out of the credentials that `config/master.key` opens: AES-128-GCM over a marshalled text of YAML.
 * Gives none where the key does not fit or the file is something else.
 */
export function readCredentials(masterKey: string, sealed: string): FoundKey[] {
  const key = masterKey.trim();
  const [data, iv, tag, ...more] = sealed
    .trim()
    .split('--')
    .map((part) => Buffer.from(part, 'base64'));
  if (!/^[0-9a-f]{32}$/.test(key) || data === undefined || iv === undefined || tag?.length !== 16 || more.length > 0)
    return [];
  try {
    const opening = createDecipheriv('aes-128-gcm', Buffer.from(key, 'hex'), iv);
    opening.setAuthTag(tag);
    const plain = Buffer.concat([opening.update(data), opening.final()]);
    // A marshalled text holds its bytes as they are.
    const yaml = plain.toString('latin1');
    const base = /(?:^|[^\w#-])secret_key_base:\s*(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(yaml);
    const found = base?.[1] ?? base?.[2] ?? base?.[3];
    return found === undefined ? [] : [{ setting: 'secret_key_base', key: found }];
  } catch {
    return [];
  }
}

export const RAILS_FILES: readonly SettingsFile[] = [
  {
    path: 'config/master.key',
    beside: [SEALED],
    read: (text, beside) => readCredentials(text, beside[SEALED] ?? ''),
  },
  {
    path: 'tmp/local_secret.txt',
    read: (text) =>
      /^[0-9a-f]{64,}$/.test(text.trim()) ? [{ setting: 'secret_key_base', key: text.trim(), line: 1 }] : [],
  },
];
