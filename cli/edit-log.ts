import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Method } from '../core/bridge/contract.ts';
import type { EditorOptions } from '../core/editing/ports.ts';
import { type RecordAddress, RecordEditor } from '../core/editing/record-editor.ts';
import { Undo } from '../core/editing/undo.ts';
import { auditFile } from '../core/engine/audit.ts';
import { type GatePorts, passingGate } from '../core/engine/gate.ts';
import { decodeRecord } from '../core/engine/record-codec.ts';
import { applyEdits } from '../core/frameworks/codec.ts';
import type { EditInfo } from '../core/model/app.ts';
import { ProblemError, problem, toProblem } from '../core/model/problem.ts';
import type { RecordStore } from '../core/model/record.ts';
import { withoutPassword } from '../core/stores/url.ts';
import { whyNotWritable } from '../core/workspace/why-not-writable.ts';
import { openWorkspace, type Workspace } from '../core/workspace/workspace.ts';
import { undisturbed } from './ending.ts';
import { whyNotRead } from './files.ts';
import { note, noteLines } from './output.ts';

/** The log of what commands write, beside the workspace of the window, which another process may have open. */
const FILE = 'commands.sqlite';
/** Whether a data folder has a log. @throws ProblemError `workspace-refused` where this user may not look */
export function hasEdits(folder: string): boolean {
  try {
    return statSync(path.join(folder, FILE)).isFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw problem('workspace-refused', `The log of edits in ${folder} cannot be read: ${whyNotRead(cause)}`, {
      where: folder,
      remedy: 'Name another folder with --data',
      cause,
    });
  }
}

/** Another command that writes is waited for so long (ms). */
const PATIENCE_MS = 5_000;

/**
 * The one way in which commands write records: as the window does, behind the same gate, logged before the store is
 * touched, undoable.
 */
export interface CommandEdits {
  readonly storeId: string;
  readonly apply: RecordEditor['apply'];
  age(request: RecordAddress & { readonly seconds: number }): Promise<EditInfo>;
  readonly remove: RecordEditor['remove'];
  undo(editId: string): Promise<void>;
  /** The edits of all stores, newest first. */
  list(limit: number): EditInfo[];
  /** The URL of the store of an edit, without a password, and whether it had one; undefined when it is not known. */
  storeOf(editId: string): { readonly url: string; readonly hadPassword: boolean } | undefined;
}

/**
 * Opens the log in a data folder for work with one store.
 * @throws ProblemError
 */
export function withEdits<T>(
  folder: string,
  store: RecordStore | undefined,
  work: (edits: CommandEdits) => Promise<T>,
): Promise<T> {
  return undisturbed(() => openedEdits(folder, store, work));
}

async function openedEdits<T>(
  folder: string,
  store: RecordStore | undefined,
  work: (edits: CommandEdits) => Promise<T>,
): Promise<T> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const why = whyNotWritable(folder) ?? toProblem(cause).message;
    throw problem('workspace-refused', `The folder for the log of edits cannot be made: ${why}; nothing was written`, {
      where: folder,
      remedy: 'Name another one with --data',
      cause,
    });
  }
  const workspace = await openPatiently(path.join(folder, FILE));
  try {
    const storeId = store === undefined ? '' : idOf(store.url);
    if (store !== undefined) workspace.settings.set(`store ${storeId}`, keptUrl(store.url));
    const ports: GatePorts = {
      settle: () => {},
      // The log of edits confirms each step itself.
      confirmSaved: () => {},
      audit: auditFile(path.join(folder, 'audit.jsonl'), noteLines),
      clock: Date.now,
    };
    // Who types a command has decided to carry it out.
    const gated = <Request, Reply>(method: Method, handler: (request: Request) => Promise<Reply>) =>
      passingGate(method, handler, { name: 'command', consent: true }, ports);
    const options: EditorOptions = {
      log: workspace.edits,
      snapshots: workspace.blobs,
      codec: {
        decode: (bytes, as, secrets = []) => decodeRecord(bytes, { secrets, ...(as && { as }) }),
        edit: (bytes, edits, as, secrets = []) => applyEdits(bytes, edits, { secrets, ...(as && { as }) }),
      },
      store: (id) => (id === storeId ? store : undefined),
      clock: Date.now,
      newId: randomUUID,
      // One command, one edit: nobody listens, and layers are guessed without keys.
      layers: undefined,
      keys: undefined,
      expectWrite: undefined,
      onEdit: undefined,
    };
    const editor = new RecordEditor(options);
    const undo = new Undo(options);
    // Of a command that was killed while it wrote.
    if (store !== undefined) for (const { text } of await undo.recover(storeId)) note(text);
    return await work({
      storeId,
      apply: gated('record.apply', (edit: Parameters<RecordEditor['apply']>[0]) => editor.apply(edit)),
      age: gated('record.age', ({ seconds, ...address }: RecordAddress & { readonly seconds: number }) =>
        editor.age(address, seconds),
      ),
      remove: gated('record.remove', (record: Parameters<RecordEditor['remove']>[0]) => editor.remove(record)),
      undo: (editId) =>
        gated('edit.undo', async (edit: { editId: string }) => void (await undo.undo(edit.editId)))({ editId }),
      list: (limit) => undo.list({ limit }),
      storeOf(editId) {
        const id = workspace.edits.get(editId)?.storeId;
        const kept = id === undefined ? undefined : workspace.settings.get(`store ${id}`);
        return isKept(kept) ? kept : undefined;
      },
    });
  } finally {
    await workspace.close();
  }
}

async function openPatiently(file: string): Promise<Workspace> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    try {
      return await openWorkspace(file, { clock: Date.now, writer: 'here' });
    } catch (error) {
      const busy = error instanceof ProblemError && error.problem.kind === 'workspace-in-use';
      if (!busy || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The same for the same place: as the engine names attached stores. */
function idOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 12);
}

/** No password is kept at rest: the undo asks for the URL again where there was one. */
function keptUrl(url: string): { url: string; hadPassword: boolean } {
  const plain = withoutPassword(url);
  return { url: plain, hadPassword: plain !== url };
}

function isKept(value: unknown): value is { url: string; hadPassword: boolean } {
  return typeof value === 'object' && value !== null && 'url' in value && typeof value.url === 'string';
}
