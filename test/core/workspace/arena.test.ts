import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { openWorkspace } from '../../../core/workspace/workspace.ts';

it('keeps bodies apart that come in pieces at the same time, also those that stay open for long', async () => {
  const workspace = await openWorkspace(':memory:', { clock: Date.now });
  const bodies = keptBodies(workspace, 'b');
  const open = Array.from({ length: 40 }, () => ({ writer: bodies.open(), pieces: [] as Buffer[] }));
  const closed: { ref: string; bytes: Buffer }[] = [];
  // Some megabytes through an arena of 128 kB, in pieces below and above what gets a buffer of its own.
  for (let round = 0; round < 400; round += 1) {
    const one = open[round % open.length];
    if (one === undefined) continue;
    const piece = randomBytes(1 + ((round * 7_919) % 20_000));
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
