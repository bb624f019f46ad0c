import { applyEdits, decode } from '../../core/codec/codec.ts';
import { parsePath } from '../../core/codec/path.ts';
import { valueFromText } from '../../core/codec/typed.ts';
import type { RecordCodec } from '../../core/editing/ports.ts';
import { RecordEditor } from '../../core/editing/record-editor.ts';
import { Undo } from '../../core/editing/undo.ts';
import type { EditInfo } from '../../core/model/app.ts';
import type { Edit } from '../../core/model/path.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { openWorkspace, type Workspace } from '../../core/workspace/workspace.ts';

/** The real codec, as the engine gives it to the editor. */
export const codec = {
  decode: (bytes) => {
    const { layers, value, lossless, warnings, error } = decode(bytes);
    return { layers, value, lossless, warnings: [...warnings], ...(error === undefined ? {} : { error }) };
  },
  edit: (bytes, edits) => applyEdits(bytes, edits),
} satisfies RecordCodec;

export interface Desk {
  readonly workspace: Workspace;
  readonly editor: RecordEditor;
  readonly undo: Undo;
  readonly told: EditInfo[];
  readonly expected: string[];
}

let count = 0;

/** Editor and undo on a workspace file and attached stores. */
export async function desk(file: string, stores: Readonly<Record<string, RecordStore>>): Promise<Desk> {
  const workspace = await openWorkspace(file, { clock: () => 1_700_000_000_000 + count });
  const told: EditInfo[] = [];
  const expected: string[] = [];
  const options = {
    log: workspace.edits,
    snapshots: workspace.blobs,
    codec,
    store: (storeId: string) => stores[storeId],
    clock: () => 1_700_000_000_000 + ++count,
    newId: () => `e${++count}`,
    layers: undefined,
    keys: undefined,
    expectWrite: (_storeId: string, id: string) => expected.push(id),
    onEdit: (edit: EditInfo) => told.push(edit),
  };
  return { workspace, editor: new RecordEditor(options), undo: new Undo(options), told, expected };
}

/** `set('count', '41')`: an edit as the window makes it. */
export function set(path: string, value: string): Edit {
  return { op: 'set', path: parsePath(path), value: valueFromText(value) };
}

export function insert(path: string, value: string): Edit {
  return { op: 'insert', path: parsePath(path), value: valueFromText(value) };
}
