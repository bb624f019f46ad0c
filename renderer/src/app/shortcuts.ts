import { useEffect } from 'react';
import { text } from '../i18n/index.ts';
import { type App, useApp } from '../state/app.ts';
import { inspectorTabs } from '../state/app-state.ts';
import { redo, undo } from '../state/undo.ts';

/** Keys that work everywhere. Lists and the tree handle their own; while the user types only those with Ctrl or Cmd. */
export function useShortcuts(): void {
  const app = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const mod = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const { dialog } = app.state.ui;
      if (mod && !event.altKey && key === 'k') {
        event.preventDefault();
        app.ui({ dialog: dialog === 'palette' ? null : 'palette' });
      } else if (dialog !== null || document.querySelector('[role="dialog"]') !== null) {
        return;
      } else if (mod && !event.altKey && key === 'f') {
        event.preventDefault();
        const field = document.getElementById('filter');
        if (field instanceof HTMLInputElement) field.select();
        field?.focus();
      } else if (isTyping(event.target)) {
        return;
      } else if (mod && !event.altKey && (key === 'z' || key === 'y')) {
        event.preventDefault();
        void (event.shiftKey || key === 'y' ? redo(app) : undo(app, undoPlace(app)));
      } else if (!mod && !event.altKey) {
        if (event.key === '?') {
          event.preventDefault();
          app.ui({ dialog: 'help' });
        } else if (key === 'r') void replaySelected(app);
        else if (/^[1-6]$/.test(event.key) && app.state.detail.key !== null) {
          const tab = inspectorTabs[Number(event.key) - 1];
          if (tab !== undefined) app.ui({ tab, screen: 'sessions' });
        }
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [app]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Sends the selected flow again, or the newest one of the selected session. */
export async function replaySelected(app: App): Promise<void> {
  const { ui, detail, flows } = app.state;
  const own = detail.detail?.flows ?? [];
  const id = ui.screen === 'flows' ? ui.flowId : (own.find((flow) => flow.id === ui.flowId)?.id ?? own[0]?.id ?? null);
  const flow = [...own, ...flows.rows].find((one) => one.id === id);
  if (flow === undefined) return;
  if (!/^(GET|HEAD|OPTIONS)$/.test(flow.method)) {
    app.ui({ flowId: flow.id, screen: 'flows' });
    app.notify({ level: 'warning', message: text('flows.replay.unsafe', { method: flow.method }) });
    return;
  }
  const done = await app.attempt(() => app.client.call('flow.replay', { id: flow.id }));
  if (done !== undefined) app.notify({ level: 'info', message: text('flows.replayed') });
}

/** By key, the question is asked at the data in view; elsewhere in a notice. */
function undoPlace(app: App): string | undefined {
  const { screen, tab, recordId } = app.state.ui;
  const hasBar = (screen === 'sessions' && tab === 'data') || (screen === 'stores' && recordId !== null);
  return hasBar ? 'edit-bar' : undefined;
}
