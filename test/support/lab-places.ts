import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { encodeSession } from '../../core/frameworks/webpy/session/encoding.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { type LabTarget, snapshot } from './lab-harness.ts';
import { startMariadb, startPostgres, type TestServer } from './servers.ts';
import { startWebpy, type Webpy, type WebpyStore } from './webpy/webpy.ts';

export type PlaceKind = 'disk' | 'sqlite' | 'postgres' | 'mysql';
export const PLACE_KINDS: readonly PlaceKind[] = ['disk', 'sqlite', 'postgres', 'mysql'];

/** The real web.py with its sessions in one of the four stores, one session logged in beside those of other people. */
export interface LabPlace {
  readonly kind: PlaceKind;
  readonly folder: string;
  readonly webpy: Webpy;
  readonly target: LabTarget & { readonly storeUrl: string };
  /** The session that is asked about. */
  readonly id: string;
  /** The database server, where there is one. */
  readonly server: TestServer | undefined;
  /** The store as the debugger sees it; its own connection. */
  readonly store: RecordStore;
  /** Every record's bytes and last use, and every name that lies in the place. */
  look(): Promise<unknown>;
  stop(): Promise<void>;
}

const IDS = {
  own: '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7',
  others: ['00112233445566778899aabbccddeeff00112233', 'ffeeddccbbaa99887766554433221100ffeeddcc'],
} as const;

/** @param parameters changes to web.py's session parameters */
export async function labPlace(kind: PlaceKind, parameters: Record<string, unknown> = {}): Promise<LabPlace> {
  const folder = mkdtempSync(path.join(os.tmpdir(), `sessionscope-lab-${kind}-`));
  const server = kind === 'postgres' ? await startPostgres() : kind === 'mysql' ? await startMariadb() : undefined;
  const dir = path.join(folder, 'sessions');
  const place: { store: WebpyStore; storeUrl: string } =
    kind === 'disk'
      ? { store: { kind, dir }, storeUrl: `disk:${dir}` }
      : kind === 'sqlite'
        ? { store: { kind, file: dir }, storeUrl: `sqlite:${dir}?table=sessions` }
        : { store: { kind, ...login(server) }, storeUrl: `${server?.url}?table=sessions` };
  const webpy = await startWebpy({ app: 'lab', store: place.store, parameters });
  const store = await openRecordStore(place.storeUrl);
  const now = Date.now();
  for (const [i, id] of [IDS.own, ...IDS.others].entries()) {
    const data = { session_id: id, user: i === 0 ? 'alice' : `visitor ${i}`, ip: '127.0.0.1' };
    await store.create(id, encodeSession(new Map(Object.entries(data))), now - i * 60_000);
  }
  return {
    kind,
    folder,
    webpy,
    server,
    store,
    id: IDS.own,
    target: {
      origin: webpy.origin,
      storeUrl: place.storeUrl,
      cookieName: 'webpy_session_id',
      logout: '/logout',
    },
    look: async () => ({
      records: await snapshot(store),
      names: kind === 'disk' && existsSync(dir) ? readdirSync(dir).sort() : [],
    }),
    async stop() {
      await store.close();
      await webpy.stop();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function login(server: TestServer | undefined) {
  if (server === undefined) throw new Error('this store needs a server');
  const { host, port, user, password, database } = server;
  return { host, port, user, password, database };
}
