import { text } from '../i18n/index.ts';
import type { App } from './app.ts';

/** The programs for which a request can be copied. */
export const COPY_FORMS = ['curl', 'fetch', 'python', 'httpie'] as const;
export type CopyForm = (typeof COPY_FORMS)[number];

/** Copies a recorded request for another program. Secrets are masked unless asked for; what could not be said is told. */
export async function copyRequest(app: App, id: string, form: CopyForm, secrets = false): Promise<void> {
  const made = await app.attempt(() =>
    form === 'curl'
      ? app.client.call('export.curl', { id, secrets })
      : app.client.call('export.code', { id, form, secrets }),
  );
  if (made === undefined) return;
  const told = secrets ? text('flows.curl.copiedSecrets') : text('flows.curl.copied');
  await app.copy(made.text, [told, ...made.notes].join(' '));
}

/**
 * Saves flows as HAR: those named, those that a filter lets through, or all. The host writes the file itself where it has a
 * dialog, whatever the size; else the browser downloads it.
 */
export async function saveHar(
  app: App,
  which: { readonly ids?: string[]; readonly filter?: string },
  secrets = false,
): Promise<void> {
  const query = { ...which, secrets };
  const told = (made: { readonly count: number; readonly notes: readonly string[] }) =>
    [text('flows.har.exported', { count: made.count }), ...made.notes].join(' ');
  if (app.state.info?.canPickFiles !== true) {
    const made = await app.attempt(() => app.client.call('export.har', query));
    if (made !== undefined) await app.saveFile(made.name, { text: made.text }, told(made));
    return;
  }
  const title = text('file.title', { name: 'HAR' });
  const made = await app.attempt(() => app.client.call('export.harFile', { title, ...query }));
  if (made === undefined || made.path === null) return;
  app.notify({ level: 'info', message: told(made), remedy: made.path });
}
