import type { Notice, Progress } from '../../../core/model/app.ts';

/** What a toast offers to do. */
export interface NoticeAction {
  readonly label: string;
  readonly testId?: string;
  /** The edit that it takes back: the notice ends when that is done elsewhere. */
  readonly editId?: string;
  run(): void;
}

export interface NoticeItem extends Notice {
  readonly id: number;
  readonly actions?: readonly NoticeAction[];
}

export interface NoticesState {
  readonly items: readonly NoticeItem[];
  readonly nextId: number;
  readonly progress: ReadonlyMap<string, Progress>;
}

export const noNotices: NoticesState = { items: [], nextId: 1, progress: new Map() };

const MAX_SHOWN = 4;

/** The same words twice are one notice, and so are two of one kind: the newer one stands for both. */
export function withNotice(state: NoticesState, notice: Notice & { actions?: readonly NoticeAction[] }): NoticesState {
  const items = state.items.filter(
    ({ message, kind }) => message !== notice.message && (kind === undefined || kind !== notice.kind),
  );
  return { ...state, items: [...items, { ...notice, id: state.nextId }].slice(-MAX_SHOWN), nextId: state.nextId + 1 };
}

/** Without notices that offer to take back an edit that is no longer in force. */
export function withoutOffers(state: NoticesState, editIds: ReadonlySet<string>): NoticesState {
  const items = state.items.filter(
    ({ actions }) => !actions?.some(({ editId }) => editId !== undefined && editIds.has(editId)),
  );
  return items.length === state.items.length ? state : { ...state, items };
}

export function withoutNotice(state: NoticesState, id: number): NoticesState {
  return { ...state, items: state.items.filter((item) => item.id !== id) };
}

export function withProgress(state: NoticesState, progress: Progress): NoticesState {
  const next = new Map(state.progress);
  if (progress.finished) next.delete(progress.taskId);
  else next.set(progress.taskId, progress);
  return { ...state, progress: next };
}
