import { text } from '../i18n/index.ts';
import type { App } from './app.ts';
import { sendCookies } from './identity-acts.ts';
import { importHar } from './import-har.ts';

/** What a file that was dropped holds, told by its beginning: it need not be named after it. */
export type DroppedKind = 'har' | 'cookies' | 'other';

const HEAD_BYTES = 4_096;

/** @param head the first characters of the file */
export function kindOfFile(name: string, head: string): DroppedKind {
  const start = head.replace(/^\uFEFF/, '').trimStart();
  if (/^#\s*(Netscape )?HTTP Cookie File/i.test(start)) return 'cookies';
  // Seven fields between tabs, the second and fourth of them true or false.
  if (/^(#HttpOnly_)?[^\t\n#]*\t(TRUE|FALSE)\t[^\t\n]*\t(TRUE|FALSE)\t\d+\t/m.test(start)) return 'cookies';
  if (/^\{\s*"log"\s*:/.test(start)) return 'har';
  if (/^\{\s*"(cookies|origins)"\s*:\s*\[/.test(start)) return 'cookies';
  return /\.har$/i.test(name) && start.startsWith('{') ? 'har' : 'other';
}

/** Reads a HAR or a file of cookies that was dropped. False: it is neither, perhaps a store. */
export async function takeFile(app: App, file: File): Promise<boolean> {
  let head: string;
  try {
    head = await file.slice(0, HEAD_BYTES).text();
  } catch {
    // A folder has no text.
    return false;
  }
  switch (kindOfFile(file.name, head)) {
    case 'har': {
      await readHar(app, file);
      return true;
    }
    case 'cookies': {
      await sendCookies(app, await file.text());
      return true;
    }
    default:
      return false;
  }
}

/** Reads a HAR into the workspace and says how much came in. */
export async function readHar(app: App, file: File): Promise<void> {
  const made = await app.attempt(() => importHar(app.client, file));
  if (made === undefined) return;
  const told = text('flows.har.imported', { count: made.count });
  app.notify({ level: 'info', message: [told, ...made.notes].join(' ') });
}
