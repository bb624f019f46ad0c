import { expect, it } from 'vitest';
import { ReadQueue } from '../../../core/registry/read-queue.ts';

/** A queue whose reads end when the test says so. */
function queue(spacingMs = 0) {
  const reads: { key: string; after: string | undefined; end: (error?: Error) => void }[] = [];
  const errors: unknown[] = [];
  const made = new ReadQueue({
    spacingMs,
    onError: (error) => errors.push(error),
    read: (key, after) =>
      new Promise((resolve, reject) => {
        reads.push({ key, after, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  });
  return { made, reads, errors };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('reads four at once and the others as those end, each once', async () => {
  const { made, reads } = queue();
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'e', 'f']) made.ask(key);
  expect(reads.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
  reads[1]?.end();
  await turn();
  expect(reads.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e']);
  for (const { end } of [...reads]) end();
  await turn();
  reads.at(-1)?.end();
  await made.idle();
  expect(reads.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('a session that is asked for while it is read is read once more, after the flow that asked last', async () => {
  const { made, reads } = queue();
  made.ask('a', 0, 'f1');
  made.ask('a', 0, 'f2');
  made.ask('a', 50, 'f3');
  made.ask('a', 600_000);
  expect(reads).toHaveLength(1);
  reads[0]?.end();
  await turn();
  expect(reads.map(({ after }) => after)).toEqual(['f1', 'f3']);
  reads[1]?.end();
  await made.idle();
});

it('a failed read is told and holds nothing up', async () => {
  const { made, reads, errors } = queue();
  made.ask('a');
  reads[0]?.end(new Error('unexpected'));
  await made.idle();
  expect(errors).toMatchObject([{ message: 'unexpected' }]);
  made.ask('a');
  expect(reads).toHaveLength(2);
  reads[1]?.end();
  await made.idle();
});

it('reads at once when told to, and nothing after it is closed', async () => {
  const { made, reads } = queue(600_000);
  made.ask('a');
  reads[0]?.end();
  await turn();
  made.ask('a', 0, 'f1');
  expect(reads).toHaveLength(1);
  const now = made.now('a');
  await turn();
  expect(reads[1]).toMatchObject({ key: 'a', after: 'f1' });
  reads[1]?.end();
  await now;
  await made.idle();
  made.ask('b');
  made.ask('c', 600_000);
  reads[2]?.end();
  made.close();
  await made.idle();
  made.ask('d');
  expect(reads).toHaveLength(3);
});

it('never reads one session twice at the same time, so that the older state cannot come last', async () => {
  let reads = 0;
  let running = 0;
  let most = 0;
  const queue: ReadQueue = new ReadQueue({
    read: async () => {
      running += 1;
      most = Math.max(most, running);
      reads += 1;
      // While it reads, others ask again.
      if (reads < 5) queue.ask('a');
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    },
    onError: (error) => {
      throw error;
    },
    spacingMs: 0,
  });
  queue.ask('a');
  await Promise.all([queue.now('a'), queue.now('a'), queue.now('a')]);
  await queue.idle();
  expect(most).toBe(1);
});
