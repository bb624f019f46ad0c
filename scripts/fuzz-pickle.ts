import { fuzz } from '../test/core/codec/pickle/fuzz.ts';

/**
 * `node scripts/fuzz-pickle.ts [--seconds N] [--seed N]`: mutated pickles for a while (default 300 s). Exit code 1 when
 * one of them crashes, hangs or grows out of proportion; its bytes are printed. With `node --expose-gc` the growth of the
 * heap is what really stays.
 */
const seconds = numberAfter('--seconds', 300);
const seed = numberAfter('--seed', Date.now() % 2 ** 31);
const end = performance.now() + seconds * 1000;
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const { failures, ...counts } = fuzz(seed, () => performance.now() > end);
globalThis.gc?.();
const heapMb = (process.memoryUsage().heapUsed - before) / 2 ** 20;
console.log(JSON.stringify({ seed, seconds, ...counts, heapMb: Math.round(heapMb), failures: failures.length }));
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;

function numberAfter(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}
