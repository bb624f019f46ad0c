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

/** Saves flows as a HAR: those named, or those that a filter lets through. */
export async function saveHar(
  app: App,
  which: { readonly ids: string[] } | { readonly filter: string },
  secrets = false,
): Promise<void> {
  const made = await app.attempt(() => app.client.call('export.har', { ...which, secrets }));
  if (made === undefined) return;
  const told = [text('flows.har.exported', { count: made.count }), ...made.notes].join(' ');
  await app.saveFile(made.name, { text: made.text }, told);
}
