import type { Handlers, HandlersOf } from '../../bridge/contract.ts';
import type { records as table } from '../../bridge/operations/records.ts';
import type { RecordEditor } from '../../editing/record-editor.ts';
import type { Undo } from '../../editing/undo.ts';
import { problem } from '../../model/problem.ts';
import { labelOf } from '../../registry/record-facts.ts';
import type { RecordWatch } from '../../registry/record-watch.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { CookieService } from '../cookie-service.ts';
import { findStores } from '../find-stores/find-stores.ts';
import type { ProcessSource } from '../find-stores/process-source.ts';
import type { StoreService } from '../store-service.ts';

export interface RecordHandlerPorts {
  readonly registry: Registry;
  readonly workspace: Pick<Workspace, 'edits'>;
  readonly records: RecordEditor;
  readonly undo: Undo;
  readonly cookies: CookieService;
  readonly stores: StoreService;
  readonly watch: RecordWatch;
  /** Who listens at a port of this computer. */
  readonly processes: ProcessSource;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

type Done = Omit<HandlersOf<typeof table>, 'record.peel' | 'record.span' | 'record.layers'>;

/** Records: look, preview, write, remove, age, bring back; undo and redo of every kind of edit. */
export function recordHandlers(ports: RecordHandlerPorts): Done & Pick<Handlers, 'stores.records' | 'stores.find'> {
  const { records, undo, cookies, registry, stores, watch, workspace, clock } = ports;

  /** The session for whose timeline an edit of a record counts, where the window did not say. */
  const ofRecord = (storeId: string, id: string) => {
    const [session] = registry.ofRecord(storeId, id);
    return session === undefined ? {} : { sessionKey: session.key };
  };
  /** Reads the record again for every session that has it, or had it before it was removed. */
  const refresh = async (storeId: string | undefined, id: string | undefined): Promise<void> => {
    if (storeId === undefined || id === undefined) return;
    const sessions = [...registry.ofRecord(storeId, id), ...registry.lostRecord(storeId, id)];
    await Promise.all([...new Set(sessions.map(({ key }) => key))].map((key) => watch.refresh(key)));
  };
  /** A short text from the data of a record that belongs to no session that was seen. */
  const labelOfRecord = async (storeId: string, id: string): Promise<string | undefined> => {
    return labelOf(await records.value(storeId, id).catch(() => null));
  };
  const isCookie = (editId: string): boolean => {
    const logged = workspace.edits.get(editId);
    if (logged === undefined) throw problem('not-found', 'That edit is not in this workspace any more');
    return logged.storeId === undefined;
  };

  return {
    'stores.find': async ({ origin, key }) => {
      const session = key === undefined ? undefined : registry.get(key);
      if (key !== undefined && session === undefined) throw problem('not-found', 'That session is not known any more');
      const place = origin ?? (session === undefined ? '' : `http://${session.host}`);
      const { search, urls } = await findStores(
        place,
        ports.processes,
        session && { ...session, decoded: watch.valueIn(session.raw, session) },
      );
      stores.offer(urls);
      return { processes: [...search.processes], stores: [...search.stores], notes: [...search.notes] };
    },
    'stores.records': async ({ storeId, ...page }) =>
      stores.records(storeId, page, async ({ id, problem: unreadable }) => {
        const [session] = registry.ofRecord(storeId, id);
        const label = session?.label ?? (unreadable === undefined ? await labelOfRecord(storeId, id) : undefined);
        return {
          ...(session === undefined ? {} : { sessionKey: session.key }),
          ...(label === undefined ? {} : { label }),
        };
      }),
    'record.get': async ({ storeId, id, as }) => ({ record: await records.view(storeId, id, as) }),
    'record.preview': (edit) => records.preview(edit),
    'record.apply': async (edit) => {
      const applied = await records.apply({ ...ofRecord(edit.storeId, edit.id), ...edit });
      await refresh(edit.storeId, edit.id);
      return applied;
    },
    'record.remove': async ({ storeId, id, ...guard }) => {
      const joined = registry.ofRecord(storeId, id);
      const { editId } = await records.remove({ storeId, id, ...guard, ...ofRecord(storeId, id) });
      for (const { key } of joined) registry.recordGone({ key, at: clock(), byUs: true });
      await refresh(storeId, id);
      return { editId };
    },
    'record.age': async ({ storeId, id, seconds }) => {
      const { editId } = await records.age({ storeId, id, ...ofRecord(storeId, id) }, seconds);
      await refresh(storeId, id);
      return { editId };
    },
    'record.restore': async ({ storeId, id, snapshot }) => {
      const { editId } = await records.restore({ storeId, id, ...ofRecord(storeId, id) }, snapshot);
      await refresh(storeId, id);
      return { editId };
    },
    'edits.list': async ({ sessionKey }) => ({
      edits: undo.list({ limit: 500, ...(sessionKey === undefined ? {} : { sessionKey }) }),
    }),
    'edit.undo': async ({ editId, how }) => {
      if (isCookie(editId)) {
        await cookies.undo(editId);
        return {};
      }
      const info = await undo.undo(editId, how);
      await refresh(info.storeId, info.recordId);
      return {};
    },
    'edit.redo': async ({ editId }) => {
      if (isCookie(editId)) {
        await cookies.redo(editId);
        return {};
      }
      const info = await undo.redo(editId);
      await refresh(info.storeId, info.recordId);
      return {};
    },
  };
}
