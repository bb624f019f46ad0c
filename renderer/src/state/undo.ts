import type { App } from './app.ts';
import { draftKey } from './app-state.ts';
import { redone, undone } from './draft.ts';

/** The record on the screen: the selected session's, or the one open under Stores. */
function recordInView(app: App): { storeId: string; id: string } | null {
  const { ui, detail } = app.state;
  if (ui.screen === 'stores' && ui.storeId !== null && ui.recordId !== null) {
    return { storeId: ui.storeId, id: ui.recordId };
  }
  const record = detail.detail?.record;
  return record == null ? null : { storeId: record.storeId, id: record.id };
}

/** Takes back the last staged change; without one, undoes the last edit that was applied to what is in view. */
export async function undo(app: App, place?: string): Promise<void> {
  const record = recordInView(app);
  const draft = record === null ? undefined : app.state.drafts.get(draftKey(record.storeId, record.id));
  if (draft !== undefined && draft.past.length > 0) {
    app.setDraft(undone(draft));
    return;
  }
  const edit = lastEdit(app, 'applied');
  if (edit !== undefined) await app.undo(edit.editId, undefined, place);
}

/** Brings back the last staged change that was undone; without one, the last edit that was. */
export async function redo(app: App): Promise<void> {
  const record = recordInView(app);
  const draft = record === null ? undefined : app.state.drafts.get(draftKey(record.storeId, record.id));
  if (draft !== undefined && draft.future.length > 0) {
    app.setDraft(redone(draft));
    return;
  }
  const edit = lastEdit(app, 'undone');
  if (edit !== undefined) await app.redo(edit.editId);
}

/** The newest edit of what is in view that is in this state. */
export function lastEdit(app: App, state: 'applied' | 'undone') {
  const record = recordInView(app);
  const { key } = app.state.detail;
  return app.state.edits.find(
    (edit) =>
      edit.state === state &&
      ((key !== null && edit.sessionKey === key) ||
        (record !== null && edit.storeId === record.storeId && edit.recordId === record.id)),
  );
}
