import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { acceptDirectly, holdReads, leaveReads, takeReads, withDirectReads } from '../../../core/proxy/direct-reads.ts';

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});

/** Both ends of a connection that read directly. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = new Promise<Socket>((resolve) => acceptDirectly(server, resolve));
  const { port } = server.address() as AddressInfo;
  const near = withDirectReads((onread) => connect({ port, host: '127.0.0.1', ...(onread && { onread }) }));
  const far = await accepted;
  far.resume();
  open.push(near, far, { destroy: () => server.close() });
  return [near, far];
}

it('every byte arrives once and in order, whatever the size of the pieces, and may be kept', async () => {
  const [near, far] = await pair();
  const sizes = [1, 300, 16_383, 16_384, 65_536, 700_000, 5, 40_000, 2_000_000, 17, 64];
  const sent = sizes.map((size) => randomBytes(size));
  const got: Buffer[] = [];
  let bytes = 0;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const all = new Promise<void>((resolve) => {
    takeReads(far, (piece) => {
      got.push(piece);
      bytes += piece.length;
      if (bytes === total) resolve();
    });
  });
  for (const piece of sent) {
    near.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
  expect(got.some((piece) => piece.length > 16_384)).toBe(true);
});

it('reads where it should when the first address of a name did not answer', async () => {
  const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lookup: LookupFunction = (_host, _options, done) => {
    done(null, [
      { address: '127.0.0.9', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
  };
  const near = withDirectReads((onread) =>
    connect({ port, host: 'x.test', lookup, autoSelectFamily: true, ...(onread && { onread }) }),
  );
  open.push(near, { destroy: () => server.close() });
  const [piece] = await once(near, 'data');
  expect(String(piece)).toBe('hello');
});

it('two connections do not read into each other', async () => {
  const [first, second] = [await pair(), await pair()];
  const got = ['', ''];
  const both = new Promise<void>((resolve) => {
    [first, second].forEach(([, far], i) => {
      takeReads(far, (piece) => {
        got[i] += piece.toString('latin1');
        if (got.every((text) => text.length === 2000)) resolve();
      });
    });
  });
  for (let i = 0; i < 100; i++) {
    first[0].write('a'.repeat(20));
    second[0].write('b'.repeat(20));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await both;
  expect(got).toEqual(['a'.repeat(2000), 'b'.repeat(2000)]);
});

it('what is put back comes first, and after leaving all goes through the stream', async () => {
  const [near, far] = await pair();
  const taken: string[] = [];
  far.unshift(Buffer.from('first '));
  const taker = (piece: Buffer) => void taken.push(piece.toString('latin1'));
  takeReads(far, taker);
  near.write('second');
  while (taken.join('') !== 'first second') await new Promise((resolve) => setImmediate(resolve));
  leaveReads(far, taker);
  const [piece] = await Promise.all([once(far, 'data'), near.write('third')]);
  expect(String(piece[0])).toBe('third');
  expect(taken.join('')).toBe('first second');
});

it('what is held comes to the one who takes the reads next, and holding does not grow without bounds', async () => {
  const [near, far] = await pair();
  holdReads(far);
  near.write('held ');
  while (far.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
  const taken: string[] = [];
  takeReads(far, (piece) => void taken.push(piece.toString('latin1')));
  far.resume();
  near.write('and taken');
  while (taken.join('') !== 'held and taken') await new Promise((resolve) => setImmediate(resolve));
  holdReads(far);
  near.write(Buffer.alloc(32 << 20));
  for (let before = -1; near.writableLength !== before; ) {
    before = near.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(far.readableLength).toBeLessThan(1 << 20);
});

it('a pause stops the sender, and the end is told', async () => {
  const [near, far] = await pair();
  let bytes = 0;
  takeReads(far, (piece) => {
    bytes += piece.length;
  });
  far.pause();
  const sending = Buffer.alloc(32 << 20);
  near.write(sending);
  for (let before = -1; near.writableLength !== before; ) {
    before = near.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(bytes).toBe(0);
  far.resume();
  near.end();
  await once(far, 'end');
  expect(bytes).toBe(sending.length);
});
