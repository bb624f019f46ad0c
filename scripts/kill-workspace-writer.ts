/*
 * The process that kill-workspace.ts kills: flows with bodies and sightings as fast as they can be saved, and edits of
 * records in a DiskStore between them. Tells a line for each flow that is saved and each edit that is done.
 */
import { mkdirSync, writeSync } from 'node:fs';
import { parsePath } from '../core/codec/path.ts';
import { dictNode, intNode, strNode } from '../core/codec/typed.ts';
import { RecordEditor } from '../core/editing/record-editor.ts';
import { applyEdits, decode, encodeNew } from '../core/frameworks/codec.ts';
import { openRecordStore } from '../core/frameworks/stores.ts';
import type { Flow } from '../core/model/flow.ts';
import { Registry } from '../core/registry/registry.ts';
import { archiveOf } from '../core/workspace/archive.ts';
import { keptBodies } from '../core/workspace/kept-bodies.ts';
import { openWorkspace } from '../core/workspace/workspace.ts';

const [file = '', folder = '', round = '0'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const store = await openRecordStore(`disk:${folder}`);
const workspace = await openWorkspace(file, { clock: Date.now, batchMs: 10 });
const bodies = keptBodies(workspace, `r${round}`);
const registry = new Registry({
  archive: archiveOf(workspace),
  clock: Date.now,
  decode: (bytes) => decode(bytes).value,
});
let number = 0;
const editor = new RecordEditor({
  log: workspace.edits,
  snapshots: workspace.blobs,
  codec: {
    decode: (bytes) => ({ ...decode(bytes), warnings: [] }),
    edit: (bytes, edits) => applyEdits(bytes, edits),
  },
  store: () => store,
  clock: Date.now,
  newId: () => `r${round}e${++number}`,
  layers: undefined,
  keys: undefined,
  expectWrite: undefined,
  onEdit: undefined,
});

/** A line that is out when this returns: what it tells must not be ahead of what is true, nor get lost in a buffer. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const ids = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(40));
for (const id of ids) {
  if ((await store.read(id)) !== undefined) continue;
  const fields = { session_id: strNode(id), ip: strNode('127.0.0.1'), count: intNode(0) };
  const pairs = Object.entries(fields).map(([key, value]) => [strNode(key), value] as const);
  await store.create(id, encodeNew(dictNode(pairs), ['base64', 'pickle']), Date.now());
}
say('ready');

const waiting: string[] = [];
for (let i = 0; ; i += 1) {
  for (let n = 0; n < 20; n += 1) pass(`r${round}f${i}-${n}`, ids[n % ids.length] as string);
  if (i % 3 === 0) await edit(ids[i % ids.length] as string, Number(round) * 1_000_000 + i + 1);
  // Between two of these, batches are on their way that may or may not be saved when the end comes.
  if (i % 4 === 1) {
    await workspace.flush();
    for (const id of waiting.splice(0)) say(`saved ${id}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}

function pass(id: string, session: string): void {
  const writer = bodies.open();
  writer.append(Buffer.from(`${id} ${'x'.repeat(2_000)}`));
  const raw = `webpy_session_id=${session}`;
  const flow: Flow = {
    id,
    startedAt: Date.now(),
    endedAt: Date.now(),
    client: { address: '127.0.0.1', port: 1 },
    request: {
      method: 'GET',
      url: `http://shop.test/${id}`,
      httpVersion: '1.1',
      rawHeaders: ['Cookie', raw],
      body: { size: 0, kept: 0 },
    },
    response: {
      status: 200,
      reason: 'OK',
      httpVersion: '1.1',
      rawHeaders: ['Set-Cookie', `${raw}; HttpOnly; Path=/`],
      body: writer.close(),
    },
    kind: 'http',
  };
  workspace.flows.put(flow);
  const carrier = { kind: 'cookie', name: 'webpy_session_id' } as const;
  const at = Date.now();
  const sighting = { flowId: id, at, host: 'shop.test', carrier, id: session, raw: session } as const;
  registry.saw(
    flow,
    [
      { ...sighting, direction: 'request' },
      { ...sighting, direction: 'response' },
    ],
    true,
  );
  waiting.push(id);
}

async function edit(id: string, value: number): Promise<void> {
  const view = await editor.view('disk', id);
  const edits = [{ op: 'set', path: parsePath('count'), value: intNode(value) }] as const;
  const done = await editor.apply({ storeId: 'disk', id, revision: view?.revision ?? '', edits });
  if (done.outcome === 'written') say(`edit ${done.editId}`);
}
