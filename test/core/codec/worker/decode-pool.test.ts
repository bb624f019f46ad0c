import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { utf8 } from '../../../../core/codec/bytes.ts';
import { DEFAULT_LIMITS, decode, encodeNew, toData } from '../../../../core/codec/codec.ts';
import { parsePath } from '../../../../core/codec/path.ts';
import { fromPlainJson, toPlain } from '../../../../core/codec/typed.ts';
import { createDecodePool } from '../../../../core/frameworks/decode-pool.ts';
import { ProblemError } from '../../../../core/model/problem.ts';

const pool = createDecodePool({ threshold: 1000, size: 1 });
afterAll(() => pool.close());

const many = fromPlainJson(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key ${i}`, [i, `value ${i}`]])));
const big = encodeNew(many, ['base64', 'pickle']);
/** JSON that takes a while: some 400,000 values. */
const slow = utf8(`[{}${',[1,2,3]'.repeat(100_000)}]`);

it('gives the same as decoding here, from a thread', async () => {
  const found = await pool.decode(big);
  expect(found).toEqual(toData(decode(big)));
  expect(pool.threads).toBe(1);
  const small = await pool.decode(utf8('{"a":1}'));
  expect(small.layers).toEqual(['json']);
});

it('reads the largest session of the fixtures', async () => {
  const file = new URL(
    '../../../fixtures/webpy/disk/sessions/fa50a42ef3a3e9b7e53068b7118cb827ebdb6fff',
    import.meta.url,
  );
  const found = await pool.decode(readFileSync(file), { as: ['base64', 'pickle'] });
  expect(found.error).toBeUndefined();
  expect(found.value?.t).toBe('dict');
});

it('edits and finds places in the thread', async () => {
  const text = utf8(`{"a": 1, "pad": "${'x'.repeat(2000)}"}`);
  const made = await pool.applyEdits(text, [{ op: 'set', path: parsePath('a'), value: fromPlainJson(22) }]);
  expect(Buffer.from(made).toString().startsWith('{"a": 22, "pad"')).toBe(true);
  expect(await pool.spanOf(made, parsePath('a'))).toEqual({ inner: { start: 6, end: 8 }, outer: { start: 6, end: 8 } });
});

it('hands problems back as problems, and leaves the window free meanwhile', async () => {
  const text = utf8(`{"a": 1, "pad": "${'x'.repeat(2000)}"}`);
  const missing = pool.applyEdits(text, [{ op: 'delete', path: parsePath('nope') }]);
  await expect(missing).rejects.toMatchObject({ problem: { kind: 'no-such-place' } });
  await expect(pool.decode(big, { as: ['nope'] })).rejects.toBeInstanceOf(ProblemError);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const found = await pool.decode(slow);
  clearInterval(timer);
  expect(found.layers).toEqual(['json']);
  expect(turns).toBeGreaterThan(3);
});

it('can be cancelled while it runs, while it waits, and before; the next work goes on', async () => {
  const running = new AbortController();
  const waiting = new AbortController();
  const first = pool.decode(slow, { signal: running.signal });
  const second = pool.decode(slow, { signal: waiting.signal });
  const third = pool.decode(big);
  // The thread answers jobs in order, so one turn of the loop is enough to have the first one under way.
  await new Promise((next) => setImmediate(next));
  waiting.abort();
  await expect(second).rejects.toMatchObject({ problem: { kind: 'cancelled' } });
  running.abort();
  await expect(first).rejects.toMatchObject({ problem: { kind: 'cancelled' } });
  expect(Object.keys(toPlain((await third).value as never) as object)).toHaveLength(3000);
  const gone = AbortSignal.abort();
  await expect(pool.decode(big, { signal: gone })).rejects.toMatchObject({ problem: { kind: 'cancelled' } });
});

it('keeps its limits in the thread', async () => {
  const found = await pool.decode(slow, { limits: { ...DEFAULT_LIMITS, nodes: 1000 } });
  expect(found.error?.kind).toBe('limit-nodes');
  const deep = await pool.decode(utf8(`{"a":${'['.repeat(990)}${']'.repeat(990)}}`));
  expect(deep.layers).toEqual(['json']);
});

it('survives a thread that dies of memory', async () => {
  const small = createDecodePool({ threshold: 0, memory: 24, size: 1 });
  const huge = utf8(`[{}${',[1,2,3]'.repeat(240_000)}]`);
  // On a busy machine collecting garbage takes the thread longer than decodings may take otherwise.
  const limits = { ...DEFAULT_LIMITS, milliseconds: 600_000 };
  await expect(small.decode(huge, { limits })).rejects.toMatchObject({ problem: { kind: 'limit-memory' } });
  expect((await small.decode(utf8('{"a":1}'))).layers).toEqual(['json']);
  await small.close();
});

it('refuses work after it was closed, and ends what was under way', async () => {
  const short = createDecodePool({ threshold: 0 });
  const open = short.decode(slow);
  const refused = expect(open).rejects.toMatchObject({ problem: { kind: 'cancelled' } });
  await short.close();
  await refused;
  await expect(short.decode(big)).rejects.toMatchObject({ problem: { kind: 'cancelled' } });
  expect(short.threads).toBe(0);
});
