import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { openWorkspace } from '../../../core/workspace/workspace.ts';
import { makeFlow } from '../../support/flow-builder.ts';

it('keeps bodies apart that come in pieces at the same time, also those that stay open for long', async () => {
  const workspace = await openWorkspace(':memory:', { clock: Date.now });
  const bodies = keptBodies(workspace, 'b');
  const open = Array.from({ length: 40 }, () => ({ writer: bodies.open(), pieces: [] as Buffer[] }));
  const closed: { ref: string; bytes: Buffer }[] = [];
  // More than the slabs hold between two saves, so that they are used again.
  for (let round = 0; round < 4_000; round += 1) {
    const one = open[round % open.length];
    if (one === undefined) continue;
    const piece = randomFillSync(Buffer.alloc(1 + ((round * 7_919) % 60_000)));
    one.writer.append(piece);
    one.pieces.push(Buffer.from(piece));
    piece.fill(0);
    if (round % 3 === 0) {
      closed.push({ ref: one.writer.close().ref ?? '', bytes: Buffer.concat(one.pieces) });
      open[round % open.length] = { writer: bodies.open(), pieces: [] };
    }
    if (round % 50 === 0) await workspace.flush();
  }
  for (const { writer, pieces } of open) {
    if (pieces.length > 0) closed.push({ ref: writer.close().ref ?? '', bytes: Buffer.concat(pieces) });
  }
  expect(closed.length).toBeGreaterThan(100);
  for (const { ref, bytes } of closed) expect(bytes.equals(await bodies.read(ref))).toBe(true);
  expect(bodies.counts.memoryBytes).toBe(0);
  await workspace.close();
});

it('bodies that nobody saves fill a bounded memory; what finds no room is left out and counted', async () => {
  const workspace = await openWorkspace(':memory:', { clock: Date.now, batchMs: 600_000 });
  const bodies = keptBodies(workspace, 'b');
  const most = bodies.limits.memoryBytes;
  const chunk = Buffer.alloc(64_000, 7);
  let kept = 0;
  let bodiesOpened = 0;
  // One body stays open all the time and gets a little now and then.
  const slow = bodies.open();
  while (bodiesOpened < 3_000) {
    const one = bodies.open();
    bodiesOpened += 1;
    one.append(chunk);
    one.append(chunk);
    kept += one.close().kept;
    if (bodiesOpened % 100 === 0) slow.append(Buffer.from('tick'));
  }
  expect(kept).toBeGreaterThan(most * 0.9);
  expect(kept).toBeLessThanOrEqual(most);
  expect(bodies.counts.bytesLeftOut).toBe(bodiesOpened * 128_000 + 30 * 4 - kept - slow.info().kept);
  expect(bodies.counts.bodiesLeftOut).toBeGreaterThan(0);
  expect(bodies.counts.bodiesCut).toBe(bodies.counts.bodiesLeftOut);
  await workspace.flush();
  // Saved: there is room again.
  const after = bodies.open();
  after.append(chunk);
  expect(after.close()).toMatchObject({ size: 64_000, kept: 64_000 });
  slow.close();
  await workspace.close();
});

it('a body may be saved behind its flow, and goes with it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'workspace-'));
  try {
    const open = () => openWorkspace(path.join(folder, 'w.sqlite'), { clock: () => 1_700_000_000_000 });
    const workspace = await open();
    const bodies = keptBodies(workspace, 'b');
    const writer = bodies.open();
    writer.append(Buffer.from('later'));
    const body = writer.close();
    const flow = makeFlow({ id: 'f' });
    workspace.flows.put({ ...flow, request: { ...flow.request, body } });
    // A reader has the flow written, without its body.
    expect(workspace.flows.count()).toBe(1);
    expect((await bodies.read(body.ref ?? '')).toString()).toBe('later');
    await workspace.close();
    const again = await open();
    expect((await keptBodies(again, 'c').read(body.ref ?? '')).toString()).toBe('later');
    await again.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
