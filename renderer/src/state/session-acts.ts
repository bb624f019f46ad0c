import { shortId } from '../format.ts';
import { text } from '../i18n/index.ts';
import type { App } from './app.ts';
import { saveHar } from './flow-acts.ts';
import { type SessionMark, withMark } from './settings.ts';

/** Removes the records of sessions, one after another; one toast takes all of it back. */
export async function killSessions(app: App, keys: readonly string[]): Promise<void> {
  await editEach(app, keys, (key) => app.client.call('session.kill', { key }), {
    one: (key) => text('inspector.killed', { id: shortId(app.state.sessions.rows.get(key)?.id ?? '') }),
    many: (count) => text('sessions.bulk.killed', { count }),
  });
}

/** Moves the last use (or the end) of the records of sessions back. */
export async function ageSessions(app: App, keys: readonly string[], seconds: number): Promise<void> {
  const recordOf = (key: string) => app.state.sessions.rows.get(key)?.record;
  await editEach(
    app,
    keys,
    (key) => {
      const record = recordOf(key);
      if (record === undefined) return Promise.reject(new Error(text('inspector.noRecord')));
      return app.client.call('record.age', { storeId: record.storeId, id: record.id, seconds });
    },
    {
      one: () => text('sessions.bulk.aged', { count: 1 }),
      many: (count) => text('sessions.bulk.aged', { count }),
    },
  );
}

async function editEach(
  app: App,
  keys: readonly string[],
  edit: (key: string) => Promise<{ editId: string }>,
  words: { readonly one: (key: string) => string; readonly many: (count: number) => string },
): Promise<void> {
  const edits: string[] = [];
  for (const key of keys) {
    const done = await app.attempt(() => edit(key));
    if (done !== undefined) edits.push(done.editId);
  }
  const [first] = edits;
  if (first === undefined) return;
  const message = edits.length === 1 && keys.length === 1 ? words.one(keys[0] ?? '') : words.many(edits.length);
  const undoAll = {
    label: text('sessions.bulk.undo', { count: edits.length }),
    testId: 'toast-undo',
    run: () =>
      void edits.reduceRight<Promise<unknown>>((before, id) => before.then(() => app.undo(id)), Promise.resolve()),
  };
  app.notify({ level: 'info', message, actions: edits.length === 1 ? app.undoActions(first) : [undoAll] });
  void app.refreshDetail();
}

/** Saves all flows of these sessions as one HAR. */
export async function exportSessions(app: App, keys: readonly string[]): Promise<void> {
  await saveHar(app, { filter: keys.map((key) => `key=${key}`).join(' or ') });
}

/** The sessions of these that have a record which can be removed or aged. */
export function withRecord(app: App, keys: readonly string[]): string[] {
  return keys.filter((key) => {
    const session = app.state.sessions.rows.get(key);
    return session?.record !== undefined && session.foreign === undefined;
  });
}

/** Names, pins or hides sessions in this window; what was hidden can be had back from the toast. */
export function markSessions(app: App, keys: readonly string[], change: SessionMark): void {
  const before = app.state.settings.marks;
  app.remember({ marks: keys.reduce((marks, key) => withMark(marks, key, change), before) });
  if (change.hidden !== true) return;
  app.notify({
    level: 'info',
    message: text('sessions.hid', { count: keys.length }),
    actions: [
      {
        label: text('common.undo'),
        testId: 'toast-undo',
        run: () =>
          app.remember({
            marks: keys.reduce((marks, key) => withMark(marks, key, { hidden: false }), app.state.settings.marks),
          }),
      },
    ],
  });
}

/** Takes what is in the lists out of sight; nothing is deleted, and what is used again comes back. */
export function clearLists(app: App): void {
  const { cleared } = app.state.settings;
  app.remember({ cleared: Date.now() });
  app.notify({
    level: 'info',
    message: text('lists.cleared'),
    remedy: text('lists.cleared.more'),
    actions: [{ label: text('common.undo'), testId: 'toast-undo', run: () => app.remember({ cleared }) }],
  });
}
