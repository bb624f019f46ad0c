import { fuzzEngine } from '../test/support/fuzz-engine.ts';

/**
 * `node scripts/fuzz-engine.ts [SECONDS] [SEED]`: random traffic, records, bridge messages and web requests against a real
 * web mode (default 300 s). Exit code 1 when the process, other traffic or an answer did not survive, when something
 * failed inside, or when one turn of the engine's thread took more than 250 ms of its own processor time.
 */
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const result = await fuzzEngine({ seed, seconds: Number(process.argv[2] ?? 300) });
console.log(JSON.stringify(result, null, 1));
const { wrong, exit, failures, longestTurn = 0 } = result;
process.exit(wrong.length + failures.length === 0 && exit === 0 && longestTurn <= 250 ? 0 : 1);
