import { expect, it } from 'vitest';
import { ReadBuffers } from '../../../core/proxy/read-buffers.ts';

const MB = 1 << 20;

it('asks for a collection of the young generation after each 8 MB of bodies', () => {
  const asked: unknown[] = [];
  const buffers = new ReadBuffers((options) => void asked.push(options));
  for (let i = 0; i < 64; i++) buffers.passed(MB / 2 - 1);
  expect(asked).toEqual([{ type: 'minor' }, { type: 'minor' }, { type: 'minor' }]);
});

it('200 MB of reads hold less than 24 MB', () => {
  const buffers = new ReadBuffers();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let i = 0; i < 3200; i++) {
    buffers.passed(Buffer.from(new ArrayBuffer(64 * 1024)).length);
    if (i % 16 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(most).toBeLessThan(24 * MB);
});
